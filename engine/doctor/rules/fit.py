"""How well the network fits in the end: too little, too much, too short, too long."""

import math
import statistics
from collections.abc import Iterator

from engine.doctor.evidence import Course
from engine.doctor.remedies import more_room
from engine.doctor.rule import Verdict, rule

UNDERFIT = 0.6
"""Training loss over that of the best constant answer."""
OVERFIT, OVERFIT_RISE = 1.2, 0.1
"""Validation loss over its lowest, and its rise over the loss of a constant answer, while the training loss fell."""
OVERFIT_EPOCHS = 5
OVERFIT_NEVER = 1.1
"""Even the best of the newest epochs over the lowest."""
STILL_FALLING = 0.15
"""Fall of the validation (else training) loss over the last quarter of the epochs."""
NEAR = 1.02
"""Validation loss over its lowest, from which on it is as good as there."""
LEARNED = 0.05
"""Training loss over that of the best constant answer, below which there is nothing more to gain."""
BETTER = 0.05
"""Validation accuracy above that of training, both of the trained network as it judges."""
PATIENCE = 5
_GOODFELLOW = "Goodfellow, Bengio, Courville 2016, section 5.2"


@rule("underfitting", Course, _GOODFELLOW)
def underfitting(course: Course) -> Iterator[Verdict]:
    """Even the samples that it learned from are not known: the network is too small, held back, or not done."""
    relative = course.relative_loss
    if not course.is_over or relative is None or relative <= UNDERFIT or not course.plan.learns_by_gradient:
        return
    if course.recent_fall > STILL_FALLING:
        return  # it is not done: too short
    remedy, why = more_room(course.plan)
    yield Verdict(
        severity="warning",
        message=f"the training loss ends at {course.last_loss:.3g}, {100 * relative:.3g} % of what a constant answer "
        f"reaches{why}",
        evidence={"train_loss": course.last_loss, "baseline_share": relative},
        remedy=remedy,
    )


@rule("overfitting", Course, f"{_GOODFELLOW}; Prechelt 1998, Early stopping; Amazon SageMaker Debugger")
def overfitting(course: Course) -> Iterator[Verdict]:
    """The validation loss rises while the training loss falls: it learns the samples, not what they have in common."""
    losses, train = course.validation_losses, course.train_losses
    if len(losses) <= OVERFIT_EPOCHS or course.diverged or course.plan.info.kind == "gate":
        return
    if course.plan.experiment.training.patience:
        return  # it will end, and keep the best weights
    smooth = _running_median(losses)
    best = min(range(len(smooth)), key=lambda i: smooth[i])
    recent, lowest = smooth[-1], smooth[best]
    baseline = (course.plan.facts.baseline if course.plan.facts else None) or 1.0
    rises = recent > max(OVERFIT * lowest, lowest + OVERFIT_RISE * baseline)
    rises = rises and min(losses[-OVERFIT_EPOCHS:]) > OVERFIT_NEVER * lowest  # else it only wavers
    if len(losses) - 1 - best < OVERFIT_EPOCHS or not rises or train[-1] >= 0.9 * train[best]:
        return
    yield Verdict(
        severity="warning",
        message=f"the validation loss was lowest ({lowest:.3g}) in epoch {course.epochs[best].epoch} and has risen "
        f"to {recent:.3g}, while the training loss fell from {train[best]:.3g} to {train[-1]:.3g}",
        evidence={"best_epoch": course.epochs[best].epoch, "lowest": lowest, "now": recent},
        remedy={"training.patience": PATIENCE},
    )


def _running_median(losses: tuple[float, ...]) -> list[float]:
    """The median over the newest epochs up to each: one good or bad epoch is none."""
    finite = [loss if math.isfinite(loss) else math.inf for loss in losses]
    return [statistics.median_low(finite[max(0, i - OVERFIT_EPOCHS + 1) : i + 1]) for i in range(len(finite))]


@rule("too-short", Course, "Goodfellow, Bengio, Courville 2016, section 7.8")
def too_short(course: Course) -> Iterator[Verdict]:
    """It ended while it was still getting better by the epoch."""
    losses = course.validation_losses or course.train_losses
    if not course.is_over or len(losses) < 2 or course.plan.experiment.training.patience:
        return
    epochs = course.plan.experiment.training.epochs
    fall, relative = course.recent_fall, course.relative_loss
    if fall > STILL_FALLING and losses[-1] <= min(losses) and relative is not None and relative > LEARNED:
        yield Verdict(
            severity="warning" if relative > UNDERFIT else "info",
            message=f"the loss was still falling when training ended, by {100 * fall:.2g} % over the last quarter of "
            f"the {epochs} epochs: more of them would make it better",
            evidence={"fall": fall, "epochs": epochs},
            remedy={"training.epochs": 3 * epochs},
        )


@rule("too-long", Course, "Prechelt 1998, Early stopping, but when?")
def too_long(course: Course) -> Iterator[Verdict]:
    """Most of the epochs brought nothing."""
    losses = course.validation_losses
    if not course.is_over or len(losses) < 20 or course.plan.info.kind == "gate":
        return
    lowest = min((loss for loss in losses if math.isfinite(loss)), default=math.nan)
    reached = next((i for i, loss in enumerate(losses) if loss <= NEAR * lowest), len(losses))
    if reached < len(losses) // 3 and not course.plan.experiment.training.patience:
        yield Verdict(
            severity="info",
            message=f"the validation loss was within 2 % of its lowest after {course.epochs[reached].epoch} of "
            f"{course.plan.experiment.training.epochs} epochs: the others brought nothing",
            evidence={"reached": course.epochs[reached].epoch, "lowest": lowest},
            remedy={"training.patience": PATIENCE},
        )


@rule("validation-better", Course, "Schoop, Huang, Hartmann 2021, UMLAUT (CHI 2021)")
def validation_better(course: Course) -> Iterator[Verdict]:
    """Better on held-out samples than on its own, judged alike, dropout off for both: they must be easier, or known."""
    end, facts = course.finished, course.plan.facts
    if end is None or facts is None or end.train_accuracy is None or end.validation_accuracy is None:
        return
    gap = end.validation_accuracy - end.train_accuracy
    p = end.train_accuracy
    luck = 3 * math.sqrt(max(p * (1 - p), 1e-4) / max(1, facts.validation))  # three standard errors
    if gap > max(BETTER, luck) and course.plan.info.kind != "gate":
        yield Verdict(
            severity="warning",
            message=f"the network is right for {100 * end.validation_accuracy:.3g} % of the validation samples but only "
            f"{100 * p:.3g} % of those that it learned from: the held-out part is easier, or not apart",
            evidence={"train": p, "validation": end.validation_accuracy, "luck": luck},
        )
