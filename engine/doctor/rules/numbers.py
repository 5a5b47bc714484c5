"""Rules on overflow during training: NaN, exploding gradients, a learning rate that is too high."""

import math
import statistics
from collections.abc import Iterator

from engine.doctor.evidence import Course
from engine.doctor.remedies import lower_rate
from engine.doctor.rule import Verdict, rule
from engine.doctor.updates import meaningful_ratio
from engine.words import rough_percent, two_digits

JUMP = 100.0
"""Gradient norm over the running median of the earlier ones, in `IN_A_ROW` measurements in a row."""
IN_A_ROW = 3
FEWEST = 100
"""Updates after which oscillations are judged."""
HIGH, LEARNED = 0.5, 0.15
"""Loss over that of a constant prediction: still high after a spike, and low enough whatever the updates do."""
RISES = 0.4
"""Share of the tried updates that raise the loss."""
SPIKE = 3.0
"""Highest loss over the first."""
RISE = 1.05
"""Loss over the probe after the next update over that before it."""
LARGE_UPDATE = 0.1
"""Update norm over weight norm (CS231n: about 1e-3; TheDeepChecker: at most 0.1)."""


@rule("nan", Course, "Wardat et al. 2021, DeepLocalize (arXiv 2103.03376); TheDeepChecker (arXiv 2204.00694)")
def nan(course: Course) -> Iterator[Verdict]:
    """Report values that became NaN or infinite, with the first tensor if known."""
    at = next((i for i, loss in enumerate(course.losses) if not math.isfinite(loss)), None)
    bad = course.bad
    if at is None and bad is None:
        return
    step = bad.step if bad is not None else _step_of(course, at or 0)
    where = f", first in the {bad.tensor} of {bad.layer}" if bad is not None else ""
    yield Verdict(
        severity="error",
        layer=bad.layer if bad is not None else None,
        message=f"values became NaN or infinite at step {step:,}{where}",
        evidence={"step": step, "tensor": bad.tensor if bad is not None else None},
        remedy=lower_rate(course.plan),
    )


def _step_of(course: Course, index: int) -> int:
    return round(index * course.steps / max(1, len(course.losses)))


@rule("exploding-gradients", Course, "Pascanu, Mikolov, Bengio 2013; AutoTrainer (ICSE 2021)")
def exploding_gradients(course: Course) -> Iterator[Verdict]:
    """Report a gradient that grows far beyond its usual size and stays there."""
    output = _gradient_norms(course, -1)
    for position, first in enumerate(course.start.layers.layers):
        norms = _gradient_norms(course, position)
        for i in range(IN_A_ROW, len(norms) - IN_A_ROW + 1):
            usual = statistics.median(norms[:i])
            newest = min(norms[i : i + IN_A_ROW])
            grows = newest > JUMP * usual and newest > statistics.median(
                output[:i]
            )  # not only recovered from a vanished one
            if 0 < usual < math.inf and grows:
                factor = two_digits(newest / usual)
                yield Verdict(
                    severity="error",
                    layer=first.name,
                    message=f"the gradient norm of {first.name} has grown to {factor} times its usual value",
                    evidence={"usual": usual, "newest": None if math.isinf(newest) else newest},
                    remedy={"training.clip_norm": 1.0} | lower_rate(course.plan),
                )
                return


def _gradient_norms(course: Course, position: int) -> list[float]:
    """Return a layer's gradient norms over time, infinite where not finite."""
    norms = (layers.layers[position].gradient_norm for layers in course.layers)
    return [math.inf if norm is None else norm for norm in norms]


@rule(
    "learning-rate-high", Course, "Bengio 2012, section 3.1; AutoTrainer (ICSE 2021); Cockpit (NeurIPS 2021)"
)
def learning_rate_high(course: Course) -> Iterator[Verdict]:
    """Report steps that overshoot: the loss rises or spikes, or the updates raise it."""
    if not course.plan.learns_by_gradient or course.first_loss is None:
        return
    reason, evidence = _overshoots(course)
    if reason:
        rate = course.plan.experiment.training.optimizer.lr
        yield Verdict(
            severity="error" if course.diverged or course.is_over else "warning",
            message=f"a learning rate of {rate:g} is too high: {reason}",
            evidence={"learning_rate": rate} | evidence,
            remedy=lower_rate(course.plan),
        )


def _overshoots(course: Course) -> tuple[str, dict[str, float | None]]:
    """Return the evidence that the steps are too long, in words and as figures; an empty text without any."""
    first = max(course.first_loss or 0.0, course.start.layers.loss or 0.0, 1e-9)  # the latter with dropout
    finite = [loss for loss in course.losses if math.isfinite(loss)]
    highest = max(finite, default=first)
    if course.diverged:
        return f"the loss rose from {first:.3g} to {highest:.3g} and then overflowed", {
            "first_loss": first,
            "highest_loss": highest,
        }
    facts, recent = course.plan.facts, course.recent_loss
    if len(course.losses) < FEWEST or recent is None or facts is None or not facts.baseline:
        return "", {}
    relative = recent / facts.baseline
    if highest > SPIKE * first and relative > HIGH:
        return f"the loss jumped from {first:.3g} to {highest:.3g}, and is now {recent:.3g}", {
            "first_loss": first,
            "highest_loss": highest,
            "recent_loss": recent,
        }
    largest = _largest_update(course)
    rises = _share_of_rises(course)
    if largest is not None and largest > LARGE_UPDATE and rises > RISES and relative > LEARNED:
        reason = (
            f"updates are up to {rough_percent(largest)} of the weights, and {100 * rises:.3g} % of the updates tried "
            "raise the loss on the samples that they are computed from"
        )
        return reason, {"update_ratio": largest, "rises": rises, "recent_loss": recent}
    return "", {}


def has_spiked(course: Course) -> bool:
    """Return True if the loss was far above the first at some time, as after steps that overshoot."""
    first = max(course.first_loss or 0.0, course.start.layers.loss or 0.0, 1e-9)  # the latter with dropout
    return max(filter(math.isfinite, course.losses), default=0.0) > SPIKE * first


def _largest_update(course: Course) -> float | None:
    """Return the median over time of the largest update ratio among the layers."""
    first = course.start.layers.layers
    largest = [
        max(ratios)
        for layers in course.later_layers()
        if (
            ratios := [
                ratio
                for pair in zip(layers.layers, first, strict=False)
                if (ratio := meaningful_ratio(*pair))
            ]
        )
    ]
    return statistics.median(largest) if largest else None


def _share_of_rises(course: Course) -> float:
    """Return the share of the measurements whose next update would raise the loss over the probe noticeably."""
    pairs = [
        (layers.loss, layers.loss_after)
        for layers in course.later_layers()
        if layers.loss is not None and layers.loss > 0
    ]
    if len(pairs) < IN_A_ROW:
        return 0.0
    return sum(after is None or after > RISE * before for before, after in pairs) / len(pairs)
