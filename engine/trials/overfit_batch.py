"""Overfit one batch: the network must be able to memorise a few samples."""

import time
from collections.abc import Generator, Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from engine import blas
from engine.doctor import arrange, diagnose
from engine.doctor.evidence import Overfit, Start
from engine.doctor.gather import plan_with, start_of
from engine.doctor.overfit import SAMPLES, STEPS, overfitting
from engine.doctor.rules.start import NOT_LEARNED
from engine.events import Finding
from engine.finite import finite
from engine.trials.events import (
    Plot,
    TrialAnswer,
    TrialCurve,
    TrialEvent,
    TrialPoints,
    TrialProgress,
    TrialStarted,
)
from engine.trials.reporting import finished, report_every
from engine.trials.subject import TrialSubject, first_weights
from engine.words import counted, percent

CODE = "cannot-overfit-batch"
SOURCE = "CS231n, Neural networks 3, Sanity checks; TheDeepChecker (arXiv 2204.00694)"
LOSS, LEARNED = "loss", "learned"


class OverfitFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of the attempt."""

    samples: int
    steps: int
    first_loss: float
    last_loss: float | None
    """None: not finite."""
    accuracy: float | None
    """None for a regression."""
    found: bool
    """True if the doctor's rule reports a failure."""
    cause: str = ""
    """The doctor's sentence on the cause, "" if it finds none."""
    changes: dict[str, Any] = {}
    """The fix for that cause."""


def overfit(subject: TrialSubject, steps: int = STEPS) -> Generator[TrialEvent, None, None]:
    """Train a copy on a few samples until it memorises them, and report if it does.

    Args:
        steps: updates at most.
    """
    started = time.perf_counter()
    yield TrialStarted(
        trial="overfit",
        subject=subject.words,
        beginning=first_weights(subject.experiment.seed),
        plot=Plot(
            title="loss on the samples",
            x_label="update",
            curves=(TrialCurve(LOSS, "main"), TrialCurve(LEARNED, "level")),
            log_y=True,
        ),
        notes=(f"{SAMPLES} samples at most, evenly sampled; without dropout and weight decay",),
    )
    with blas.limited():
        outcome = yield from _attempt(subject, steps)
        findings = _findings(subject, outcome)
    figures = figures_of(outcome, findings)
    own = next((finding for finding in findings if finding.code == CODE), None)
    yield finished("overfit", answer_of(figures), figures, SOURCE, started, finding=own)


def _attempt(subject: TrialSubject, steps: int) -> Generator[TrialEvent, None, Overfit]:
    plan = plan_with(subject.experiment, subject.data)
    losses = _Attempt(overfitting(plan, subject.fresh(), subject.data, steps=steps))
    first = next(iter(losses))
    yield TrialPoints(curve=LEARNED, x=[0.0], y=[NOT_LEARNED * first])
    yield TrialPoints(curve=LOSS, x=[0.0], y=[finite(first)])
    for batch, done in report_every(losses):
        at = [float(done - len(batch) + i + 1) for i in range(len(batch))]
        yield TrialPoints(curve=LOSS, x=at, y=[finite(loss) for loss in batch])
        yield TrialPoints(curve=LEARNED, x=[at[-1]], y=[NOT_LEARNED * first])
        yield TrialProgress(share=done / steps, phase=f"update {done:,}")
    return losses.result


class _Attempt:
    """The losses of an attempt; `result` is set once they are exhausted."""

    def __init__(self, attempt: Generator[float, None, Overfit]) -> None:
        self._losses = self._all(attempt)
        self.result: Overfit

    def _all(self, attempt: Generator[float, None, Overfit]) -> Iterator[float]:
        self.result = yield from attempt

    def __iter__(self) -> Iterator[float]:
        return self._losses


def _findings(subject: TrialSubject, outcome: Overfit) -> list[Finding]:
    """Return the doctor's findings before the training, this attempt included."""
    plan = plan_with(subject.experiment, subject.data)
    start: Start = replace(start_of(plan, subject.fresh(), subject.data), overfit=outcome)
    return arrange([*diagnose(plan), *diagnose(start)])


def figures_of(outcome: Overfit, findings: list[Finding]) -> OverfitFigures:
    """Return the figures of an attempt, with the cause of its failure."""
    own = next((finding for finding in findings if finding.code == CODE), None)
    root = next((one for one in findings if own is not None and one.code == own.cause), None)
    return OverfitFigures(
        **msgspec.structs.asdict(outcome),
        found=own is not None,
        cause=root.message if root else "",
        changes=root.remedy if root else {},
    )


def answer_of(figures: OverfitFigures) -> TrialAnswer:
    """Return the meaning of the figures."""
    of = counted(figures.samples, "sample") if figures.samples != 1 else "the only sample"
    right = "" if figures.accuracy is None else f" with {percent(figures.accuracy)} right"
    last = "NaN or infinity" if figures.last_loss is None else f"{figures.last_loss:.3g}"
    course = (
        f"{counted(figures.steps, 'update')} reduced the loss from {figures.first_loss:.3g} to {last}{right}"
    )
    if not figures.found:
        sentence = f"It memorised {of}: {course}, so data, network, loss and optimizer work together."
        return TrialAnswer(outcome="learned", passed=True, sentence=sentence)
    why = f". Cause: {figures.cause.rstrip('.')}" if figures.cause else ""
    outcome = "diverged" if figures.last_loss is None else "not-learned"
    sentence = f"It cannot overfit {of}: {course}, so data, network, loss or optimizer is broken{why}."
    return TrialAnswer(
        outcome=outcome,
        passed=False,
        sentence=sentence,
        changes=figures.changes,
        code=CODE,
        severity="error",
    )
