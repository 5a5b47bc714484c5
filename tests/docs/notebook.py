"""Execution of a notebook's code cells in this process, as in Jupyter: printed text, and the last expression's value.

A kernel (ipykernel, nbclient and some thirty packages behind them, sockets included) would give the same output for
cells that neither draw nor ask for input. `python -m tests.docs.notebook FILE` writes the outputs into the file.
"""

import ast
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

Notebook = dict[str, Any]


def read(path: Path) -> Notebook:
    """Return the notebook as it is stored."""
    notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def code_cells(notebook: Notebook) -> list[dict[str, Any]]:
    """Return the code cells in order."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def execute(notebook: Notebook) -> list[list[dict[str, Any]]]:
    """Run all code cells in one namespace and return each one's outputs; exceptions of a cell are passed on."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    return [
        _execute("".join(cell["source"]), number, namespace)
        for number, cell in enumerate(code_cells(notebook), 1)
    ]


def _execute(source: str, number: int, namespace: dict[str, Any]) -> list[dict[str, Any]]:
    tree = ast.parse(source, f"<cell {number}>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, f"<cell {number}>", "exec"), namespace)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"<cell {number}>", "eval"), namespace)
    outputs: list[dict[str, Any]] = []
    if printed.getvalue():
        text = printed.getvalue().splitlines(keepends=True)
        outputs.append({"name": "stdout", "output_type": "stream", "text": text})
    if value is not None:
        data = {"text/plain": repr(value).splitlines(keepends=True)}
        result = {"data": data, "execution_count": number, "metadata": {}, "output_type": "execute_result"}
        outputs.append(result)
    return outputs


def main(path: Path) -> None:
    """Run the notebook and store the outputs of its cells."""
    notebook = read(path)
    for number, (cell, outputs) in enumerate(zip(code_cells(notebook), execute(notebook), strict=True), 1):
        cell["outputs"], cell["execution_count"] = outputs, number
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
