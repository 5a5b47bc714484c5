"""A new command is one file and one row of COMMANDS; a file that cannot be imported disables only its own command."""

from pathlib import Path

import pytest

from tests.tui.cli.conftest import Nnterm
from tui.cli.commands import COMMANDS

TOY = '''
from typing import Annotated

import typer

from tui.cli import output


def greet(name: Annotated[str, typer.Argument(metavar="NAME", help="A name.")], twice: bool = False) -> int:
    """Greet someone."""
    output.line(f"hello {name}" * (1 + twice))
    return output.ExitCode.NO
'''


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a sound command and broken ones, and register them."""
    sources = {"sound": TOY, "divided": "1 / 0\n", "torn": "def torn(:\n", "empty": ""}
    for name, source in sources.items():
        (tmp_path / f"toy_{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(COMMANDS, "greet", "toy_sound:greet")
    for name in ("missing", "divided", "torn", "empty"):
        monkeypatch.setitem(COMMANDS, name, f"toy_{name}:command")


def test_it_runs_is_listed_has_help_and_is_suggested(nnterm: Nnterm) -> None:
    assert nnterm("greet", "Ada")[:2] == (1, "hello Ada\n")
    assert "  greet     Greet someone.\n" in nnterm("--help").out
    shown = nnterm("greet", "-h").out
    assert shown.startswith("Usage: nnterm greet [OPTIONS] ")
    assert "\n  Greet someone.\n" in shown
    assert "Did you mean 'greet'?" in nnterm("gret").err
    refused = nnterm("greet", "--thrice", "Ada")
    assert (refused.code, refused.err.splitlines()[-1]) == (2, "hint:  see nnterm greet --help")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing", "ModuleNotFoundError: No module named 'toy_missing'"),
        ("divided", "ZeroDivisionError: division by zero"),
        ("torn", "SyntaxError: invalid syntax"),
        ("empty", "AttributeError: module 'toy_empty' has no attribute 'command'"),
    ],
)
def test_a_broken_one_is_reported_and_the_others_work(nnterm: Nnterm, name: str, reason: str) -> None:
    result = nnterm(name, "some", "--arguments=3", "--json")
    assert result.code == 1
    assert result.err.startswith(f"error: the command {name} cannot be loaded: {reason}")
    assert result.err.splitlines()[1] == f'hint:  python -c "import toy_{name}" shows the traceback'
    assert [line["type"] for line in result.lines] == ["error"]
    assert f"  {name:<9} Cannot be loaded: {reason.partition(':')[0]}" in nnterm("--help").out
    assert nnterm("data", "list").code == 0
