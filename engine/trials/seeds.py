"""Ten seeds: the same training with other first weights and sample orders, to measure the share of luck."""

import math
import statistics
import time
from collections.abc import Generator, Sequence

import msgspec

from engine import blas
from engine.data import Data, load_data
from engine.events import Finished
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.training.trainer import Trainer
from engine.trials.budget import Portion, left_out, portion_for
from engine.trials.events import (
    Plot,
    Role,
    TrialAnswer,
    TrialCurve,
    TrialEvent,
    TrialPoints,
    TrialProgress,
    TrialStarted,
)
from engine.trials.reporting import REPORT_S, finished, points
from engine.trials.subject import TrialSubject
from engine.trials.training import constant_score, score
from engine.words import counted, percent

SOURCE = "Bouthillier et al. 2021 (arXiv 2103.03098), Accounting for variance; Student 1908"
SEEDS = 10
BUDGET_S = 12.0
"""Nominal seconds of all trainings together."""
STUDENT = (
    *(
        12.706,
        4.303,
        3.182,
        2.776,
        2.571,
        2.447,
        2.365,
        2.306,
        2.262,
        2.228,
        2.201,
        2.179,
        2.160,
        2.145,
        2.131,
    ),
    *(
        2.120,
        2.110,
        2.101,
        2.093,
        2.086,
        2.080,
        2.074,
        2.069,
        2.064,
        2.060,
        2.056,
        2.052,
        2.048,
        2.045,
        2.042,
    ),
)
"""Quantile 0.975 of Student's t distribution with 1, 2, ..., 30 degrees of freedom."""
LEAST_KNOWLEDGE = 0.2
"""Score of the best seed above a constant prediction, required to call other seeds stuck."""


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """The scores of all seeds on one part."""

    part: str
    samples: int
    mean: float
    deviation: float
    """Standard deviation of single seeds, n - 1 in the denominator."""
    low: float
    """Lower end of the mean's 95 % interval; `high` is the upper one."""
    high: float
    worst: float
    best: float
    values: tuple[float, ...]
    """Score of each seed, in order."""


class SeedFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of all seeds."""

    measure: str
    """accuracy, or variance: the explained share of it."""
    seeds: tuple[int, ...]
    spreads: tuple[Spread, ...]
    """On the validation and the test samples, as far as there are any."""
    stuck: int
    """Seeds that end nearer to a constant prediction than to the best seed."""
    diverged: int


def seeds(subject: TrialSubject, count: int = SEEDS) -> Generator[TrialEvent, None, None]:
    """Repeat the training with several seeds, counted from the experiment's own.

    Args:
        count: number of seeds, 2 to 31.
    """
    started = time.perf_counter()
    plan, data = plan_for(subject, count)
    parts = [part for part in ("validation", "test") if len(getattr(data, part))] or ["train"]
    kind = "accuracy" if subject.classifies else "share of the variance explained"
    roles: tuple[Role, ...] = ("main", "other")
    dots = tuple(TrialCurve(part, role, dots=True) for part, role in zip(parts, roles, strict=False))
    yield TrialStarted(
        trial="seeds",
        subject=subject.words,
        beginning=f"initial weights, seeds {plan.seed} to {plan.seed + count - 1}",
        plot=Plot(
            title=kind,
            x_label="seed",
            curves=(*dots, TrialCurve("mean", "level")),
            grows=False,
            reach=(float(plan.seed), float(plan.seed + count - 1)),
        ),
        notes=_notes(subject, plan, data),
    )
    with blas.limited():
        figures = yield from _train_all(plan, data, parts, count)
    yield finished("seeds", answer_of(figures), figures, SOURCE, started)


def plan_for(subject: TrialSubject, count: int) -> tuple[Experiment, Data]:
    """Return the experiment that every seed trains, and its data: as much as the budget allows."""
    experiment, data = subject.experiment, subject.data
    training = experiment.training
    others = len(data.validation) + len(data.test)
    portion = portion_for(training, subject.n_parameters, len(data.train), BUDGET_S / count, others)
    raw = experiment.to_raw()
    raw["training"]["epochs"] = portion.epochs
    if portion.samples < len(data.train):
        share = len(data.train) / (len(data.train) + len(data.validation))
        raw["data"]["limit"] = round(portion.samples / share)
        data = load_data(Experiment.from_raw(raw).data)
    return Experiment.from_raw(raw), data


def _notes(subject: TrialSubject, plan: Experiment, data: Data) -> tuple[str, ...]:
    """Return what the trainings leave out, and the options with which `nnterm train` repeats them."""
    before = subject.experiment
    portion = Portion(len(data.train), plan.training.epochs)
    notes = left_out(portion, len(subject.data.train), before.training.epochs)
    if not notes:
        return ()
    options = [f"--set training.epochs={plan.training.epochs}"]
    if plan.data.limit != before.data.limit:
        options.append(f"--set data.limit={plan.data.limit}")
    return (*notes, f"to repeat one: nnterm train with {' '.join(options)} --seed N")


def _train_all(
    plan: Experiment, data: Data, parts: Sequence[str], count: int
) -> Generator[TrialEvent, None, SeedFigures]:
    every = range(plan.seed, plan.seed + count)
    values: dict[str, list[float]] = {part: [] for part in parts}
    diverged = 0
    for done, seed in enumerate(every):
        network, ended = yield from _train(plan, data, seed, done, count)
        diverged += ended.state == "diverged"
        for part in parts:
            reached = _reached(ended, network, data, part)
            values[part].append(reached)
            yield TrialPoints(curve=part, x=[float(seed)], y=[reached])
        yield TrialProgress(share=(done + 1) / count, phase=f"seed {seed}: {percent(values[parts[0]][-1])}")
    mean = statistics.fmean(values[parts[0]])
    yield TrialPoints(curve="mean", x=[float(every[0]), float(every[-1])], y=[mean, mean])
    return figures_of(plan, data, tuple(every), values, diverged)


def _train(
    plan: Experiment, data: Data, seed: int, done: int, count: int
) -> Generator[TrialEvent, None, tuple[Network, Finished]]:
    """Train with a seed, as `nnterm train --seed` does."""
    own = msgspec.structs.replace(plan, seed=seed)
    network = Network.of(own, data)
    trainer = Trainer(own, network, data)
    reported_s = time.perf_counter()
    for event in trainer:
        if isinstance(event, Finished):
            return network, event
        if time.perf_counter() - reported_s >= REPORT_S:
            share = (done + trainer.position.step / trainer.total_steps) / count
            yield TrialProgress(share=min(1.0, share), phase=f"training with seed {seed}")
            reported_s = time.perf_counter()
    raise RuntimeError("a training ends in a finished event")


def _reached(ended: Finished, network: Network, data: Data, part: str) -> float:
    accuracy: float | None = getattr(ended, f"{part}_accuracy")
    return score(network, getattr(data, part), classifies=False).value if accuracy is None else accuracy


def figures_of(
    plan: Experiment,
    data: Data,
    every: tuple[int, ...],
    values: dict[str, list[float]],
    diverged: int,
) -> SeedFigures:
    """Return the figures of the scores on each part, in the order of the seeds."""
    classifies = data.task != "regression"
    first = next(iter(values))
    floor = constant_score(getattr(data, first).y, classifies)
    spreads = tuple(spread_of(part, len(getattr(data, part)), scores) for part, scores in values.items())
    return SeedFigures(
        measure="accuracy" if classifies else "variance",
        seeds=every,
        spreads=spreads,
        stuck=count_stuck(values[first], floor),
        diverged=diverged,
    )


def count_stuck(values: Sequence[float], floor: float) -> int:
    """Return the number of scores nearer to a constant prediction than to the best; 0 if the best is hardly above it."""
    best = max(values)
    if best - floor < LEAST_KNOWLEDGE:
        return 0
    return sum(value < (best + floor) / 2 for value in values)


def spread_of(part: str, samples: int, values: Sequence[float]) -> Spread:
    """Return mean, deviation and the mean's interval by Student's t."""
    mean, deviation = statistics.fmean(values), statistics.stdev(values)
    reach = STUDENT[len(values) - 2] * deviation / math.sqrt(len(values))
    return Spread(
        part=part,
        samples=samples,
        mean=mean,
        deviation=deviation,
        low=mean - reach if min(values) < 0 else max(0.0, mean - reach),
        high=min(1.0, mean + reach),
        worst=min(values),
        best=max(values),
        values=tuple(values),
    )


def answer_of(figures: SeedFigures) -> TrialAnswer:
    """Return the meaning of the figures."""
    first, *others = figures.spreads
    n = len(figures.seeds)
    samples = counted(first.samples, f"{first.part} sample")
    reach = "right" if figures.measure == "accuracy" else "of the variance explained"
    sentence = (
        f"{counted(n, 'seed')} get {percent(first.mean)} of {samples} {reach} on average "
        f"(95 % interval {percent(first.low)} to {percent(first.high)}), from {percent(first.worst)} to "
        f"{percent(first.best)}, with a standard deviation of {points(first.deviation)}"
    )
    if not first.deviation:
        sentence = f"All {counted(n, 'seed')} get {percent(first.mean)} of {samples} {reach}"
    for other in others:
        luck = f" ± {points(other.deviation)}" if other.deviation else ""
        sentence += f"; on {other.part} {percent(other.mean)}{luck}"
    if figures.stuck or figures.diverged:
        failed = max(figures.stuck, figures.diverged)
        which = f"{failed} of them" if failed < n else "all of them"
        how = "diverged" if figures.diverged >= figures.stuck else "did not learn"
        sentence += f": {which} {how}" + (", so a single run says little." if failed < n else ".")
        return TrialAnswer(outcome="unsteady", passed=False, sentence=sentence)
    deviation = next((one.deviation for one in figures.spreads if one.deviation), 0.0)
    if not deviation:
        return TrialAnswer(outcome="same", passed=True, sentence=f"{sentence}: the seed makes no difference.")
    needed = STUDENT[n - 2] * math.sqrt(2) * deviation
    sentence += f": two single runs less than {points(needed)} apart may differ by the seed alone."
    return TrialAnswer(outcome="steady", passed=True, sentence=sentence)
