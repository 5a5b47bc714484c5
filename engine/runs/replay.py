"""Replays: a run, with its changes and resumes, is trained again and compared with its checkpoints bit by bit."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import numpy as np

from engine.errors import RunError
from engine.events import Event, Started
from engine.experiment.experiment import Experiment
from engine.nn.torch_order import views_of
from engine.runs.checkpoints import positions
from engine.runs.commands import as_rate
from engine.runs.data_file import refuse_changed_data
from engine.runs.folder import Run
from engine.runs.history import read_history
from engine.runs.migrate import restore
from engine.storage.weights import Snapshot, load_snapshot
from engine.training.setup import set_up
from engine.training.trainer import Trainer
from engine.words import counted


class FirstDifference(NamedTuple):
    """The first number that differs."""

    name: str
    """Parameter, or vector of the optimizer and parameter."""
    place: tuple[int, ...]
    """Index into it."""
    was: float
    """Value in the checkpoint."""
    now: float
    """Value in the replay."""

    def __str__(self) -> str:
        if math.isnan(self.was) and math.isnan(self.now) and not self.place:
            return self.name
        place = ", ".join(map(str, self.place))
        return f"{self.name}[{place}] was {self.was:.9g} and is {self.now:.9g}"


class WorkerStart(NamedTuple):
    """The start of a worker: what it trained from `step` on, with this many threads."""

    step: int
    experiment: Experiment
    threads: int


class Replayed(Event, frozen=True):
    """The result of a replay, which ended at `step`."""

    run: str
    same: bool
    """True if all checkpoints were reproduced with the same bits."""
    compared: list[int]
    """Steps of the checkpoints that were compared."""
    commands: int
    """Number of changes that were applied again."""
    resumes: int
    """Number of times that the run was resumed."""
    message: str


class Replay:
    """Trains a run again; owns its trainer. Iterate over `events`; the last one is a `Replayed`.

    Raises:
        RunError: the run has no checkpoint to compare with, or the user's data file has changed.
        NntermError: the experiment, its data or a checkpoint cannot be read.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._history = read_history(run.path)
        self._checkpoints = {step: path for step, (_, path) in positions(run.path).items()}
        starts = self._history.starts
        if not starts:
            raise RunError(f"{run.name} has not started yet: there is nothing to replay")
        first = starts[0].step
        self._targets = [step for step in self._checkpoints if step > first]
        if not self._targets:
            raise RunError(f"{run.name} has no checkpoint to compare with")
        refuse_changed_data(run)
        self._starts = [
            WorkerStart(event.step, Experiment.from_raw(event.experiment), event.threads) for event in starts
        ]
        self._changes = list(self._history.changes)
        self._trainer = self._first_trainer(first)
        self._events: Iterator[Event] = iter(self._trainer)
        self._compared: list[int] = []
        self._commands = 0

    def events(self) -> Iterator[Event]:
        """Train, and yield the events."""
        yield self._started()
        difference = self._check_step()
        while self._targets and difference is None and not self._trainer.is_over:
            self._trainer.yield_within(self._steps_until_due())
            yield next(self._events)
            if (
                self._trainer.epoch_follows
            ):  # before the comparison, which may be the last or change the trainer
                yield next(self._events)
            difference = self._check_step()
        yield self._result(difference)

    def _first_trainer(self, first: int) -> Trainer:
        """Return the trainer at the initial weights or, for a fork, at its first checkpoint."""
        trainer = set_up(self._starts[0].experiment)
        trainer.settle_threads(self._starts[0].threads)
        if first:
            if first not in self._checkpoints:
                raise RunError(f"the checkpoint that {self.run.name} was forked from is missing")
            restore(trainer, load_snapshot(self._checkpoints[first]))
        return trainer

    def _check_step(self) -> FirstDifference | None:
        """Apply the changes of this step, and compare with its checkpoint; None: no difference, or no checkpoint."""
        step = self._trainer.position.step
        while self._starts and self._starts[0].step <= step:
            self._switch_to(self._starts.pop(0))
        difference = None
        if self._targets and self._targets[0] <= step:
            target = self._targets.pop(0)
            difference = _first_difference(self._trainer, load_snapshot(self._checkpoints[target]))
            self._compared.append(target)
        while self._changes and self._changes[0].step <= step:
            rate = as_rate(self._changes.pop(0).value)
            self._trainer.learning_rate = rate or self._trainer.learning_rate
            self._commands += 1
        return difference

    def _switch_to(self, start: WorkerStart) -> None:
        """Continue with an experiment or a number of threads that was changed at a resume."""
        now = self._trainer
        if (
            start.experiment.training == now.experiment.training
            and start.threads == now.backend.facts.threads
        ):
            return
        snapshot = Snapshot(
            now.network,
            now.experiment,
            now.position,
            now.optimizer_state,
            now.learning_rate,
            now.best_state,
        )
        self._trainer = set_up(start.experiment, now.data)
        self._trainer.settle_threads(start.threads)
        restore(self._trainer, snapshot)
        self._events = iter(self._trainer)

    def _steps_until_due(self) -> int:
        """Return the number of updates to the next checkpoint or change."""
        due = [self._targets[0], *(change.step for change in self._changes[:1])]
        due += [start.step for start in self._starts[:1]]
        return min(due) - self._trainer.position.step

    def _started(self) -> Started:
        began = self._history.starts[-1]
        return msgspec.structs.replace(began, step=self._trainer.position.step)

    def _result(self, difference: FirstDifference | None) -> Replayed:
        step = self._trainer.position.step
        resumes = len(self._history.starts) - 1
        same = difference is None and not self._targets
        if same:
            places = (
                counted(len(self._compared), "checkpoint") if len(self._compared) > 1 else "the checkpoint"
            )
            message = f"the same bits at {places}, the last at step {step:,}"
        elif difference is not None:
            message = f"not the same at step {step:,}: {difference}"
        else:
            message = f"the training ended at step {step:,}, before the checkpoint at {self._targets[0]:,}"
        return Replayed(
            time=self._history.starts[-1].time,
            step=step,
            run=self.run.name,
            same=same,
            compared=self._compared,
            commands=self._commands,
            resumes=resumes,
            message=message,
        )


def _is_comparable(trainer: Trainer, saved: Snapshot) -> bool:
    """Return True if a checkpoint holds the tensors of this training, and not those of another run."""
    mine, state = trainer.optimizer_state, saved.optimizer_state
    return len(saved.network.theta) == len(trainer.network.theta) and (
        state is None or set(state.vectors) == set(mine.vectors)
    )


def _first_difference(trainer: Trainer, saved: Snapshot) -> FirstDifference | None:
    """Return the first number in which the training differs from a checkpoint; None: all bits are equal."""
    if not _is_comparable(trainer, saved):
        return FirstDifference("the checkpoint is of another network or optimizer", (), math.nan, math.nan)
    vectors = [("", saved.network.theta, trainer.network.theta)]
    if saved.optimizer_state is not None:
        mine = trainer.optimizer_state.vectors
        vectors += [(f"{name}.", saved.optimizer_state.vectors[name], mine[name]) for name in mine]
    for prefix, was, now in vectors:
        if was.tobytes() == now.tobytes():
            continue
        for (name, before), (_, after) in zip(
            views_of(saved.network, was), views_of(trainer.network, now), strict=True
        ):
            places = np.argwhere(before != after)
            if len(places):
                index = tuple(int(i) for i in places[0])
                return FirstDifference(prefix + name, index, float(before[index]), float(after[index]))
        return FirstDifference(prefix + "theta", (), math.nan, math.nan)
    return None
