"""Runs whose surroundings fail: watching apps killed, disks full, processes stopped; the bits stay the same."""

import os
import resource
import signal
import sys
from typing import Any

from engine.runs import Run, resume
from tests.trainings import ENDLESS, epochs_to_come
from tests.tui.cli.terminal import Terminal
from tests.waiting import wait_until

APP = [sys.executable, "-c", "import sys; from tui.app import run_app; sys.exit(run_app())"]
OPTIONS: dict[str, Any] = {
    "layers": (32, 32),
    "optimizer": "adam",
    "lr": 0.001,
    "batch_size": 4,
    "overrides": ["checkpoints.seconds=0.05", "data.samples=20000"],
}


def weights(run: Run) -> bytes:
    return run.network().theta.tobytes()


def ends_as_undisturbed(stage: Any, run: Run) -> None:
    """Resume `run` to the end of the epoch that it is in; its weights are those of a run of so many epochs."""
    epochs = epochs_to_come(run)
    resume(run, {"training.epochs": epochs})
    undisturbed = stage.launch(**OPTIONS, epochs=epochs)
    stage.when(run, "finished")
    stage.when(undisturbed, "finished")
    assert weights(run) == weights(undisturbed)


def test_apps_that_are_killed_leave_the_worker_and_its_bits_alone(stage: Any) -> None:
    undisturbed = stage.launch(**OPTIONS, epochs=2)
    run = stage.launch(**OPTIONS, epochs=2, held=True)
    pid = stage.when(run, "paused").pid
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
    stage.when(undisturbed, "finished")
    assert weights(run) == weights(undisturbed)


def test_a_run_that_a_full_disk_ended_continues_where_there_is_room(stage: Any) -> None:
    run = stage.launch(**OPTIONS, epochs=ENDLESS)
    status = stage.when(run, "running", step=500)
    limit = (run.path / "events.jsonl").stat().st_size + 2000
    resource.prlimit(status.pid, resource.RLIMIT_FSIZE, (limit, limit))
    stage.gone(stage.when(run, "failed"))
    ends_as_undisturbed(stage, run)  # with a new process, without the limit


def test_stopped_hung_up_and_terminated_it_ends_in_the_same_bits(stage: Any) -> None:
    run = stage.launch(**OPTIONS, epochs=ENDLESS)
    status = stage.when(run, "running", step=100)
    os.kill(status.pid, signal.SIGSTOP)
    os.kill(status.pid, signal.SIGHUP)
    os.kill(status.pid, signal.SIGCONT)
    status = stage.when(run, "running", step=run.status().step + 100)
    os.kill(status.pid, signal.SIGTERM)
    stage.gone(stage.when(run, "stopped"))
    ends_as_undisturbed(stage, run)
