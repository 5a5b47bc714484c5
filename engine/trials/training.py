"""Short trainings for trials: their losses as points of a curve, and scores of the trained network."""

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
from engine.trials.reporting import REPORT_S
from engine.trials.subject import TrialSubject

PARTS = ("validation", "test", "train")
"""Parts on which a result is measured: the first one that has samples."""
MOST_POINTS = 400
"""Points of a loss curve at most."""


class TrialShare(msgspec.Struct, frozen=True):
    """The share of a trial's progress that a training takes."""

    first: float
    last: float

    def at(self, share: float) -> float:
        """Return the trial's progress at this share of the training."""
        return self.first + (self.last - self.first) * min(1.0, share)


class TrialScore(msgspec.Struct, frozen=True):
    """Score of a network on a split: the accuracy, or the explained share of the variance."""

    value: float
    samples: int
    right: int | None
    """None for a regression."""


def train(
    experiment: Experiment, network: Network, data: Data, curve: str, phase: str, span: TrialShare
) -> Generator[TrialEvent, None, Finished]:
    """Train `network` to the end; its losses become points of `curve`, downsampled, over the number of the update."""
    trainer = Trainer(experiment, network, data)
    course = LossCourse(curve, max(1, math.ceil(trainer.total_steps / MOST_POINTS)))
    reported_s = time.perf_counter()
    for event in trainer:
        if isinstance(event, Finished):
            yield from course.points()
            return event
        if isinstance(event, Steps):
            course.waiting += event.losses
        if time.perf_counter() - reported_s >= REPORT_S:
            yield from course.points()
            yield TrialProgress(share=span.at(trainer.position.step / trainer.total_steps), phase=phase)
            reported_s = time.perf_counter()
    raise RuntimeError("a training ends in a finished event")


class LossCourse:
    """Losses waiting to become points of a curve: the mean of each `bucket` of them.

    Args:
        curve: name of the curve.
        bucket: losses per point.
        place: returns the x of a bucket, given the number of its last update, counted from 1.
    """

    def __init__(self, curve: str, bucket: int, place: Callable[[int], float] = float) -> None:
        self.waiting: list[float | None] = []
        self._curve, self._bucket, self._place = curve, bucket, place
        self._reported = 0

    def points(self) -> Iterator[TrialPoints]:
        """Yield the points of all complete buckets."""
        ends = range(self._bucket, len(self.waiting) + 1, self._bucket)
        if not ends:
            return
        groups = [self.waiting[end - self._bucket : end] for end in ends]
        at = [self._place(self._reported + end) for end in ends]
        yield TrialPoints(curve=self._curve, x=at, y=[mean_of(group) for group in groups])
        self._reported, self.waiting = self._reported + ends[-1], self.waiting[ends[-1] :]


def mean_of(losses: Sequence[float | None]) -> float | None:
    """Return the mean, None if one of them is not finite."""
    known = [loss for loss in losses if loss is not None]
    return sum(known) / len(known) if known and len(known) == len(losses) else None


def part_of(data: Data) -> tuple[str, Split]:
    """Return the part that a result is measured on, with its name."""
    return next((name, getattr(data, name)) for name in PARTS if len(getattr(data, name)))


def score(network: Network, split: Split, classifies: bool) -> TrialScore:
    """Return the score of a network on a split."""
    return scored(predict(network, split, classifies))


def scored(predictions: Predictions) -> TrialScore:
    """Return the score of predictions; outputs that are not finite explain nothing."""
    found = score_of("", predictions)
    if found.right is not None:
        return TrialScore(found.right / found.samples, found.samples, found.right)
    return TrialScore(found.r_squared or 0.0, found.samples, None)


def constant_score(y: AnyArray, classifies: bool) -> float:
    """Return the score of the best constant prediction: the share of the most frequent class; for values 0."""
    return float(np.bincount(y).max() / len(y)) if classifies else 0.0


def constant_loss(subject: TrialSubject, y: AnyArray) -> float | None:
    """Return the loss of the best prediction that ignores the inputs, for mse the variance; None if it is not known."""
    loss = subject.experiment.network.loss
    if loss is None:
        return None
    if not subject.classifies:
        return loss.constant_loss_of_values(y.astype(np.float64).reshape(len(y), -1))
    n_outputs = subject.data.n_outputs
    shares = np.bincount(y, minlength=max(2, n_outputs)) / len(y)
    return loss.constant_loss(shares[1:2] if n_outputs == 1 and loss.link != "softmax" else shares)


def with_train(data: Data, x: Array, y: AnyArray) -> Data:
    """Return the data with another training split of scaled samples; the other splits are empty.

    Args:
        x: (m, n_features).
        y: (m,) classes, or (m, k) values.
    """
    train = Split(x, y, data.input_shape, data.scaler)
    none = Split(x[:0], y[:0], data.input_shape, data.scaler)
    return replace(data, train=train, validation=none, test=none)


def rows_of(split: Split, indices: Labels) -> Array:
    """Return samples of a split, scaled, (m, n_features) in float32."""
    rows = np.empty((len(indices), math.prod(split.input_shape)), np.float32)
    split.take(indices, rows)
    return rows
