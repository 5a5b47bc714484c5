"""The notebook runs, its asserts hold, and its stored outputs are current."""

import json
from pathlib import Path

import pytest

from tests.docs.notebook import code_cells, execute, read

NOTEBOOK = Path(__file__).parents[2] / "docs" / "pytorch_autograd.ipynb"


def test_every_cell_runs_and_its_stored_output_is_what_it_gives() -> None:
    notebook = read(NOTEBOOK)
    for cell, outputs in zip(code_cells(notebook), execute(notebook), strict=True):
        assert cell["outputs"] == outputs, "stale: python -m tests.docs.notebook docs/pytorch_autograd.ipynb"


def test_it_is_a_notebook_of_format_4_whose_cells_were_run_in_order() -> None:
    notebook = read(NOTEBOOK)
    assert (notebook["nbformat"], notebook["nbformat_minor"] >= 5) == (4, True)
    identities = [cell["id"] for cell in notebook["cells"]]
    assert len(set(identities)) == len(identities)
    assert [cell["execution_count"] for cell in code_cells(notebook)] == [
        *range(1, len(code_cells(notebook)) + 1)
    ]
    assert all({"cell_type", "metadata", "source"} <= cell.keys() for cell in notebook["cells"])


def test_it_shows_what_it_promises() -> None:
    text = json.dumps(read(NOTEBOOK))
    for word in ("requires_grad", "backward()", "torch.allclose", "chain rule", "check_gradients", "culprit"):
        assert word in text


@pytest.mark.parametrize("source", ["assert 1 == 2", "raise ValueError('no')", "1 / 0"])
def test_a_cell_that_fails_fails_the_test(source: str) -> None:
    with pytest.raises((AssertionError, ValueError, ZeroDivisionError)):
        execute({"cells": [{"cell_type": "code", "source": [source]}]})


def test_the_output_of_a_cell() -> None:
    cell = {"cell_type": "code", "source": ["a = 3\n", "print('x')\n", "a + 1"]}
    stream, result = execute({"cells": [cell]})[0]
    assert stream["text"] == ["x\n"]
    assert result["data"] == {"text/plain": ["4"]}
    assert execute({"cells": [{"cell_type": "code", "source": ["a = 3"]}]}) == [[]]
