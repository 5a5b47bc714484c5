"""Runs whose surroundings fail: watching apps killed, disks full, processes stopped; the bits stay the same."""

import os
import resource
import signal
import sys
from typing import Any

from engine.runs import Run, resume
from tests.e2e.conftest import wait_until
from tests.tui.cli.terminal import Terminal

APP = [sys.executable, "-c", "import sys; from tui.app import run_app; sys.exit(run_app())"]
OPTIONS: dict[str, Any] = {
    "layers": (32, 32),
    "optimizer": "adam",
    "lr": 0.001,
    "epochs": 24,
    "batch_size": 32,
    "overrides": ["checkpoints.seconds=0.05", "data.samples=20000"],
}


def weights(run: Run) -> bytes:
    return run.network().theta.tobytes()


def test_apps_that_are_killed_leave_the_worker_and_its_bits_alone(stage: Any) -> None:
    undisturbed = stage.launch(**OPTIONS)
    stage.when(undisturbed, "finished")
    run = stage.launch(**OPTIONS)
    pid = stage.when(run, "running").pid
    run.command("pause")
    stage.when(run, "paused")
    for _ in range(2):
        with Terminal(APP, 140, 45, NNTERM_HOME=str(stage.home)) as one:
            one.wait_for("6 Runs")
            one.press("6")
            one.wait_for(run.name)
            one.press("\r")
            one.wait_for("chance")  # on the Train screen alone
            before = run.status().step
            one.press("s")
            wait_until(lambda step=before: run.status().step > step, "the app's single step")
            one.process.send_signal(signal.SIGKILL)
            assert one.process.wait(30) == -signal.SIGKILL
        assert run.status().pid == pid
        assert run.status().state == "paused"
    run.command("resume")
    assert stage.when(run, "finished").pid == pid
    assert weights(run) == weights(undisturbed)


def test_a_run_that_a_full_disk_ended_goes_on_where_there_is_room(stage: Any) -> None:
    undisturbed = stage.launch(**OPTIONS)
    stage.when(undisturbed, "finished")
    run = stage.launch(**OPTIONS)
    status = stage.when(run, "running", step=500)
    limit = (run.path / "events.jsonl").stat().st_size + 2000
    resource.prlimit(status.pid, resource.RLIMIT_FSIZE, (limit, limit))
    stage.gone(stage.when(run, "failed"))
    resume(run)  # a new process, without the limit
    stage.when(run, "finished")
    assert weights(run) == weights(undisturbed)


def test_stopped_hung_up_and_terminated_it_ends_in_the_same_bits(stage: Any) -> None:
    undisturbed = stage.launch(**OPTIONS)
    stage.when(undisturbed, "finished")
    run = stage.launch(**OPTIONS)
    status = stage.when(run, "running", step=100)
    os.kill(status.pid, signal.SIGSTOP)
    os.kill(status.pid, signal.SIGHUP)
    os.kill(status.pid, signal.SIGCONT)
    status = stage.when(run, "running", step=run.status().step + 100)
    os.kill(status.pid, signal.SIGTERM)
    stage.gone(stage.when(run, "stopped"))
    resume(run)
    stage.when(run, "finished")
    assert weights(run) == weights(undisturbed)
