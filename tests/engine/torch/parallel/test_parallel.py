"""Two real processes that share each batch through gloo: the figures of a single one, and the loss of a process."""

import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.events import Failed, Finished, Started, Steps
from engine.experiment.experiment import Experiment
from engine.runs import Run, worker
from engine.runs.checkpoints import list_checkpoints
from engine.runs.resume import resume
from engine.storage.weights import load_snapshot
from tests.trainings import ENDLESS, epochs_to_come
from tests.waiting import PATIENCE_S, wait_until

MIXED = (
    'network.layers=[{type="dense", units=12}, {type="batchnorm", activation="relu"}, '
    '{type="dropout", rate=0.3}, {type="dense", units=1}]'
)
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    ["engine.torch.backend.torch_backend", "engine.runs.worker", "torch._dynamo", "torch.optim", "psutil"]
)
"""Imported once by the process that the others are forked from, instead of in each, which takes a second."""


def train(folder: str, environment: dict[str, str]) -> None:
    """Run as one process of a run, as torchrun starts it."""
    os.environ.update(environment)
    log = os.open(f"{folder}/worker.log", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    os.dup2(log, 2)
    sys.exit(worker.main([folder]))


class Pair:
    """Runs with two processes each."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.processes: list[ForkServerProcess] = []

    def create(self, name: str, **options: Any) -> Run:
        defaults: dict[str, Any] = {"optimizer": "sgd", "lr": 0.05, "momentum": 0.9, "dtype": "float64"}
        experiment = Experiment.quick("moons", [12], backend="torch", device="cpu", **{**defaults, **options})
        return Run.create(experiment, self.home, name)

    def start(self, run: Run, size: int = 2) -> None:
        """Start the processes of a run; a single one is an ordinary worker."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        shared = {"WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        shared["GLOO_SOCKET_IFNAME"] = "lo"
        for rank in range(size):
            environment = {**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)}
            process = CONTEXT.Process(target=train, args=(str(run.path), environment))
            process.start()
            self.processes.append(process)

    def finish(self, run: Run, size: int = 2) -> Any:
        """Run to the end and return the last event."""
        self.start(run, size)
        self.gone()
        *_, last = run.events()
        return last

    def trains(self, run: Run, beyond: int = 0) -> int:
        """Wait until more than `beyond` updates are made, and return their number."""
        wait_until(lambda: run.status().step > beyond, f"{run.name} to train")
        return run.status().step

    def gone(self) -> None:
        """Wait for all processes to end."""
        for process in self.processes:
            process.join(PATIENCE_S)
            assert process.exitcode is not None

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.join()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """Return a pair; its processes end with the test."""
    pair = Pair(tmp_path)
    yield pair
    pair.close()


def figures(run: Run) -> list[float]:
    events = list(run.events())
    finished = events[-1]
    assert isinstance(finished, Finished), finished
    names = [f"{split}_{what}" for split in ("train", "validation", "test") for what in ("loss", "accuracy")]
    losses = [
        loss for event in events if isinstance(event, Steps) for loss in event.losses if loss is not None
    ]
    return [*losses, *(getattr(finished, name) for name in names)]


def test_two_processes_give_the_figures_of_one(pair: Pair) -> None:
    """With 900 samples in batches of 31 the last batch has one sample, and the first process none of it."""
    options: dict[str, Any] = {"epochs": 3, "batch_size": 31, "clip_norm": 0.5, "overrides": [MIXED]}
    one, two = pair.create("one", **options), pair.create("two", **options)
    pair.finish(one, size=1)
    pair.finish(two)
    assert figures(two) == pytest.approx(figures(one), rel=2e-6)
    expected, got = (load_snapshot(list_checkpoints(run.path)[-1][1]) for run in (one, two))
    distance = np.linalg.norm(got.network.state - expected.network.state)
    assert distance < 1e-10 * np.linalg.norm(expected.network.state)
    assert got.position is not None
    assert expected.position is not None
    assert got.position.correct == expected.position.correct
    last = [*one.events()][-1], [*two.events()][-1]
    assert last[1].train_loss == pytest.approx(last[0].train_loss, rel=1e-10)
    started = next(iter(two.events()))
    assert isinstance(started, Started)
    assert (started.processes, started.device) == (2, "cpu")


def test_commands_reach_both_at_the_same_step(pair: Pair) -> None:
    run = pair.create("run", epochs=ENDLESS)
    pair.start(run)
    pair.trains(run)
    run.command("pause")
    paused = wait_until(lambda: run.status() if run.status().state == "paused" else None, "the pause")
    run.command("step")
    wait_until(lambda: run.status().step == paused.step + 1, "a single step")
    run.command("set", key="training.optimizer.lr", value=0.001)
    run.command("resume")
    pair.trains(run, paused.step + 1)
    run.command("stop")
    pair.gone()
    assert [process.exitcode for process in pair.processes] == [0, 0]
    *_, last = run.events()
    assert isinstance(last, Finished)
    assert last.state == "stopped"
    snapshot = load_snapshot(list_checkpoints(run.path)[-1][1])
    assert snapshot.learning_rate == 0.001
    assert snapshot.position is not None
    assert snapshot.position.step == last.steps > paused.step + 1


def test_termination_of_all_keeps_a_checkpoint_that_both_go_on_from(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torchrun passes SIGTERM on to every process."""
    run = pair.create("run", epochs=ENDLESS)
    pair.start(run)
    wait_until(lambda: any(isinstance(event, Steps) for event in run.events()), "the first update")
    for process in pair.processes:
        os.kill(process.pid or 0, signal.SIGTERM)
    pair.gone()
    *_, last = run.events()
    assert isinstance(last, Finished)
    assert last.state == "stopped"
    assert last.steps > 0
    epochs = epochs_to_come(run)
    whole = pair.create("whole", epochs=epochs)
    monkeypatch.setattr(sys.modules["engine.runs.resume"], "start_worker", lambda run: 0)
    resume(run, {"training.epochs": epochs})
    pair.start(whole)
    ended = pair.finish(run)
    assert ended.state == "finished"
    assert run.network().theta.tobytes() == whole.network().theta.tobytes()


def test_when_one_is_killed_the_other_reports_it(pair: Pair) -> None:
    run = pair.create("run", epochs=ENDLESS)
    pair.start(run)
    pair.trains(run)
    os.kill(pair.processes[1].pid or 0, signal.SIGKILL)
    pair.gone()
    *_, last = run.events()
    assert isinstance(last, Failed)
    assert last.message.startswith("another process of this training has ended")
    assert not last.traceback
    assert run.status().state == "failed"
    assert pair.processes[0].exitcode == 2


def test_processes_and_numpy_do_not_go_together(pair: Pair) -> None:
    experiment = Experiment.quick("moons", [4])
    run = Run.create(experiment, pair.home, "run")
    last = pair.finish(run)
    assert isinstance(last, Failed)
    assert last.message == "only PyTorch supports several processes"
