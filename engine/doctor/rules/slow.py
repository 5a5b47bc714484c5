"""Rules on training that hardly changes anything: low learning rate, updates of the wrong size, plateau."""

import statistics
from collections.abc import Iterable, Iterator, Mapping

from engine.doctor.evidence import Course
from engine.doctor.remedies import more_room, raise_rate
from engine.doctor.rule import Verdict, rule
from engine.doctor.rules.numbers import has_spiked
from engine.doctor.rules.rates import is_near_highest
from engine.doctor.rules.units import NO_HOPE, VANISHED
from engine.doctor.updates import meaningful_ratio
from engine.events import Layers
from engine.words import NEXT_TO_NOTHING, counted, listed, rough_percent

SLOW_FALL = 0.1
"""Relative fall of the loss over the whole training."""
LEARNED = 0.3
"""Loss over that of a constant prediction, below which little is left to learn."""
SMALL_UPDATE = 2e-4
"""Update norm over weight norm (CS231n: about 1e-3; FACTS: healthy 5e-4 to 8e-3)."""
RATIO_LOW, RATIO_HIGH = 1e-5, 0.1
FLAT_EPOCHS, FLAT_SHARE = 5, 0.2
"""Epochs without progress, and their share of the training; xor stays flat for a long time before it falls."""
GATE_FALL = 0.1
"""Relative fall of the loss over the last quarter of the epochs, above which a gate is still being learned."""
FLAT = 0.01
"""Relative fall of the training loss over the newest epochs."""
WORSE = 1.1
"""Training loss over that of a constant prediction, above which it is called worse."""
AS_GOOD = 0.97
"""Training loss over that of a constant prediction, above which it is called no better."""


@rule("learning-rate-low", Course, "Bengio 2012, section 3.1; UMLAUT (CHI 2021); CS231n, Neural networks 3")
def learning_rate_low(course: Course) -> Iterator[Verdict]:
    """Report a loss that falls very slowly while the updates are tiny relative to the weights."""
    if not course.plan.learns_by_gradient or course.first_loss is None or course.last_loss is None:
        return
    update = _median_update(course)
    fall = 1 - course.last_loss / course.first_loss if course.first_loss > 0 else 1.0
    if update is None or course.diverged or not _has_enough_epochs(course):
        return
    learned = course.relative_loss is not None and course.relative_loss < LEARNED
    if learned or _is_blocked(course) or is_near_highest(course.plan):
        return
    if fall < SLOW_FALL and 0 < update < SMALL_UPDATE and _is_slow_from_the_start(course):
        rate = course.plan.experiment.training.optimizer.lr
        yield Verdict(
            severity="warning",
            message=f"a learning rate of {rate:g} is too low: "
            f"{counted(course.steps, 'update')} reduced the loss only from "
            f"{course.first_loss:.3g} to {course.last_loss:.3g}, each changing the weights by {rough_percent(update)}",
            evidence={"learning_rate": rate, "update_ratio": update, "fall": fall},
            remedy=raise_rate(course.plan),
        )


