"""A worker killed at random moments, 50 times: the run ends in the same bits as an undisturbed one."""

import contextlib
import os
import random
import signal
import sys
import time
from typing import Any

import pytest

from engine.events import AnyEvent, Checkpoint, Finished, Resumed
from engine.runs import Run, resume
from engine.runs.checkpoints import list_checkpoints
from engine.storage.weights import load_snapshot
from tests.trainings import epochs_to_come
from tests.waiting import wait_until
from tests.worker_server import WorkerServer

CYCLES = 50
SPARE = 250
"""Epochs, of 9,000 steps each, that are always left: more than a computer trains between two kills."""
OPTIONS: dict[str, Any] = {
    "layers": (24, 24),
    "optimizer": "adam",
    "lr": 0.001,
    "batch_size": 2,
    "patience": 1_000_000,
    "overrides": [
        "checkpoints.seconds=0.03",
        "data.samples=20000",
        'training.schedule={name="plateau", patience=0, gamma=0.9}',
    ],
}


def newest_step(run: Run) -> int:
    """Return the step of the newest checkpoint, 0 before the first one."""
    return max((step for step, _ in list_checkpoints(run.path)), default=0)


def last_checkpoint(run: Run) -> Any:
    return load_snapshot(list_checkpoints(run.path)[-1][1])


def kill(run: Run, pid: int) -> None:
    """Kill the worker now, and wait until the status shows it."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: run.status().is_over, "the killed worker to show as lost")


def pid_of_new_worker(run: Run, before: int) -> int:
    return int(wait_until(lambda: run.status().pid not in (0, before) and run.status().pid, "a worker"))


def disturb(run: Run, rng: random.Random) -> list[int]:
    """Kill the worker of `run` CYCLES times and return the newest checkpoint's step after each kill.

    A third of the kills come while the worker starts, a third at a random moment of training, and a third
    at a random moment after a new checkpoint, so that the run advances on a slow computer too.
    """
    pid, steps = 0, []
    for kills in range(CYCLES):
        if kills:
            status = run.status()
            scarce = status.epochs - status.epoch < SPARE
            resume(run, {"training.epochs": status.epoch + 2 * SPARE} if scarce else None)
        pid, before = pid_of_new_worker(run, pid), newest_step(run)
        if kills % 3:
            wait_until(lambda: run.status().state != "starting", "the training to begin")
        if kills % 3 == 1:
            wait_until(lambda before=before: newest_step(run) > before, "a checkpoint")
        time.sleep(rng.random() * 0.05)
        kill(run, pid)
        assert run.status().state == "lost"
        steps.append(newest_step(run))
    return steps


def test_fifty_kills_change_no_bit(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with WorkerServer() as server:
        monkeypatch.setattr(sys.modules["engine.runs.resume"], "start_worker", server.start_worker)
        run = stage.launch(**OPTIONS, epochs=2 * SPARE)
        steps = disturb(run, random.Random(4))
        assert len(set(steps)) > CYCLES / 4
        epochs = epochs_to_come(run)
        resume(run, {"training.epochs": epochs})
        undisturbed = stage.launch(**OPTIONS, epochs=epochs)
        status = stage.when(run, "finished")
        stage.when(undisturbed, "finished")
    one, other = last_checkpoint(undisturbed), last_checkpoint(run)
    assert one.network.theta.tobytes() == other.network.theta.tobytes()
    assert one.best_state.tobytes() == other.best_state.tobytes()
    for name, vector in one.optimizer_state.vectors.items():
        assert vector.tobytes() == other.optimizer_state.vectors[name].tobytes()
    finished = [event for event in run.events() if isinstance(event, Finished)]
    assert len(finished) == 1
    reference = next(event for event in undisturbed.events() if isinstance(event, Finished))
    for name in ("train_loss", "validation_loss", "test_loss", "test_accuracy", "steps", "epochs"):
        assert getattr(finished[0], name) == getattr(reference, name)
    assert status.best_validation_loss == undisturbed.status().best_validation_loss
    assert run.network().theta.tobytes() == undisturbed.network().theta.tobytes()
    follower = run.follow()
    told: list[AnyEvent] = []
    while follower.has_more:  # a single poll ends where events were rolled back
        told += follower.poll()
    assert follower.bad_lines == 0
    assert any(isinstance(event, Resumed) for event in told)
    assert any(
        isinstance(event, Checkpoint) for event in told
    )  # amid an epoch too, unless that ends within a chunk
