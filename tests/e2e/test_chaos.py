"""A worker killed at random moments, over and over: the run ends in the same bits as one that nobody disturbed."""

import contextlib
import os
import random
import signal
import time
from typing import Any

from engine.events import Checkpoint, Finished, Resumed
from engine.runs import Run, resume
from engine.runs.checkpoints import list_checkpoints
from engine.storage.weights import load_snapshot
from tests.e2e.conftest import wait_until

CYCLES = 50
OPTIONS: dict[str, Any] = {
    "layers": (24, 24),
    "optimizer": "adam",
    "lr": 0.001,
    "epochs": 24,
    "batch_size": 32,
    "schedule": "cosine",
    "patience": 24,
    "overrides": ["checkpoints.seconds=0.03", "data.samples=60000"],
}


def last_checkpoint(run: Run) -> Any:
    return load_snapshot(list_checkpoints(run.path)[-1][1])


def kill(run: Run, pid: int) -> None:
    """Kill the worker now, and wait until its end shows."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: run.status().is_over, "the killed worker to show as lost")


def pid_of_new_worker(run: Run, before: int) -> int:
    return int(wait_until(lambda: run.status().pid not in (0, before) and run.status().pid, "a worker"))


def test_fifty_kills_change_no_bit(stage: Any) -> None:
    rng = random.Random(4)
    undisturbed = stage.launch(**OPTIONS)
    stage.when(undisturbed, "finished")
    run = stage.launch(**OPTIONS)
    kills, pid, steps = 0, 0, []
    while kills < CYCLES and run.status().state != "finished":
        pid = pid_of_new_worker(run, pid)
        if rng.random() < 0.8:  # else it is killed while it reads data or restores a checkpoint
            wait_until(lambda: run.status().state != "starting", "the training to begin")
        time.sleep(rng.random() * 0.22)
        kill(run, pid)
        kills += 1
        if run.status().state == "lost":
            steps.append(run.status().step)
            resume(run)
    assert kills == CYCLES
    status = stage.when(run, "finished")
    assert len(set(steps)) > CYCLES / 4  # most kills hit a training that had come further
    one, other = last_checkpoint(undisturbed), last_checkpoint(run)
    assert one.network.theta.tobytes() == other.network.theta.tobytes()
    assert one.best_theta.tobytes() == other.best_theta.tobytes()
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
    told = follower.poll(1 << 30)
    assert follower.bad_lines == 0
    assert any(isinstance(event, Resumed) for event in told)
    assert any(
        isinstance(event, Checkpoint) for event in told
    )  # amid an epoch too, unless that ends within a chunk
