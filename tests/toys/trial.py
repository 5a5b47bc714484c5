"""A toy trial: the share of the most frequent class, without any training."""

import time
from collections.abc import Iterator

import msgspec

from engine.trials import Plot, Trial, TrialAnswer, TrialCurve, TrialEvent, TrialPoints, TrialStarted
from engine.trials.reporting import finished
from engine.trials.subject import TrialSubject
from engine.trials.training import constant_score
from engine.words import percent

ROW = Trial(
    "constant",
    "constant prediction",
    "What does a constant prediction reach?",
    "A network must be better than that.",
    "tests.toys.trial:constant",
)
"""The row in `engine/trials/registry.py`."""


class ConstantFigures(msgspec.Struct, frozen=True):
    """Score of the best constant prediction of the training samples."""

    score: float


def constant(subject: TrialSubject) -> Iterator[TrialEvent]:
    """Compute the score of the best constant prediction."""
    started = time.perf_counter()
    plot = Plot(title="score", x_label="", curves=(TrialCurve("constant", "level"),))
    yield TrialStarted(trial="constant", subject=subject.words, beginning=subject.beginning, plot=plot)
    figures = ConstantFigures(constant_score(subject.data.train.y, subject.classifies))
    yield TrialPoints(curve="constant", x=[0.0, 1.0], y=[figures.score, figures.score])
    yield finished("constant", answer_of(figures), figures, "none: it is a toy", started)


def answer_of(figures: ConstantFigures) -> TrialAnswer:
    """Return the meaning of the figures."""
    return TrialAnswer(outcome="computed", passed=True, sentence=f"It reaches {percent(figures.score)}.")
