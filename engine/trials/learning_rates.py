"""The learning-rate range test: the loss while the learning rate grows with every update."""

import math
import time
from collections.abc import Generator, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from engine import blas
from engine.arrays import Array
from engine.events import Steps
from engine.training.trainer import Trainer
from engine.trials.budget import steps_for
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
from engine.trials.subject import TrialSubject, refuse_perceptron
from engine.trials.training import LossCourse
from engine.words import counted

SOURCE = "Smith 2017 (arXiv 1506.01186), section 3.3; Bengio 2012 (arXiv 1206.5533), section 3.1.1"
LOWEST_RATE, HIGHEST_RATE = 1e-6, 10.0
"""Ends of the sweep, if the experiment's own rate lies well between them."""
MOST_STEPS, LEAST_STEPS = 2_000, 300
BUDGET_S = 6.0
"""Nominal seconds of the sweep."""
SMOOTHING_DECADES = 0.14
"""Standard deviation of the Gaussian that smooths the logarithm of the loss, in powers of ten of the rate; symmetric, so
that nothing is delayed."""
RISE = 4.0
"""Loss over its lowest value above which it counts as diverged; the bound of fast.ai's test."""
MOST_POINTS = 250
"""Points of the curve of batch losses at most, each a mean of some losses."""
SHARE = 0.25
"""Suggested rate over that of the lowest loss: Smith's 1/4 of the largest rate that still helps."""
FALL = 0.97
"""Lowest loss over the first above which no rate learned anything."""
LEARNED = 0.05
"""Smoothed loss over the first from which the samples are learned: it then falls at any rate, and is small enough."""
NOISE = 0.001
"""Smoothed loss over the first below which a rise is no divergence: of learned samples the loss changes by factors."""
CLEAR = 0.8
"""Lowest loss over the first below which the place of the steepest fall is not noise."""
NEAR, FAR = 1.5, 10.0
"""Factors from the suggested rate: within the first a rate is equally good, beyond the second it is too low."""
BATCHES, SMOOTHED, NOW, SUGGESTED = "batches", "smoothed", "now", "suggested"


class Sweep(NamedTuple):
    """The losses of a test and their rates."""

    rates: Array
    """Learning rate of each update, rising, (n,)."""
    losses: Array
    """Loss of each batch before its update, (n,); NaN: not finite."""


class RateFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of the sweep; losses are smoothed, rates are learning rates."""

    rate: float
    """Of the experiment."""
    first_loss: float
    """Smoothed loss at the first rate."""
    lowest_loss: float
    steepest: float | None
    """Rate at which the loss falls fastest; None: it falls too little to tell that from noise."""
    lowest: float
    """Rate of the lowest loss."""
    diverges: float | None
    """First rate after the lowest with a loss above `RISE` times the lowest; None: no rate."""
    learned: float | None = None
    """First rate at which the loss is below `LEARNED` times the first; None: no rate."""
    suggested: float
    highest: float
    """The last rate tried."""
    steps: int


def rates(subject: TrialSubject) -> Generator[TrialEvent, None, None]:
    """Train with a learning rate that grows exponentially from 1e-6 to 10, and find the rates that learn.

    Raises:
        NntermError: the network learns by the perceptron's rule, which is the same at every rate.
    """
    refuse_perceptron(subject, "learns the same with every rate: only the size of its weights changes")
    started = time.perf_counter()
    training = subject.experiment.training
    fitting = steps_for(training, subject.n_parameters, len(subject.data.train), BUDGET_S)
    every = rates_for(training.optimizer.lr, max(LEAST_STEPS, min(MOST_STEPS, fitting)))
    yield TrialStarted(
        trial="rates",
        subject=subject.words,
        beginning=subject.beginning,
        plot=Plot(
            title="loss of the batches",
            x_label="learning rate, as a power of ten",
            curves=(
                TrialCurve(BATCHES, "pale"),
                TrialCurve(SMOOTHED, "main"),
                TrialCurve(NOW, "other", dots=True),
                TrialCurve(SUGGESTED, "good", dots=True),
            ),
            log_y=True,
            grows=False,
            reach=(math.log10(every[0]), math.log10(every[-1])),
        ),
        notes=_notes(subject, every),
    )
    with blas.limited():
        sweep = yield from _sweep(subject, every)
    figures = figures_of(sweep, training.optimizer.lr)
    if figures is None:
        answer = TrialAnswer(
            outcome="broken", passed=False, sentence="The first loss is not finite (NaN or Inf)."
        )
        yield finished("rates", answer, RateNothing(rate=training.optimizer.lr), SOURCE, started)
        return
    yield from _lines(sweep, figures)
    answer = answer_of(figures)
    mark = math.log10(figures.suggested) if answer.outcome != "flat" else None
    yield finished("rates", answer, figures, SOURCE, started, mark=mark)


class RateNothing(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a network whose first loss is not finite."""

    rate: float


