"""Fixtures of the command line's tests: an empty home, and a function that runs a command in this process."""

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from engine.runs import Run, list_runs
from tests.worker_server import WorkerServer
from tui.cli.main import main

STARTERS = ("engine.runs.launch", "engine.runs.resume", "engine.runs.fork")
"""Modules that start workers."""


@pytest.fixture(scope="session")
def workers() -> Iterator[WorkerServer]:
    """Workers that start at once, one server a session."""
    with WorkerServer() as server:
        yield server


class Result(NamedTuple):
    """Exit code and output of a command."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line of stdout, which must be JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


Nnterm = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return an empty home, which replaces the user's own; workers that a test leaves running are killed."""
    folder = tmp_path / "home"
    monkeypatch.setenv("NNTERM_HOME", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield folder
    for run in list_runs(folder):
        if not run.is_over:
            psutil.Process(Run.open(run.name, folder).status().pid).kill()


@pytest.fixture
def nnterm(
    home: Path, capsys: pytest.CaptureFixture[str], workers: WorkerServer, monkeypatch: pytest.MonkeyPatch
) -> Nnterm:
    """Return a function that runs `nnterm` with its arguments and returns exit code and output.

    It runs in this process, and its workers are forked: separate processes are tested in tests/e2e and by the tests
    that start one.
    """
    monkeypatch.setattr("tui.cli.work_line.FIRST_IN_PIPE_S", float("inf"))  # whatever the machine's speed
    for name in STARTERS:
        monkeypatch.setattr(import_module(name), "start_worker", workers.start_worker)

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        code = main(arguments)
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return run
