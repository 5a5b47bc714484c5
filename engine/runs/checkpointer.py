"""The writing of weights while a worker trains: live weights for viewers, checkpoints for a resume."""

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from engine.events import Epoch
from engine.nn.network import Network
from engine.runs.checkpoints import LIVE_NAME
from engine.runs.recorder import Recorder
from engine.runs.retention import MID_EPOCH, PERIODIC, CheckpointStore
from engine.storage.weights import Snapshot, write_snapshot
from engine.training.trainer import Trainer

LIVE_S = 1.0
"""Minimum interval between two writes of the live weights, seconds."""
WRITE_COST = 0.008
"""Maximum share of time spent on writing, for live weights and for checkpoints; large networks are written less often."""
INITIAL_BUDGET_S = 0.1
"""Seconds of writing that are allowed from the start, so that a short run has checkpoints too."""


class Checkpointer:
    """Writes the weights of a training as `[checkpoints]` of its experiment specifies."""

    def __init__(
        self, trainer: Trainer, recorder: Recorder, *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._trainer, self._folder, self._timer = trainer, recorder.folder, timer
        self._policy = trainer.experiment.checkpoints
        self._store = CheckpointStore(recorder, self._policy.keep)
        self._live_step, self._live_due = -1, -np.inf
        self._started, self._spent = timer(), 0.0
        self._saved_at, self._saved_step = timer(), trainer.position.step
        self._best_loss = np.inf
        self._best: Snapshot | None = None
        """The best weights, if they are not on the disk yet."""
        self._best_step: int | None = None
        """Step of the best checkpoint on the disk."""
        self._copy: Network | None = None

    def adopt(self, reasons: Mapping[int, set[str]], best: tuple[int, float] | None = None) -> None:
        """Register the checkpoints of an earlier worker.

        Args:
            reasons: the reasons to keep each one, by its step.
            best: step and validation loss of the best one.
        """
        self._store.reasons.update({step: set(why) for step, why in reasons.items()})
        self._saved_step = self._trainer.position.step
        if best is not None:
            self._best_step, self._best_loss = best

    def write_live(self, *, now: bool = False) -> None:
        """Write the live weights if there are newer ones and the write is due, or `now`; OSError."""
        started = self._timer()
        step = self._trainer.position.step
        if not now and (step == self._live_step or started < self._live_due):
            return
        trainer = self._trainer
        snapshot = Snapshot(trainer.network, trainer.experiment, trainer.position)
        write_snapshot(self._folder / LIVE_NAME, snapshot, durable=False)
        spent = self._timer() - started
        self._live_step, self._live_due = step, started + max(LIVE_S, spent / WRITE_COST)

    def checkpoint(self, reason: str) -> None:
        """Write a checkpoint of the current state; OSError.

        After a divergence it holds the last finite weights with their position, and no optimizer state, since that may
        not be finite.
        """
        trainer = self._trainer
        if trainer.has_diverged:
            snapshot = Snapshot(trainer.network, trainer.experiment, trainer.good_position)
        else:
            snapshot = self._snapshot()
        started = self._timer()
        self._store.save(snapshot, reason, trainer.position.step)
        self._saved_at, self._saved_step = self._timer(), trainer.position.step
        self._spent += self._saved_at - started

    def note_best(self, event: Epoch) -> None:
        """Copy the weights if the epoch has the lowest validation loss so far."""
        loss = event.validation_loss
        if loss is not None and loss < self._best_loss:
            self._best_loss = loss
            self._best = self._frozen_snapshot()

    def write_due(self) -> None:
        """Write the checkpoints that are due; to be called between two updates; OSError."""
        if self._is_due():
            self.write_best()  # first, so that the newest checkpoint never refers to a better one that was lost
            position = self._trainer.position
            self.checkpoint(PERIODIC if position.cursor == 0 else MID_EPOCH)
        elif self._best is not None and self._can_afford():
            self.write_best()

    def write_best(self) -> None:
        """Write the best weights so far if they are not on the disk, and release the previous best; OSError."""
        best, before = self._best, self._best_step
        if best is None or best.position is None:
            return
        started = self._timer()
        self._store.save(best, "best", self._trainer.position.step)
        self._best, self._best_step = None, best.position.step
        if before is not None and before != self._best_step:
            self._store.release(before, "best")
        self._spent += self._timer() - started

    def steps_until_due(self) -> int | None:
        """Return the number of updates to the next checkpoint; None: checkpoints have no fixed epochs."""
        if not self._policy.every:
            return None
        position = self._trainer.position
        epoch = (position.epoch // self._policy.every + 1) * self._policy.every
        return epoch * self._trainer.steps_per_epoch - position.step

    def _is_due(self) -> bool:
        position, policy = self._trainer.position, self._policy
        if position.step == self._saved_step:
            return False
        if position.cursor == 0 and (
            position.epoch % policy.every == 0 if policy.every else self._can_afford()
        ):
            return True
        return policy.seconds > 0 and self._timer() - self._saved_at >= policy.seconds

    def _can_afford(self) -> bool:
        return self._spent <= INITIAL_BUDGET_S + WRITE_COST * (self._timer() - self._started)

    def _snapshot(self) -> Snapshot:
        trainer = self._trainer
        return Snapshot(
            network=trainer.network,
            experiment=trainer.experiment,
            position=trainer.position,
            optimizer_state=trainer.optimizer_state,
            learning_rate=trainer.learning_rate,
            best_state=trainer.best_state,
        )

    def _frozen_snapshot(self) -> Snapshot:
        """Return a snapshot with copies, which training does not change."""
        snapshot = self._snapshot()
        if self._copy is None:
            self._copy = snapshot.network.copy()
        np.copyto(self._copy.state, snapshot.network.state)
        return replace(snapshot, network=self._copy, optimizer_state=copy.deepcopy(snapshot.optimizer_state))
