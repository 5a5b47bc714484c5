"""Training that hardly moves: a learning rate that is too low, updates of the wrong size, a plateau."""

import statistics
from collections.abc import Iterator, Mapping

from engine.doctor.evidence import Course
from engine.doctor.remedies import more_room, raise_rate
from engine.doctor.rule import Verdict, rule
from engine.doctor.rules.numbers import has_leapt
from engine.doctor.rules.rates import is_usual_at_most
from engine.doctor.rules.units import NO_HOPE, VANISHED
from engine.doctor.words import NEXT_TO_NOTHING, listed, percent

SLOW_FALL = 0.1
"""Of the distance between the first loss and 0, over the whole training."""
LEARNED = 0.3
"""Loss over that of a constant answer, below which there is little left to learn."""
SMALL_UPDATE = 2e-4
"""Of the weights' norm, in one update (CS231n: about 1e-3; FACTS: healthy 5e-4 to 8e-3)."""
RATIO_LOW, RATIO_HIGH = 1e-5, 0.1
FLAT_EPOCHS, FLAT_SHARE = 5, 0.2
"""Epochs without progress: so many, and so large a share of the training; xor rests for long and then falls."""
FLAT = 0.01
"""Fall of the training loss over the newest epochs."""
WORSE = 1.1
"""Training loss over that of a constant answer, from which on it is called worse."""


@rule("learning-rate-low", Course, "Bengio 2012, section 3.1; UMLAUT (CHI 2021); CS231n, Neural networks 3")
def learning_rate_low(course: Course) -> Iterator[Verdict]:
    """The loss falls, but so slowly that it will not arrive; the updates are tiny beside the weights."""
    if not course.plan.learns_by_gradient or course.first_loss is None or course.last_loss is None:
        return
    update = _median_update(course)
    fall = 1 - course.last_loss / course.first_loss if course.first_loss > 0 else 1.0
    if update is None or course.diverged or not _enough_seen(course):
        return
    learned = course.relative_loss is not None and course.relative_loss < LEARNED
    if learned or _is_cut_off(course) or is_usual_at_most(course.plan):
        return
    if fall < SLOW_FALL and 0 < update < SMALL_UPDATE:
        rate = course.plan.experiment.training.optimizer.lr
        yield Verdict(
            severity="warning",
            message=f"a learning rate of {rate:g} is too low here: {course.steps:,} updates brought the loss from "
            f"{course.first_loss:.3g} to {course.last_loss:.3g}, each changing the weights by {percent(update)} only",
            evidence={"learning_rate": rate, "update_ratio": update, "fall": fall},
            remedy=raise_rate(course.plan),
        )


def _is_cut_off(course: Course) -> bool:
    """Whether updates are small since no gradient arrives, or since a leap threw the units off: no rate mends that."""
    seen = course.layers[-1].layers
    off = any((layer.dead or 0.0) > NO_HOPE or (layer.saturated or 0.0) > NO_HOPE for layer in seen)
    first, last = seen[0].gradient_norm, seen[-1].gradient_norm
    vanished = first is not None and last is not None and first <= VANISHED * last
    return off or vanished or has_leapt(course)


def _enough_seen(course: Course) -> bool:
    return course.is_over or len(course.epochs) >= 2


def _median_update(course: Course) -> float | None:
    """The median over time and layers of the update ratio."""
    ratios = [
        layer.update_ratio
        for layers in course.later_layers()
        for layer in layers.layers
        if layer.update_ratio is not None
    ]
    return statistics.median(ratios) if ratios else None


@rule("update-ratio", Course, "CS231n, Neural networks 3, Ratio of weights to updates; TheDeepChecker")
def update_ratio(course: Course) -> Iterator[Verdict]:
    """Layers whose weights move far less or far more than they should, while the training is stuck."""
    if not course.is_stuck or not course.plan.learns_by_gradient or not _enough_seen(course):
        return
    ratios = _median_updates(course)
    still = {name: ratio for name, ratio in ratios.items() if ratio < RATIO_LOW}
    thrown = {name: ratio for name, ratio in ratios.items() if ratio > RATIO_HIGH}
    if still:
        yield _odd_updates(still, "hardly moves", "hardly move")
    if thrown:
        yield _odd_updates(thrown, "is thrown about", "are thrown about")


def _median_updates(course: Course) -> dict[str, float]:
    """The median over time of each dense layer's update ratio, where it was measured often enough."""
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
    """The first of the layers that are off in the same direction speaks for all."""
    first, most = next(iter(ratios)), max(ratios.values())
    is_one = len(ratios) == 1
    if most:
        up_to = "" if is_one or most < NEXT_TO_NOTHING else "up to "
        size = f"an update changes {'its' if is_one else 'their'} weights by {up_to}{percent(most)}"
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
    """The loss stands still, no better than what a constant answer reaches."""
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
    """How a loss that stands compares with that of an answer that does not look at the input."""
    baseline = course.plan.facts.baseline if course.plan.facts else None
    if baseline and (course.relative_loss or 0.0) > WORSE:
        return f"where a constant answer has {baseline:.3g}: the network is worse than one that ignores its inputs"
    return "which a constant answer reaches as well: the network does not use its inputs"
