"""Rules on the fit at the end of a training: underfitting, overfitting, too short, too long."""

import math
import statistics
from collections.abc import Iterator

from engine.doctor.baselines import Baselines
from engine.doctor.evidence import Course
from engine.doctor.remedies import learn_by_gradient, more_room
from engine.doctor.rule import Verdict, rule
from engine.doctor.rules.numbers import has_spiked
from engine.doctor.rules.samples import FEWEST_STEPS
from engine.doctor.rules.slow import WORSE, beside_constant
from engine.words import counted

UNDERFIT = 0.6
"""Training loss over that of the best constant prediction, above which the network underfits."""
BEHIND, SURE = 0.85, 2.0
"""Error of a simple method over that of the network, and standard errors, from which the method does better."""
FAR_BEHIND = 0.15
"""Accuracy of a simple method above the network's training accuracy, at which the network underfits at any loss."""
UNSPLIT = 0.4
"""Share of a constant prediction's errors that a perceptron still makes."""
OVERFIT, OVERFIT_RISE = 1.2, 0.1
"""Validation loss over its lowest, and its rise in losses of a constant prediction, while the training loss fell."""
OVERFIT_EPOCHS = 5
OVERFIT_NEVER = 1.1
"""Lowest validation loss of the newest epochs over the lowest of all."""
STILL_FALLING = 0.15
"""Fall of the validation (else training) loss over the last quarter of the epochs."""
NEAR, NEAR_BASELINE = 1.02, 0.01
"""Validation loss over its lowest from which it counts as equally good; in a long training also a distance of so many
losses of a constant prediction: a loss near 0 halves repeatedly without one more correct prediction."""
FEWEST_EPOCHS, LONG = 20, 50
"""Epochs of a training that can be too long, and of a long one."""
LEARNED = 0.05
"""Training loss over that of the best constant prediction, below which nothing more can be gained."""
BETTER = 0.05
"""Validation accuracy above training accuracy, both in evaluation mode."""
PATIENCE = 5
_GOODFELLOW = "Goodfellow, Bengio, Courville 2016, section 5.2"


@rule("underfitting", Course, _GOODFELLOW)
def underfitting(course: Course) -> Iterator[Verdict]:
    """Report a high final training loss: the network is too small, too strongly regularised, or not trained enough."""
    relative = course.relative_loss
    if not course.plan.learns_by_gradient:
        yield from _perceptron_underfits(course)
        return
    if not course.is_over or relative is None:
        return
    better = _what_does_better(course)
    if relative <= UNDERFIT and not (better and _is_far_behind(course)):
        return
    if better is None:
        return  # as good as can be expected of these data
    if course.recent_fall > STILL_FALLING or course.output_is_constant:
        return  # not finished: too short; or nothing can be fitted
    remedy, why = more_room(course.plan)
    if course.steps < FEWEST_STEPS or len(course.epochs) < 2:
        epochs = course.plan.experiment.training.epochs
        seen = counted(course.steps, "update") if course.steps < FEWEST_STEPS else "one epoch"
        remedy, why = {"training.epochs": 10 * epochs}, f", after only {seen}"
    yield Verdict(
        severity="warning",
        message=f"the training loss ends at {course.last_loss:.3g}, {beside_constant(course)}{better}{why}",
        evidence={"train_loss": course.last_loss, "baseline_share": relative},
        remedy=remedy,
    )


def _what_does_better(course: Course) -> str | None:
    """Return what reaches clearly less than the network, in words; "" if that is not known, None if nothing does."""
    baselines = course.plan.facts.baselines if course.plan.facts else None
    error = _error(course)
    if baselines is None or error is None:
        return ""
    luck = 0.0 if not course.plan.chance else SURE * (baselines.constant / baselines.samples) ** 0.5
    if baselines.constant * baselines.best < BEHIND * error - luck:
        return f"; {baselines.name} reaches {_reached(course, baselines)} on samples of its own"
    return None


def _error(course: Course) -> float | None:
    """Return the training error in the measure of the baselines: wrong predictions for classes, else squared error."""
    end, facts = course.finished, course.plan.facts
    if course.plan.chance is not None:
        return None if end is None or end.train_accuracy is None else 1 - end.train_accuracy
    if facts is None or facts.baselines is None or course.relative_loss is None:
        return None
    return course.relative_loss * facts.baselines.constant


def _is_far_behind(course: Course) -> bool:
    """Return True if the network misses many training samples that a simple method gets right."""
    baselines, error = course.plan.facts.baselines if course.plan.facts else None, _error(course)
    if baselines is None or error is None or course.plan.chance is None:
        return False
    return error - baselines.constant * baselines.best > FAR_BEHIND


def _reached(course: Course, baselines: Baselines) -> str:
    if course.plan.chance is None:
        return f"{100 * baselines.best:.3g} % of it"
    return f"an accuracy of {100 * (1 - baselines.constant * baselines.best):.3g} %"


def _perceptron_underfits(course: Course) -> Iterator[Verdict]:
    """Report a perceptron with many errors: its rule converges only if the classes are linearly separable."""
    accuracy = course.finished.train_accuracy if course.finished else None
    chance = course.plan.chance
    if not course.is_over or accuracy is None or chance is None or course.plan.hidden:
        return
    missed = (1 - accuracy) / (1 - chance) if chance < 1 else 0.0
    if missed > UNSPLIT:
        yield Verdict(
            severity="warning",
            message=f"the perceptron rule classifies {100 * accuracy:.3g} % of the training samples correctly, a "
            f"constant prediction {100 * chance:.3g} %: the classes are not linearly separable, or it needs more epochs",
            evidence={"train_accuracy": accuracy, "chance": chance},
            remedy=learn_by_gradient(course.plan),
        )


