"""Rules on training that hardly changes anything: low learning rate, updates of the wrong size, plateau."""

import statistics
from collections.abc import Iterator, Mapping

from engine.doctor.evidence import Course
from engine.doctor.remedies import more_room, raise_rate
from engine.doctor.rule import Verdict, rule
from engine.doctor.rules.numbers import has_spiked
from engine.doctor.rules.rates import is_near_highest
from engine.doctor.rules.units import NO_HOPE, VANISHED
from engine.words import NEXT_TO_NOTHING, listed, rough_percent

SLOW_FALL = 0.1
"""Relative fall of the loss over the whole training."""
LEARNED = 0.3
"""Loss over that of a constant prediction, below which little is left to learn."""
SMALL_UPDATE = 2e-4
"""Update norm over weight norm (CS231n: about 1e-3; FACTS: healthy 5e-4 to 8e-3)."""
RATIO_LOW, RATIO_HIGH = 1e-5, 0.1
FLAT_EPOCHS, FLAT_SHARE = 5, 0.2
"""Epochs without progress, and their share of the training; xor stays flat for a long time before it falls."""
FLAT = 0.01
"""Relative fall of the training loss over the newest epochs."""
WORSE = 1.1
"""Training loss over that of a constant prediction, above which it is called worse."""


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
    if fall < SLOW_FALL and 0 < update < SMALL_UPDATE:
        rate = course.plan.experiment.training.optimizer.lr
        yield Verdict(
            severity="warning",
            message=f"a learning rate of {rate:g} is too low here: {course.steps:,} updates brought the loss "
            f"from {course.first_loss:.3g} to {course.last_loss:.3g}, each changing the weights by "
            f"{rough_percent(update)} only",
            evidence={"learning_rate": rate, "update_ratio": update, "fall": fall},
            remedy=raise_rate(course.plan),
        )


def _is_blocked(course: Course) -> bool:
    """Return True if updates are small because no gradient arrives, or because a spike switched units off."""
    seen = course.layers[-1].layers
    off = any((layer.dead or 0.0) > NO_HOPE or (layer.saturated or 0.0) > NO_HOPE for layer in seen)
    first, last = seen[0].gradient_norm, seen[-1].gradient_norm
    vanished = first is not None and last is not None and first <= VANISHED * last
    return off or vanished or has_spiked(course)


def _has_enough_epochs(course: Course) -> bool:
    return course.is_over or len(course.epochs) >= 2


def _median_update(course: Course) -> float | None:
    """Return the median of the update ratio over time and layers."""
    ratios = [
        layer.update_ratio
        for layers in course.later_layers()
        for layer in layers.layers
        if layer.update_ratio is not None
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
        yield _odd_updates(small, "hardly moves", "hardly move")
    if large:
        yield _odd_updates(large, "is thrown about", "are thrown about")


def _median_updates(course: Course) -> dict[str, float]:
    """Return the median over time of each dense layer's update ratio, if it was measured often enough."""
    medians: dict[str, float] = {}
    for position, first in enumerate(course.start.layers.layers):
        ratios = [
            ratio
            for layers in course.later_layers()
            if (ratio := layers.layers[position].update_ratio) is not None
        ]
        if len(ratios) >= 3 and first.kind == "dense":
            medians[first.name] = statistics.median(ratios)
    return medians


def _odd_updates(ratios: Mapping[str, float], one: str, several: str) -> Verdict:
    """Return one verdict, on the first layer, for all layers that are off in the same direction."""
    first, most = next(iter(ratios)), max(ratios.values())
    is_one = len(ratios) == 1
    if most:
        up_to = "" if is_one or most < NEXT_TO_NOTHING else "up to "
        size = f"an update changes {'its' if is_one else 'their'} weights by {up_to}{rough_percent(most)}"
        why = f"{one if is_one else several}: {size}, where about 0.1 % is usual"
    else:
        why = "stands still: its gradient is 0" if is_one else "stand still: their gradients are 0"
        why += ", so that no update changes the weights"
    return Verdict(
        severity="warning",
        layer=first,
        message=f"{listed(ratios)} {why}",
        evidence={"update_ratio": ratios[first], **({} if is_one else {"layers": dict(ratios)})},
    )


@rule("plateau", Course, "AutoTrainer (ICSE 2021), not converging; TheDeepChecker (arXiv 2204.00694)")
def plateau(course: Course) -> Iterator[Verdict]:
    """Report a loss that stays flat and is no better than that of a constant prediction."""
    losses = course.train_losses
    flat = max(FLAT_EPOCHS, round(FLAT_SHARE * course.plan.experiment.training.epochs))
    if len(losses) <= flat or not course.is_stuck or course.relative_loss is None or course.diverged:
        return
    before, now = losses[-flat - 1], losses[-1]
    if before > 0 and 1 - now / before < FLAT:
        yield Verdict(
            severity="warning",
            message=f"the training loss has stood at {now:.3g} for {flat} epochs, {_beside_constant(course)}",
            evidence={"before": before, "now": now, "baseline_share": course.relative_loss},
            remedy=more_room(course.plan)[0],
        )


def _beside_constant(course: Course) -> str:
    """Return how a flat loss compares with that of a constant prediction, in words."""
    baseline = course.plan.facts.baseline if course.plan.facts else None
    if baseline and (course.relative_loss or 0.0) > WORSE:
        return f"where a constant answer has {baseline:.3g}: the network is worse than one that ignores its inputs"
    return "which a constant answer reaches as well: the network does not use its inputs"