def _is_slow_from_the_start(course: Course) -> bool:
    """Return True if the first updates were small too; else it was the gradient that became small, not the rate."""
    measured = list(course.later_layers())
    opening = _median_update(course, measured[: max(1, len(measured) // 4)])
    return opening is not None and opening < SMALL_UPDATE


def _is_blocked(course: Course) -> bool:
    """Return True if updates are small because no gradient arrives, or because a spike switched units off."""
    seen = course.layers[-1].layers
    off = any((layer.dead or 0.0) > NO_HOPE or (layer.saturated or 0.0) > NO_HOPE for layer in seen)
    first, last = seen[0].gradient_norm, seen[-1].gradient_norm
    vanished = first is not None and last is not None and first <= VANISHED * last
    return off or vanished or has_spiked(course)


def _has_enough_epochs(course: Course) -> bool:
    return course.is_over or len(course.epochs) >= 2


def _median_update(course: Course, measured: Iterable[Layers] | None = None) -> float | None:
    """Return the median of the update ratio over time and layers; over those measurements, if given."""
    ratios = [
        ratio
        for layers in (course.later_layers() if measured is None else measured)
        for layer, first in zip(layers.layers, course.start.layers.layers, strict=False)
        if (ratio := meaningful_ratio(layer, first)) is not None
    ]
    return statistics.median(ratios) if ratios else None


@rule("update-ratio", Course, "CS231n, Neural networks 3, Ratio of weights to updates; TheDeepChecker")
def update_ratio(course: Course) -> Iterator[Verdict]:
    """Report layers whose weights change far too little or far too much while the training is stuck."""
    if not course.is_stuck or not course.plan.learns_by_gradient or not _has_enough_epochs(course):
        return
    ratios = _median_updates(course)
    small = {name: ratio for name, ratio in ratios.items() if ratio < RATIO_LOW}
    large = {name: ratio for name, ratio in ratios.items() if ratio > RATIO_HIGH}
    if small:
        yield _odd_updates(small, "small")
    if large:
        yield _odd_updates(large, "large")


def _median_updates(course: Course) -> dict[str, float]:
    """Return the median over time of each dense layer's update ratio, if it was measured often enough."""
    medians: dict[str, float] = {}
    for position, first in enumerate(course.start.layers.layers):
        ratios = [
            ratio
            for layers in course.later_layers()
            if (ratio := meaningful_ratio(layers.layers[position], first)) is not None
        ]
        if len(ratios) >= 3 and first.kind == "dense":
            medians[first.name] = statistics.median(ratios)
    return medians


def _odd_updates(ratios: Mapping[str, float], size: str) -> Verdict:
    """Return one verdict, on the first layer, for all layers whose updates are too small or too large."""
    first, most = next(iter(ratios)), max(ratios.values())
    is_one = len(ratios) == 1
    if most:
        up_to = "" if is_one or most < NEXT_TO_NOTHING else "up to "
        why = f"updates too {size} ({up_to}{rough_percent(most)} of the weights per step; typical 0.1 %)"
    else:
        why = f"the weights do not change: {'its gradient is' if is_one else 'their gradients are'} 0"
    return Verdict(
        severity="warning",
        layer=first,
        message=f"{listed(ratios)}: {why}",
        evidence={"update_ratio": ratios[first], **({} if is_one else {"layers": dict(ratios)})},
    )


@rule("plateau", Course, "AutoTrainer (ICSE 2021), not converging; TheDeepChecker (arXiv 2204.00694)")
def plateau(course: Course) -> Iterator[Verdict]:
    """Report a loss that stays flat and is no better than that of a constant prediction."""
    yield from _stuck_gate(course)
    losses = course.train_losses
    flat = max(FLAT_EPOCHS, round(FLAT_SHARE * course.plan.experiment.training.epochs))
    if len(losses) <= flat or not course.is_stuck or course.relative_loss is None or course.diverged:
        return
    before, now = losses[-flat - 1], losses[-1]
    if before > 0 and 1 - now / before < FLAT:
        remedy, why = more_room(course.plan)
        yield Verdict(
            severity="warning",
            message=f"the training loss has stayed at {now:.3g} for {counted(flat, 'epoch')}, {beside_constant(course)}"
            + (why or _ignores_inputs(course)),
            evidence={"before": before, "now": now, "baseline_share": course.relative_loss},
            remedy=remedy,
        )


def _stuck_gate(course: Course) -> Iterator[Verdict]:
    """Report a truth table that ends half learned: a local minimum, since it has no noise."""
    end = course.finished
    if (
        course.plan.info.kind != "gate"
        or course.plan.experiment.data.noise
        or not course.is_over
        or course.is_stuck
    ):
        return
    if end is None or end.train_accuracy is None or end.train_accuracy == 1 or course.recent_fall > GATE_FALL:
        return
    remedy, why = more_room(course.plan)
    seed = {"seed": course.plan.experiment.seed + 1}
    yield Verdict(
        severity="warning",
        message=f"the training loss stays at {course.last_loss:.3g}, with {100 * end.train_accuracy:.3g} % of the rows "
        f"right: a local minimum; start from other weights (another seed), or use more units{why}",
        evidence={"now": course.last_loss, "train_accuracy": end.train_accuracy},
        remedy=remedy or seed,
    )


def _ignores_inputs(course: Course) -> str:
    """Return that a flat loss near that of a constant prediction means an output without use of its inputs."""
    is_worse = (course.relative_loss or 0.0) > WORSE
    return "" if is_worse else ": the output hardly depends on the inputs"


def beside_constant(course: Course) -> str:
    """Return how the training loss compares with that of the best constant prediction, in words."""
    baseline = course.plan.facts.baseline if course.plan.facts else None
    relative = course.relative_loss or 0.0
    if baseline and relative > WORSE:
        return f"worse than a constant prediction ({baseline:.3g})"
    if relative > AS_GOOD:
        return "no better than a constant prediction"
    return f"{100 * relative:.3g} % of the loss of a constant prediction"
