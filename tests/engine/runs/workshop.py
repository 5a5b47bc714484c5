"""A worker in this process that can be killed at any of its writes, as by a failing machine."""

import functools
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.events import AnyEvent
from engine.experiment.experiment import Experiment
from engine.runs import Run, resume, worker
from engine.runs.checkpointer import Checkpointer
from engine.runs.checkpoints import list_checkpoints
from engine.runs.recorder import Recorder
from engine.runs.session import TrainingSession
from engine.storage.weights import Snapshot, load_snapshot
from engine.training.trainer import Trainer

OPTIONS: dict[str, Any] = {
    "optimizer": "adam",
    "lr": 0.02,
    "epochs": 3,
    "batch_size": 50,
    "schedule": "cosine",
    "overrides": ["data.samples=200", "checkpoints.every=1"],
}


class Killed(BaseException):
    """The simulated death of the process; a BaseException, so that no handler catches it."""


class Idle:
    """Replaces the signal handlers of a worker."""

    is_requested = False


class Workshop:
    """One run and its workers, one at a time; every chunk is a single update, and no time passes.

    Args:
        patch: undone by its owner.
        measure: True if the layers are measured and the doctor is on.
    """

    def __init__(self, home: Path, patch: pytest.MonkeyPatch, measure: bool = False, **options: Any) -> None:
        hidden = options.pop("hidden", [3])
        self.run = Run.create(Experiment.quick("moons", hidden, **(OPTIONS | options)), home, measure=measure)
        self.works = False
        self.writes = 0
        self._dies_at: int | None = None
        patch.setattr("engine.training.setup.Trainer", functools.partial(Trainer, chunk_s=0.0))
        for owner in (
            Checkpointer,
            Recorder,
        ):  # on a slow computer there would be more writes than on a fast one
            patch.setitem(owner.__init__.__kwdefaults__, "timer", lambda: 0.0)
        patch.setattr("engine.runs.status.worker_lives", lambda status, now: self.works)
        patch.setattr(sys.modules["engine.runs.resume"], "start_worker", lambda run: None)
        patch.setitem(TrainingSession.__init__.__kwdefaults__, "sleep", self._sleep)
        patch.setattr(os, "fsync", lambda descriptor: self._write())
        self._wrap(patch, os, "write", tears=True)
        self._wrap(patch, Path, "replace", tears=False)

    def work(self, dies_at: int | None = None) -> bool:
        """Train with a worker that is killed at its write number `dies_at`; return True if it was not killed."""
        self.writes, self._dies_at, self.works = 0, dies_at, True
        try:
            with self.lock():
                worker.work(self.run, Idle())  # type: ignore[arg-type]
            return True
        except Killed:
            return False
        finally:
            self.works, self._dies_at = False, None

    @contextmanager
    def lock(self) -> Iterator[None]:
        from engine.runs.lock import lock

        with lock(self.run):
            yield

    def resume(self, **options: Any) -> None:
        resume(self.run, **options)

    def to_the_end(self) -> None:
        """Resume the run until it is finished."""
        if self.run.status().state in ("starting", "running"):
            self.work()
        while self.run.status().state != "finished":
            self.resume()
            self.work()

    def events(self) -> list[AnyEvent]:
        return list(self.run.events())

    def last(self) -> Snapshot:
        """Return the newest checkpoint."""
        return load_snapshot(list_checkpoints(self.run.path)[-1][1])

    def _sleep(self, seconds: float) -> None:
        """Kill a paused worker, which would wait forever."""
        self._write(always=True)

    def _wrap(self, patch: pytest.MonkeyPatch, owner: Any, name: str, *, tears: bool) -> None:
        original = getattr(owner, name)

        def wrapped(first: Any, *rest: Any) -> Any:
            try:
                self._write()
            except Killed:
                if tears:
                    original(first, rest[0][: len(rest[0]) // 2])
                raise
            return original(first, *rest)

        patch.setattr(owner, name, wrapped)

    def _write(self, *, always: bool = False) -> None:
        """Count a write; raise from number `dies_at` on."""
        if not self.works:
            return
        self.writes += 1
        if always:
            self._dies_at = 0
        if self._dies_at is not None and self.writes >= self._dies_at:
            raise Killed


def same_training(one: Snapshot, other: Snapshot) -> bool:
    """Return True if two checkpoints hold the same bits: weights, optimizer, best weights, position."""
    vectors = [snapshot.optimizer_state.vectors for snapshot in (one, other) if snapshot.optimizer_state]
    bests = [None if s.best_state is None else s.best_state.tobytes() for s in (one, other)]
    positions = [
        s.position and (s.position.step, s.position.epoch, s.position.schedule) for s in (one, other)
    ]
    return (
        one.network.theta.tobytes() == other.network.theta.tobytes()
        and all(vectors[0][name].tobytes() == vectors[1][name].tobytes() for name in vectors[0])
        and bests[0] == bests[1]
        and positions[0] == positions[1]
        and one.learning_rate == other.learning_rate
    )
