"""The command blocks of the documentation, read and run: shell lines in this process, Python blocks by `exec`.

A block is marked by a comment in the line above it:

    <!-- not run: needs a second machine -->      neither run nor parsed; the reason is shown as a skip
    <!-- parsed only: takes minutes -->           the options of its commands must exist

`RUN` stands for the newest run, a second one in a line for the run before. A line that fails by design says so in its
comment: "(exit code 2)". To take seconds, trainings without a number of epochs have two, commands that take MNIST or an
experiment file get 300 of its samples, checks leave PyTorch out, unless it is what they are about, views
show the few validation samples, and what takes long by its nature is parsed only: see PARSED.
"""

import ast
import contextlib
import io
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.numpy_network import main as toolkit
from engine.runs import list_runs
from tui.cli.commands import LoadedCommands
from tui.cli.main import main

ROOT = Path(__file__).parents[2]
FEW = ("--limit", "300")
TAKE_DATA = {"train", "check", "diagnose", "try"}
"""Commands that take the options of an experiment."""
PARSED = {
    "attach": "it needs a run that trains",
    "bench": "it takes minutes",
    "demo": "it trains MNIST; tests/e2e runs it",
    "devices": "it starts PyTorch in another process; tests/tui/cli/test_devices.py runs it",
    "doctor": "it needs a run that trains",
    "try": "it takes seconds; tests/tui/cli/test_trial.py runs it",
}
"""Commands whose options are checked, and which are not run, with the reason."""
SLOW_VIEWS = {"--all", "--landscape", "--robustness"}
"""Views of `nnterm inspect` that take seconds; tests/engine/inspection computes them."""
_MARK = re.compile(r"<!-- (not run|parsed only): (.+) -->")
_CODE = re.compile(r"\(exit code (\d)\)")
_LANGUAGES = {"sh", "bash", "console", "python"}


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str
    mark: str = ""
    """"not run", "parsed only", or empty."""
    reason: str = ""


@dataclass(frozen=True)
class Command:
    """One line of a shell block: commands joined by pipes."""

    parts: tuple[tuple[str, ...], ...]
    into: str
    """The file after `>`; empty without."""
    code: int
    """The documented exit code."""


def blocks_of(page: Path) -> list[Block]:
    """Return the shell and Python blocks of a page."""
    found: list[Block] = []
    lines = page.read_text(encoding="utf-8").splitlines()
    start: int | None = None
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if start is None:
            start = number
            continue
        language = lines[start][3:].strip()
        if language in _LANGUAGES:
            mark = _MARK.search(lines[start - 1]) if start else None
            text = "\n".join(lines[start + 1 : number])
            found.append(Block(page.name, start + 1, language, text, *(mark.groups() if mark else ())))
        start = None
    return found


def unmarked_commands(page: Path) -> list[str]:
    """Return lines that start with `nnterm` in blocks without a language, which no test would run."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    bare = [text for language, text in blocks if language not in _LANGUAGES]
    return [line for text in bare for line in text.splitlines() if line.startswith("nnterm ")]


def commands_of(block: Block) -> Iterator[Command]:
    """Yield the commands of a shell block."""
    for line in block.text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        into = ""
        if ">" in words:
            at = words.index(">")
            words, into = words[:at], words[at + 1]
        parts: list[list[str]] = [[]]
        for word in words:
            if word == "|":
                parts.append([])
            else:
                parts[-1].append(word)
        code = _CODE.search(line)
        yield Command(tuple(map(tuple, parts)), into, int(code[1]) if code else 0)


class Shell:
    """Runs the commands of a page, one after the other, in the current folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.names: dict[str, Any] = {"__name__": "__main__"}

    def run(self, block: Block) -> None:
        """Run a block; AssertionError names a command that does not do what the page says."""
        if block.language == "python":
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(block.text, f"<{block.page}:{block.line}>", "exec"), self.names)
            return
        for command in commands_of(block):
            self._run(command, f"{block.page}:{block.line}")

    def _run(self, command: Command, where: str) -> None:
        text = ""
        for part in command.parts:
            words = self._with_runs(part)
            place = f"{where}: {' '.join(words)}"
            if words[:2] == ["python", "-c"]:
                exec(words[2], {})
                continue
            if words == ["nnterm"]:
                continue  # the app, which needs a terminal
            if words[0] == "nnterm" and _is_slow(words):
                parse(words[1:])
                continue
            code, text, errors = _in_process(_shrunk(words), text, place)
            assert code == command.code, f"{place}: exit code {code}\n{text[-500:]}\n{errors}"
        if command.into:
            Path(command.into).write_text(text, encoding="utf-8")

    def _with_runs(self, words: Sequence[str]) -> list[str]:
        """Return the words with RUN replaced by the newest run, a second one by the run before."""
        names = iter([run.name for run in list_runs(self.home)])
        return [next(names) if word == "RUN" else word for word in words]


def _is_slow(words: Sequence[str]) -> bool:
    uses_torch = "torch" in words  # in another process
    return words[1] in PARSED or uses_torch or (words[1] == "inspect" and bool(SLOW_VIEWS & {*words}))


def parse(words: Sequence[str]) -> None:
    """Check that a command and its options exist."""
    name, *rest = words
    command = LoadedCommands()[name]
    if hasattr(command, "commands") and rest and rest[0] in command.commands:
        command, rest = command.commands[rest[0]], rest[1:]
    command.make_context(name, ["X" if word.isupper() else word for word in rest])


def parse_block(block: Block) -> None:
    """Check that the commands of a shell block exist, or that the names of a Python block do."""
    if block.language == "python":
        import engine

        for node in ast.walk(ast.parse(block.text)):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "engine"
            ):
                assert hasattr(engine, node.attr), f"{block.page}:{block.line}: engine.{node.attr}"
        return
    for command in commands_of(block):
        for part in command.parts:
            if part[0] == "nnterm" and len(part) > 1:
                parse(part[1:])


def _shrunk(words: list[str]) -> list[str]:
    """Return a command that does the same in less time."""
    has_file = any(word.endswith(".toml") or word == "-" for word in words)
    takes_mnist = "mnist" in words or has_file
    name = words[1] if words[0] == "nnterm" else words[3]
    more: list[str] = []
    if takes_mnist and name in TAKE_DATA and words[0] == "nnterm":  # the toolkit gets few by the test's patch
        more += FEW
    if name == "train" and "--epochs" not in words and not has_file:
        more += ["--epochs", "2"]
    if name == "check" and not {"--steps", "--explain"} & {*words}:
        more += ["--no-torch"]
    if name == "inspect" and "--split" not in words:
        more += ["--split", "validation"]
    return [*words, *more]


def _in_process(words: list[str], given: str, place: str) -> tuple[int, str, str]:
    """Run a command with text on standard input; return exit code, output and errors."""
    out, errors = io.StringIO(), io.StringIO()
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(given.encode()))
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            if words[0] == "nnterm":
                return main(words[1:]), out.getvalue(), errors.getvalue()
            assert words[:3] == ["python", "-m", "engine.numpy_network"], f"{place}: mark it as not run"
            return toolkit(words[3:]), out.getvalue(), errors.getvalue()
    finally:
        sys.stdin = before
