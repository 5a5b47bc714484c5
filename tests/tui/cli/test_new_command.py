"""A new command is one file and one row of COMMANDS; a file that cannot be imported disables only its own command."""

from pathlib import Path

import pytest

from tests.toys.command import ROW
from tests.tui.cli.conftest import Nnterm
from tui.cli.registry import COMMANDS


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Register the toy command, and commands whose files are broken."""
    monkeypatch.setitem(COMMANDS, *ROW)
    sources = {"divided": "1 / 0\n", "torn": "def torn(:\n", "empty": ""}
    for name, source in sources.items():
        (tmp_path / f"toy_{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("missing", "divided", "torn", "empty"):
        monkeypatch.setitem(COMMANDS, name, f"toy_{name}:command")


def test_it_runs_is_listed_has_help_and_is_suggested(nnterm: Nnterm) -> None:
    assert nnterm("greet", "Ada") == (0, "hello Ada\n", "")
    assert nnterm("greet", "Ada", "--json").lines == [{"type": "greeting", "name": "Ada"}]
    assert "  greet       Greet someone by name.\n" in nnterm("--help").out.partition("Other:")[2]
    shown = nnterm("greet", "-h").out
    assert shown.startswith("Usage: nnterm greet [OPTIONS] ")
    assert "\n  Greet someone by name.\n" in shown
    assert 'did you mean "greet"?' in nnterm("gret").err
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
    assert f"  {name:<11} Cannot be loaded: {reason.partition(':')[0]}" in nnterm("--help").out
    assert nnterm("data", "list").code == 0
