"""What a worker keeps of its weights: the newest for viewers, checkpoints to come back to."""

import contextlib
import copy
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine.events import Checkpoint, Epoch
from engine.numpy_network import Network
from engine.runs.checkpoints import LIVE_NAME, checkpoint_path
from engine.runs.recorder import Recorder
from engine.trainer import Trainer
from engine.weights import Snapshot, write_snapshot

LIVE_S = 1.0
"""Seconds between two writings of the live weights at least."""
BEST_S = 5.0
"""Seconds between two checkpoints of the best weights at least; the best of all is written at the end."""
COST = 0.01
"""Share of the time that writing live weights, and best ones, may take; large networks are written less often."""


class Keeper:
    """Writes the weights of one training; owns `checkpoints/` and `live.safetensors`."""

    def __init__(
        self, trainer: Trainer, recorder: Recorder, *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._trainer, self._recorder = trainer, recorder
        self._folder = recorder.folder
        self._timer = timer
        self._live_step, self._live_due = -1, -np.inf
        self._reasons: dict[int, set[str]] = {}  # why each checkpoint is there, by its step
        self._best_loss = np.inf
        self._best: Snapshot | None = None
        self._twin: Network | None = None
        self._best_is_written = True
        self._best_step_on_disk: int | None = None
        self._best_due = -np.inf

    def keep_live(self, *, now: bool = False) -> None:
        """Write the live weights where there are newer ones and it is time for it, or `now`; OSError."""
        started = self._timer()
        step = self._trainer.position.step
        if not now and (step == self._live_step or started < self._live_due):
            return
        trainer = self._trainer
        snapshot = Snapshot(trainer.network, trainer.experiment, trainer.position)
        write_snapshot(self._folder / LIVE_NAME, snapshot, durable=False)
        spent = self._timer() - started
        self._live_step, self._live_due = step, started + max(LIVE_S, spent / COST)

    def checkpoint(self, reason: str) -> None:
        """Write a checkpoint of the training as it stands; OSError where the disk refuses.

        After a divergence it holds the last good weights, their position, and no optimizer state: that is spoilt.
        """
        trainer = self._trainer
        if trainer.has_diverged:
            snapshot = Snapshot(trainer.network, trainer.experiment, trainer.good_position)
        else:
            snapshot = self._snapshot()
        self._write(snapshot, reason)

    def keep_best(self, event: Epoch) -> None:
        """Remember the weights after an epoch whose validation loss is the best so far; write them when due."""
        loss = event.validation_loss
        if loss is not None and loss < self._best_loss:
            self._best_loss = loss
            self._best, self._best_is_written = self._frozen(), False
        if self._timer() >= self._best_due:
            self.flush_best()

    def flush_best(self) -> None:
        """Write the best weights so far unless they are on the disk; those before them go. OSError."""
        if self._best is None or self._best_is_written or self._best.position is None:
            return
        started = self._timer()
        before = self._best_step_on_disk
        self._write(self._best, "best")
        self._best_is_written, self._best_step_on_disk = True, self._best.position.step
        if before is not None and self._reasons.get(before) == {"best"}:
            del self._reasons[before]
            with contextlib.suppress(OSError):
                checkpoint_path(self._folder, before).unlink(missing_ok=True)
        self._best_due = self._timer() + max(BEST_S, (self._timer() - started) / COST)

    def _write(self, snapshot: Snapshot, reason: str) -> None:
        """Write a snapshot unless its step is on the disk already, and record it."""
        step = snapshot.position.step if snapshot.position else 0
        path = checkpoint_path(self._folder, step)
        if step not in self._reasons:
            self._recorder.sync()  # what led to these weights must not be younger than they are
            path.parent.mkdir(mode=0o700, exist_ok=True)
            write_snapshot(path, snapshot)
        self._reasons.setdefault(step, set()).add(reason)
        self._recorder.record(
            Checkpoint(
                time=time.time(),
                step=self._trainer.position.step,
                path=path.relative_to(self._folder).as_posix(),
                reason=reason,
            )
        )

    def _snapshot(self) -> Snapshot:
        trainer = self._trainer
        return Snapshot(
            network=trainer.network,
            experiment=trainer.experiment,
            position=trainer.position,
            optimizer_state=trainer.optimizer_state,
            learning_rate=trainer.learning_rate,
            best_theta=trainer.best_theta,
        )

    def _frozen(self) -> Snapshot:
        """Return a snapshot that training leaves as it is."""
        snapshot = self._snapshot()
        if self._twin is None:
            self._twin = snapshot.network.copy()
        np.copyto(self._twin.theta, snapshot.network.theta)
        return replace(snapshot, network=self._twin, optimizer_state=copy.deepcopy(snapshot.optimizer_state))