@rule("overfitting", Course, f"{_GOODFELLOW}; Prechelt 1998, Early stopping; Amazon SageMaker Debugger")
def overfitting(course: Course) -> Iterator[Verdict]:
    """Report a validation loss that rises while the training loss falls."""
    losses, train = course.validation_losses, course.train_losses
    if len(losses) <= OVERFIT_EPOCHS or course.diverged or course.plan.info.kind == "gate":
        return
    if course.is_stuck:
        return  # nothing is learned yet, so nothing is memorised
    if course.plan.experiment.training.patience:
        return  # early stopping will end it and restore the best weights
    smooth = _running_median(losses)
    best = min(range(len(smooth)), key=lambda i: smooth[i])
    recent, lowest = smooth[-1], smooth[best]
    baseline = (course.plan.facts.baseline if course.plan.facts else None) or 1.0
    rises = recent > max(OVERFIT * lowest, lowest + OVERFIT_RISE * baseline)
    rises = rises and min(losses[-OVERFIT_EPOCHS:]) > OVERFIT_NEVER * lowest  # otherwise it only fluctuates
    if len(losses) - 1 - best < OVERFIT_EPOCHS or not rises or train[-1] >= 0.9 * train[best]:
        return
    yield Verdict(
        severity="warning",
        message=f"the validation loss, as the median of {OVERFIT_EPOCHS} epochs, was lowest ({lowest:.3g}) "
        f"in epoch {course.epochs[best].epoch} and has risen to {recent:.3g}, while the training "
        f"loss fell from {train[best]:.3g} to {train[-1]:.3g}",
        evidence={"best_epoch": course.epochs[best].epoch, "lowest": lowest, "now": recent},
        remedy={"training.patience": PATIENCE},
    )


def _running_median(losses: tuple[float, ...]) -> list[float]:
    """Return, for each epoch, the median of the newest losses: single good or bad epochs do not count."""
    finite = [loss if math.isfinite(loss) else math.inf for loss in losses]
    return [statistics.median_low(finite[max(0, i - OVERFIT_EPOCHS + 1) : i + 1]) for i in range(len(finite))]


@rule("too-short", Course, "Goodfellow, Bengio, Courville 2016, section 7.8")
def too_short(course: Course) -> Iterator[Verdict]:
    """Report a training that ended while its loss was still falling."""
    losses = course.validation_losses or course.train_losses
    if not course.is_over or len(losses) < 2 or course.plan.experiment.training.patience:
        return
    epochs = course.plan.experiment.training.epochs
    fall, relative = course.recent_fall, course.relative_loss
    if course.output_is_constant or (relative is not None and relative > WORSE and has_spiked(course)):
        return  # more epochs change nothing, or it has not recovered from steps that overshot
    if fall > STILL_FALLING and losses[-1] <= min(losses) and relative is not None and relative > LEARNED:
        yield Verdict(
            severity="warning" if relative > UNDERFIT else "info",
            message=f"the loss was still falling when training ended, by {100 * fall:.2g} % over the last quarter of "
            f"the {counted(epochs, 'epoch')}: train for more epochs",
            evidence={"fall": fall, "epochs": epochs},
            remedy={"training.epochs": 3 * epochs},
        )


@rule("too-long", Course, "Prechelt 1998, Early stopping, but when?")
def too_long(course: Course) -> Iterator[Verdict]:
    """Report a training most of whose epochs brought no improvement."""
    losses = course.validation_losses
    if not course.is_over or len(losses) < FEWEST_EPOCHS or course.plan.info.kind == "gate":
        return
    if course.relative_loss is not None and course.relative_loss > UNDERFIT:
        return  # nothing was learned that could have been learned sooner
    lowest = min((loss for loss in losses if math.isfinite(loss)), default=math.nan)
    baseline = (course.plan.facts.baseline if course.plan.facts else None) or 0.0
    near = NEAR * lowest
    if len(losses) >= LONG:
        near = max(near, lowest + NEAR_BASELINE * baseline)
    reached = next((i for i, loss in enumerate(losses) if loss <= near), len(losses))
    if reached < len(losses) // 3 and not course.plan.experiment.training.patience:
        yield Verdict(
            severity="info",
            message=f"the validation loss was near its minimum after {course.epochs[reached].epoch} of "
            f"{counted(course.plan.experiment.training.epochs, 'epoch')}: the rest brought no improvement",
            evidence={"reached": course.epochs[reached].epoch, "lowest": lowest},
            remedy={"training.patience": PATIENCE},
        )


@rule("validation-better", Course, "Schoop, Huang, Hartmann 2021, UMLAUT (CHI 2021)")
def validation_better(course: Course) -> Iterator[Verdict]:
    """Report a higher accuracy on held-out than on training samples: the held-out ones must be easier, or leaked."""
    end, facts = course.finished, course.plan.facts
    if end is None or facts is None or end.train_accuracy is None or course.plan.info.kind == "gate":
        return
    p = end.train_accuracy
    parts = (
        ("validation", end.validation_accuracy, facts.validation),
        ("test", end.test_accuracy, facts.test),
    )
    for part, accuracy, samples in parts:
        luck = 3 * math.sqrt(max(p * (1 - p), 1e-4) / max(1, samples))  # three standard errors
        if accuracy is not None and accuracy - p > max(BETTER, luck):
            yield Verdict(
                severity="warning",
                message=f"the accuracy is {100 * accuracy:.3g} % on the {part} samples but only {100 * p:.3g} % on the "
                f"training samples: the {part} samples are easier, or not independent",
                evidence={"train": p, part: accuracy, "luck": luck},
            )
            return
