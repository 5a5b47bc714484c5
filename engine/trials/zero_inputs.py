"""Zeroed inputs: the score without inputs, when all features are 0 and only the biases can learn."""

import time
from collections.abc import Generator
from typing import NamedTuple

import msgspec
import numpy as np

from engine import blas
from engine.data import Data
from engine.events import Finished
from engine.inspection.intervals import wilson
from engine.trials.budget import Portion, left_out, portion_for
from engine.trials.events import Plot, TrialAnswer, TrialCurve, TrialEvent, TrialPoints, TrialStarted
from engine.trials.reporting import finished
from engine.trials.subject import TrialSubject, first_weights, refuse_perceptron
from engine.trials.training import (
    TrialScore,
    TrialShare,
    constant_loss,
    constant_score,
    part_of,
    rows_of,
    score,
    train,
    with_train,
)
from engine.words import counted, percent

SOURCE = "Karpathy 2019, A recipe for training neural networks: the input-independent baseline"
BUDGET_S = 5.0
"""Nominal seconds of each of the two trainings."""
REAL, ZEROED, CONSTANT = "real", "zeroed", "constant"
"""Names of the curves; the third is the loss of the best constant prediction."""
FEW = 30
"""Samples below which an interval is too wide to be useful: the figures themselves are compared."""
LEAST_GAIN = 0.02
"""Share of the variance that the inputs must explain beyond what is explained without them."""


class ZeroedFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Scores with and without inputs."""

    measure: str
    """accuracy, or variance: the explained share of it."""
    part: str
    """Name of the part that both are measured on."""
    samples: int
    real: float
    real_low: float
    """Lower end of its 95 % interval; for a regression, or few samples, the value itself. `real_high`: the upper end."""
    real_high: float
    zeroed: float
    constant: float
    """Score of the best constant prediction: the share of the most frequent class; for values 0."""
    epochs: int
    diverged: bool = False
    """True if the training with the real inputs diverged."""


def zeroed(subject: TrialSubject) -> Generator[TrialEvent, None, None]:
    """Train with all features 0, then with the real ones, both from the same first weights.

    Raises:
        NntermError: the network learns by the perceptron's rule, whose loss cannot be compared with a constant's.
    """
    refuse_perceptron(
        subject, "has no comparable loss: its rule updates the weights for wrong predictions only"
    )
    started = time.perf_counter()
    training, data = subject.experiment.training, subject.data
    _, evaluated = part_of(data)
    portion = portion_for(training, subject.n_parameters, len(data.train), BUDGET_S, len(evaluated))
    yield TrialStarted(
        trial="zeroed",
        subject=subject.words,
        beginning=first_weights(subject.experiment.seed),
        plot=Plot(
            title="loss of the batches",
            x_label="update",
            curves=(TrialCurve(ZEROED, "other"), TrialCurve(REAL, "main"), TrialCurve(CONSTANT, "level")),
        ),
        notes=left_out(portion, len(data.train), training.epochs),
    )
    with blas.limited():
        figures = yield from _compare(subject, portion)
    yield finished("zeroed", answer_of(figures), figures, SOURCE, started)


class _Trained(NamedTuple):
    score: TrialScore
    diverged: bool


def _compare(subject: TrialSubject, portion: Portion) -> Generator[TrialEvent, None, ZeroedFigures]:
    data = _portion_of(subject.data, portion)
    level = constant_loss(subject, data.train.y)
    if level is not None:
        steps = portion.epochs * -(-portion.samples // _batch(subject, portion))
        yield TrialPoints(curve=CONSTANT, x=[0.0, float(steps)], y=[level, level])
    without = yield from _train(subject, data, portion, ZEROED, TrialShare(0.0, 0.5))
    real = yield from _train(subject, data, portion, REAL, TrialShare(0.5, 1.0))
    name, split = part_of(subject.data)
    low, high = real.score.value, real.score.value
    if real.score.right is not None and len(split) >= FEW:
        low, high = wilson(real.score.right, len(split))
    return ZeroedFigures(
        measure="accuracy" if subject.classifies else "variance",
        part=name,
        samples=len(split),
        real=real.score.value,
        real_low=low,
        real_high=high,
        zeroed=without.score.value,
        constant=constant_score(split.y, subject.classifies),
        epochs=portion.epochs,
        diverged=real.diverged,
    )


def _batch(subject: TrialSubject, portion: Portion) -> int:
    return min(subject.experiment.training.batch_size or portion.samples, portion.samples)


def _portion_of(data: Data, portion: Portion) -> Data:
    n = len(data.train)
    chosen = np.linspace(0, n - 1, portion.samples).astype(np.int64)
    return with_train(data, rows_of(data.train, chosen), data.train.y[chosen])


def _train(
    subject: TrialSubject, data: Data, portion: Portion, curve: str, span: TrialShare
) -> Generator[TrialEvent, None, _Trained]:
    """Train on the portion, with zeroed or real features, and score on samples treated alike."""
    without = curve == ZEROED
    if without:
        data = with_train(data, np.zeros_like(data.train.x).reshape(len(data.train), -1), data.train.y)
    plan = subject.experiment_with(epochs=portion.epochs, patience=0)
    network = subject.fresh()
    ended: Finished = yield from train(plan, network, data, curve, f"training with {curve} inputs", span)
    _, split = part_of(subject.data)
    if without:
        nothing = np.zeros((len(split), network.n_features), np.float32)
        split = with_train(data, nothing, split.y).train
    return _Trained(score(network, split, subject.classifies), ended.state == "diverged")


def answer_of(figures: ZeroedFigures) -> TrialAnswer:
    """Return the meaning of the figures."""
    if figures.diverged:
        sentence = (
            f"With the real inputs the training diverged; without them it reached {percent(figures.zeroed)}: "
            "nothing to compare."
        )
        return TrialAnswer(outcome="diverged", passed=False, sentence=sentence)
    floor = max(figures.zeroed, figures.constant)
    classifies = figures.measure == "accuracy"
    real, without = _real(figures), _without(figures)
    if figures.real_low <= floor + (0.0 if classifies else LEAST_GAIN):
        epochs = counted(figures.epochs, "epoch")
        sentence = f"{without}; with the real ones it is no better: {real}. After {epochs} it does not use its inputs."
        return TrialAnswer(
            outcome="ignores-its-inputs",
            passed=False,
            sentence=sentence,
            code="underfitting",
            severity="warning",
        )
    sentence = f"{without}; with the real ones {real}: {100 * (figures.real - floor):.1f} points come from the inputs."
    return TrialAnswer(outcome="uses-its-inputs", passed=True, sentence=sentence)


def _without(figures: ZeroedFigures) -> str:
    on = f"{counted(figures.samples, figures.part + ' sample')}"
    zeroed, constant = percent(max(0.0, figures.zeroed)), percent(figures.constant)
    if figures.measure == "accuracy":
        return f"With all features 0 it gets {zeroed} of {on} right, the most frequent class alone {constant}"
    return f"With all features 0 it explains {zeroed} of the variance of {on}, their mean alone {constant}"


def _real(figures: ZeroedFigures) -> str:
    if figures.real_low < figures.real_high:
        return f"{percent(figures.real)} ({percent(figures.real_low)} to {percent(figures.real_high)})"
    return percent(figures.real)
