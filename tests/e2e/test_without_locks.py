"""Real workers on a file system that has no locks: the heartbeat of one alone keeps a second one away."""

import errno
import os
import subprocess
import sys
from typing import Any

import pytest

from engine.errors import RunError
from engine.events import Started
from engine.experiment.experiment import Experiment
from engine.runs import Run, resume
from tests.e2e.conftest import Stage
from tests.trainings import ENDLESS
from tests.waiting import PATIENCE_S

WORK = """
import errno, fcntl, os, sys

def refuse(descriptor, operation):
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

fcntl.flock = refuse
from engine.runs.worker import main
raise SystemExit(main(sys.argv[1:]))
"""


def start(run: Run) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WORK, str(run.path)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )


@pytest.fixture
def run(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that waits for its worker, in a home without locks for this process too."""

    def refuse(descriptor: Any, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)
    endless = Experiment.quick("moons", [4], optimizer="sgd", lr=0.01, epochs=ENDLESS, batch_size=64)
    run = Run.create(endless, stage.home)
    stage.runs.append(run)
    return run


def test_one_worker_at_a_time_and_the_next_one_after_it_was_killed(
    run: Run, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start(run)
    assert stage.when(run, "running", step=1).pid == first.pid
    second = start(run)
    with pytest.raises(RunError):
        resume(run)
    complaint = second.communicate(timeout=PATIENCE_S)[1]
    assert (second.returncode, f"in use by process {first.pid}" in complaint) == (2, True), complaint
    assert run.status().pid == first.pid
    first.kill()
    first.communicate()
    assert run.status().state == "lost"
    third: list[subprocess.Popen[str]] = []
    monkeypatch.setattr(
        sys.modules["engine.runs.resume"], "start_worker", lambda run: third.append(start(run))
    )
    resume(run)
    run.command("stop")
    assert third[0].communicate(timeout=PATIENCE_S)[1] == ""
    assert third[0].returncode == 0
    assert run.status().state == "stopped"
    told = [event for event in run.events() if isinstance(event, Started)]
    assert [event.pid for event in told] == [first.pid, third[0].pid]
