"""What the command line's tests share: a home of their own and a way to run a command in this process."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tui.cli.main import main

sys.path.insert(0, str(Path(__file__).parents[3]))  # so that `tests.tui.cli.fakes` can be imported


class Result(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line of stdout, which must be JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


Nnterm = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home; the user's own is out of reach."""
    folder = tmp_path / "home"
    monkeypatch.setenv("NNTERM_HOME", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def nnterm(home: Path, capsys: pytest.CaptureFixture[str]) -> Nnterm:
    """Run `nnterm` with these arguments and return its exit code and what it wrote."""

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        code = main(arguments)
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return run
