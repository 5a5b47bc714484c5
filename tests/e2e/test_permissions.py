"""Homes that may be read but not written, and folders that may not even be read, as anybody but root meets them."""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.experiment.experiment import Experiment
from engine.runs import Run, worker

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2

COMMANDS = """
import contextlib, io, json, sys
from tui.cli.main import main

said = []
for command in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(command)
    said.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(said))
"""


class Said(NamedTuple):
    """The end of a command."""

    code: int
    out: str
    err: str


def heed_permissions() -> None:
    """Let the process that is about to start be bound by permissions, though root started it."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def said_by(*commands: list[str]) -> list[Said]:
    """Run commands, all in one process that heeds permissions."""
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, json.dumps(commands)],
        capture_output=True,
        text=True,
        preexec_fn=heed_permissions,
        check=True,
    )
    return [Said(*answer) for answer in json.loads(done.stdout)]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A finished run, made in this process."""

    class Idle:
        is_requested = False

    run = Run.create(Experiment.quick("moons", [4], epochs=2), tmp_path, name="mine")
    worker.work(run, Idle())  # type: ignore[arg-type]
    return run


@pytest.mark.skipif(sys.platform == "darwin" and os.geteuid() == 0, reason="root may do everything there")
def test_what_may_only_be_read_is_shown_and_not_resumed(run: Run, tmp_path: Path) -> None:
    paths = [run.path, *run.path.rglob("*")]
    for path in paths:
        path.chmod(0o500 if path.is_dir() else 0o400)
    content = {path: path.read_bytes() for path in paths if path.is_file()}
    home = ["--home", str(tmp_path)]
    more = ["--set", "training.epochs=4"]
    shown, listed, judged, looked, resumed = said_by(
        ["show", "mine", *home],
        ["runs", *home],
        ["evaluate", "mine", *home],
        ["inspect", "mine", *home],
        ["resume", "mine", *more, *home],
    )
    for path in paths:
        path.chmod(0o700)
    assert [answer.code for answer in (shown, listed, judged, looked)] == [0] * 4, (
        shown,
        listed,
        judged,
        looked,
    )
    assert "finished" in shown.out
    assert "finished" in listed.out
    assert "test" in judged.out
    assert "newest" in looked.out
    assert (resumed.code, resumed.out) == (2, "")
    assert resumed.err.startswith("error: ")
    assert "Permission denied" in resumed.err
    assert "Traceback" not in resumed.err
    assert {path: path.read_bytes() for path in paths if path.is_file()} == content


@pytest.mark.skipif(sys.platform == "darwin" and os.geteuid() == 0, reason="root may do everything there")
def test_what_may_not_be_read_is_damaged_and_the_others_are_listed(run: Run, tmp_path: Path) -> None:
    Run.create(Experiment.quick("xor", [2]), tmp_path, name="secret").path.chmod(0)
    home = ["--home", str(tmp_path)]
    listed, shown = said_by(["runs", *home], ["show", "secret", *home])
    (run.path.parent / "secret").chmod(0o700)
    assert listed.code == 0
    assert "mine" in listed.out
    assert "damaged" in next(line for line in listed.out.splitlines() if "secret" in line)
    assert shown.code == 2
    assert "Permission denied" in shown.err
    assert "Traceback" not in shown.err