def rates_for(rate: float, steps: int) -> Array:
    """Return the rate of each update, from the lowest to the highest, (steps,)."""
    return np.geomspace(min(LOWEST_RATE, rate / 10), max(HIGHEST_RATE, 10 * rate), steps)


def _notes(subject: TrialSubject, every: Array) -> tuple[str, ...]:
    notes = [
        f"{counted(len(every), 'update')} with a rate that rises from {_rate(every[0])} to {_rate(every[-1])}"
    ]
    if not subject.experiment.training.schedule.is_constant:
        notes.append(
            f"without the schedule ({subject.experiment.training.schedule.name}): it would change the rate"
        )
    if subject.state is not None:
        notes.append("the optimizer starts without its momentum and averages")
    return tuple(notes)


def _sweep(subject: TrialSubject, every: Array) -> Generator[TrialEvent, None, Sweep]:
    losses: list[float | None] = []
    steps = len(every)
    bucket = math.ceil(steps / MOST_POINTS)
    course = LossCourse(BATCHES, bucket, lambda end: round(math.log10(every[end - 1 - bucket // 2]), 4))
    for batch, done in report_every(_losses(subject, every.tolist())):
        losses += batch
        course.waiting += batch
        yield from course.points()
        yield TrialProgress(share=done / steps, phase=f"learning rate {_rate(every[done - 1], 1)}")
    values = np.array([math.nan if loss is None else loss for loss in losses])
    return Sweep(every[: len(values)], values)


def _losses(subject: TrialSubject, every: Sequence[float]) -> Iterator[float | None]:
    """Yield the loss of each update's batch, updating with the next rate; end early if it diverges."""
    plan = subject.experiment_with(epochs=len(every), schedule={"name": "constant"}, patience=0)
    trainer = Trainer(plan, subject.network(), subject.data)
    done = 0
    trainer.learning_rate = every[0]
    trainer.single_step()
    for event in trainer:
        if not isinstance(event, Steps):
            continue
        yield from event.losses
        done += event.count
        if trainer.has_diverged or done >= len(every):
            return
        trainer.learning_rate = every[done]
        trainer.single_step()


def _lines(sweep: Sweep, figures: RateFigures) -> Iterator[TrialEvent]:
    """Yield the smoothed curve, and the points on it at the experiment's and the suggested rate."""
    at, losses = np.log10(sweep.rates), smoothed(sweep)
    yield TrialPoints(curve=SMOOTHED, x=at.round(4).tolist(), y=[float(f"{y:.5g}") for y in losses])
    for name, rate in ((NOW, figures.rate), (SUGGESTED, figures.suggested)):
        if at[0] <= math.log10(rate) <= at[-1]:
            place = math.log10(rate)
            yield TrialPoints(curve=name, x=[place], y=[float(np.exp(np.interp(place, at, np.log(losses))))])


def smoothed(sweep: Sweep) -> Array:
    """Return the Gaussian-weighted geometric mean of the losses around each rate, (n,); a loss that is not finite counts
    as the largest finite one.
    """
    n = len(sweep.losses)
    largest = np.nanmax(sweep.losses)
    logs = np.log(np.maximum(np.where(np.isfinite(sweep.losses), sweep.losses, largest), 1e-30))
    width = (
        SMOOTHING_DECADES * (n - 1) / max(1e-9, math.log10(sweep.rates[-1] / sweep.rates[0]))
    )  # in updates
    reach = max(1, math.ceil(3 * width))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(width, 1e-9)) ** 2)
    weights = np.convolve(np.ones(n), bell)[reach : reach + n]
    means: Array = np.exp(np.convolve(logs, bell)[reach : reach + n] / weights)
    return means


def figures_of(sweep: Sweep, rate: float) -> RateFigures | None:
    """Return the figures of a sweep and the experiment's own rate; None if the first loss is not finite."""
    if not len(sweep.losses) or not math.isfinite(sweep.losses[0]):
        return None
    losses = smoothed(sweep)
    low = int(np.argmin(losses))
    learned = np.flatnonzero(losses < LEARNED * losses[0])
    beyond = np.flatnonzero(losses[low:] > RISE * max(losses[low], NOISE * losses[0]))
    end = low + int(beyond[0]) if len(beyond) else None
    if end is None and not np.isfinite(sweep.losses[-1]):
        end = len(losses) - 1
    slope = np.gradient(losses[: low + 1], np.log10(sweep.rates[: low + 1])) if low else np.zeros(1)
    return RateFigures(
        rate=rate,
        first_loss=_short(losses[0], 4),
        lowest_loss=_short(losses[low], 4),
        steepest=_short(sweep.rates[int(np.argmin(slope))]) if losses[low] < CLEAR * losses[0] else None,
        lowest=_short(sweep.rates[low]),
        diverges=None if end is None else _short(sweep.rates[end]),
        learned=_short(sweep.rates[learned[0]]) if len(learned) else None,
        suggested=_short(min([SHARE * sweep.rates[low], *sweep.rates[learned[:1]]])),
        highest=_short(sweep.rates[-1]),
        steps=len(losses),
    )


def answer_of(figures: RateFigures) -> TrialAnswer:
    """Return the meaning of the figures for the experiment's rate."""
    rate, best = figures.rate, figures.suggested
    if figures.lowest_loss > FALL * figures.first_loss:
        sentence = (
            f"The loss does not fall at any rate up to {_rate(figures.highest)}: it starts at {figures.first_loss:.3g}, "
            f"its minimum is {figures.lowest_loss:.3g}, so the learning rate is not the cause."
        )
        return TrialAnswer(outcome="flat", passed=False, sentence=sentence)
    course = _course(figures)
    why = "a quarter of the rate with the lowest loss"
    if best == figures.learned:
        why = f"where the loss is below {100 * LEARNED:.0f} % of the first"
    quarter = f"suggested: {_rate(best)}, {why}"
    changes = {"training.optimizer.lr": best}
    if rate >= (RISE * figures.lowest if figures.diverges is None else figures.diverges):
        sentence = f"{course}: {_rate(rate)} is too high; {quarter}."
        return _unfit("too-high", sentence, changes, "learning-rate-high")
    if rate < best / FAR:
        sentence = f"{course}: {_rate(rate)} is {best / rate:,.0f} times lower than needed; {quarter}."
        return _unfit("too-low", sentence, changes, "learning-rate-low")
    if rate > figures.lowest:
        sentence = f"{course}: {_rate(rate)} still learns, but is close to divergence; {quarter}."
        return TrialAnswer(outcome="edge", passed=True, sentence=sentence, changes=changes)
    if best / NEAR <= rate <= best * NEAR:
        return TrialAnswer(outcome="fits", passed=True, sentence=f"{course}: {_rate(rate)} fits.")
    sentence = f"{course}: {_rate(rate)} fits; also possible: {_rate(best)}."
    return TrialAnswer(outcome="fits", passed=True, sentence=sentence, changes=changes)


def _course(figures: RateFigures) -> str:
    falls = "" if figures.steepest is None else f"falls fastest at {_rate(figures.steepest)}, "
    if figures.lowest >= figures.highest:
        falls = falls.replace(", ", " and ")
        return f"The loss {falls}still falls at {_rate(figures.lowest)}, the highest rate tried"
    ends = f"does not diverge up to {_rate(figures.highest)}"
    if figures.diverges is not None:
        ends = f"diverges from {_rate(figures.diverges)} on"
    return f"The loss {falls}is lowest at {_rate(figures.lowest)} and {ends}"


def _unfit(outcome: str, sentence: str, changes: dict[str, float], code: str) -> TrialAnswer:
    return TrialAnswer(
        outcome=outcome, passed=False, sentence=sentence, changes=changes, code=code, severity="warning"
    )


def _short(value: float, digits: int = 2) -> float:
    return float(f"{value:.{digits}g}")


def _rate(rate: float, digits: int = 6) -> str:
    """Return a rate in few characters: 0.01, 1e-6."""
    return f"{rate:.{digits}g}".replace("e-0", "e-").replace("e+0", "e")
