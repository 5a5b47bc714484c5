"""Short trainings for trials, watched: the losses as points of a curve, the figures of what was learned."""

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace

import msgspec
import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data import Data, Split
from engine.events import Finished, Steps
from engine.experiment.experiment import Experiment
from engine.inspection.baseline import score_of
from engine.nn.network import Network
from engine.training.predictions import Predictions, predict
from engine.training.trainer import Trainer
from engine.trials.events import TrialEvent, TrialPoints, TrialProgress
from engine.trials.reporting import TELL_S
from engine.trials.subject import TrialSubject

PARTS = ("validation", "test", "train")
"""Where a result is judged: the first part that has samples."""
MOST_POINTS = 400
"""Of a curve of losses."""


class TrialShare(msgspec.Struct, frozen=True):
    """Which share of a trial a training takes."""

    first: float
    last: float

    def at(self, share: float) -> float:
        """Return the share of the trial at this share of the training."""
        return self.first + (self.last - self.first) * min(1.0, share)


class TrialScore(msgspec.Struct, frozen=True):
    """How well a network does on a part: the share classified right, or that of the variance explained."""

    value: float
    samples: int
    right: int | None
    """None for a regression."""


def train(
    experiment: Experiment, network: Network, data: Data, curve: str, phase: str, span: TrialShare
) -> Generator[TrialEvent, None, Finished]:
    """Train `network` to the end; its losses become points of `curve`, thinned, by the number of the update."""
    trainer = Trainer(experiment, network, data)
    course = LossCourse(curve, max(1, math.ceil(trainer.total_steps / MOST_POINTS)))
    told_s = time.perf_counter()
    for event in trainer:
        if isinstance(event, Finished):
            yield from course.points()
            return event
        if isinstance(event, Steps):
            course.waiting += event.losses
        if time.perf_counter() - told_s >= TELL_S:
            yield from course.points()
            yield TrialProgress(share=span.at(trainer.position.step / trainer.total_steps), phase=phase)
            told_s = time.perf_counter()
    raise RuntimeError("a training ends in a finished event")


class LossCourse:
    """Losses on their way to a curve: a point for each `bucket` of them, their mean.

    Args:
        curve: its name.
        bucket: losses of a point.
        place: where on the x axis the bucket stands that ends with the update of this number, counted from 1.
    """

    def __init__(self, curve: str, bucket: int, place: Callable[[int], float] = float) -> None:
        self.waiting: list[float | None] = []
        self._curve, self._bucket, self._place = curve, bucket, place
        self._told = 0

    def points(self) -> Iterator[TrialPoints]:
        """Yield what has gathered, whole buckets of it."""
        ends = range(self._bucket, len(self.waiting) + 1, self._bucket)
        if not ends:
            return
        groups = [self.waiting[end - self._bucket : end] for end in ends]
        at = [self._place(self._told + end) for end in ends]
        yield TrialPoints(curve=self._curve, x=at, y=[mean_of(group) for group in groups])
        self._told, self.waiting = self._told + ends[-1], self.waiting[ends[-1] :]


def mean_of(losses: Sequence[float | None]) -> float | None:
    """Return the mean, None where one of them is no number."""
    known = [loss for loss in losses if loss is not None]
    return sum(known) / len(known) if known and len(known) == len(losses) else None


def part_of(data: Data) -> tuple[str, Split]:
    """Return the part that a result is judged on, with its name."""
    return next((name, getattr(data, name)) for name in PARTS if len(getattr(data, name)))


def score(network: Network, split: Split, classifies: bool) -> TrialScore:
    """Return how well a network does on a part."""
    return scored(predict(network, split, classifies))


def scored(said: Predictions) -> TrialScore:
    """Return how right this is; outputs that are no numbers explain nothing."""
    found = score_of("", said)
    if found.right is not None:
        return TrialScore(found.right / found.samples, found.samples, found.right)
    return TrialScore(found.r_squared or 0.0, found.samples, None)


def constant_score(y: AnyArray, classifies: bool) -> float:
    """Return the score of the best constant answer: the share of the most frequent class; 0 of the variance."""
    return float(np.bincount(y).max() / len(y)) if classifies else 0.0


def constant_loss(subject: TrialSubject, y: AnyArray) -> float | None:
    """Return the loss of the best answer that does not look at its inputs: the entropy of the shares of the classes,
    or the variance of the values; None where the loss is another one.
    """
    loss = subject.experiment.network.loss
    if loss is None:
        return None
    if not subject.classifies:
        return (
            float(y.astype(np.float64).reshape(len(y), -1).var(axis=0).mean()) if loss.takes_values else None
        )
    n_outputs = subject.data.n_outputs
    shares = np.bincount(y, minlength=max(2, n_outputs)) / len(y)
    return loss.constant_loss(shares[1:2] if n_outputs == 1 and loss.link != "softmax" else shares)


def with_train(data: Data, x: Array, y: AnyArray) -> Data:
    """Return the data with another training part of scaled samples, and the others empty: nobody asks for them.

    Args:
        x: (m, n_features).
        y: (m,) classes, or (m, k) values.
    """
    train = Split(x, y, data.input_shape, data.scaler)
    none = Split(x[:0], y[:0], data.input_shape, data.scaler)
    return replace(data, train=train, validation=none, test=none)


def rows_of(split: Split, indices: Labels) -> Array:
    """Return samples of a part, scaled, (m, n_features) in float32."""
    rows = np.empty((len(indices), math.prod(split.input_shape)), np.float32)
    split.take(indices, rows)
    return rows
