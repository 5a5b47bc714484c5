"""Training that hardly moves: a learning rate that is too low, updates of the wrong size, a plateau."""

import statistics
from collections.abc import Iterator

from engine.doctor.evidence import Course
from engine.doctor.remedies import more_room, raise_rate
from engine.doctor.rule import Verdict, rule

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
    if fall < SLOW_FALL and update < SMALL_UPDATE and not learned:
        rate = course.plan.experiment.training.optimizer.lr
        yield Verdict(
            severity="warning",
            message=f"a learning rate of {rate:g} is too low here: {course.steps:,} updates brought the loss from "
            f"{course.first_loss:.3g} to {course.last_loss:.3g}, each changing the weights by {100 * update:.2g} % only",
            evidence={"learning_rate": rate, "update_ratio": update, "fall": fall},
            remedy=raise_rate(course.plan),
        )


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
    """One layer whose weights move far less or far more than they should, while the training is stuck."""
    if not course.is_stuck or not course.plan.learns_by_gradient or not _enough_seen(course):
        return
    for position, first in enumerate(course.start.layers.layers):
        ratios = [
            ratio
            for layers in course.later_layers()
            if (ratio := layers.layers[position].update_ratio) is not None
        ]
        if len(ratios) < 3 or first.kind != "dense":
            continue
        ratio = statistics.median(ratios)
        if RATIO_LOW <= ratio <= RATIO_HIGH:
            continue
        far = "hardly moves" if ratio < RATIO_LOW else "is thrown about"
        yield Verdict(
            severity="warning",
            layer=first.name,
            message=f"{first.name} {far}: an update changes its weights by {100 * ratio:.2g} %, where about 0.1 % is "
            "usual",
            evidence={"update_ratio": ratio},
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
            message=f"the training loss has stood at {now:.3g} for {flat} epochs, which a constant answer "
            "reaches as well: the network does not use its inputs",
            evidence={"before": before, "now": now, "baseline_share": course.relative_loss},
            remedy=more_room(course.plan)[0],
        )
