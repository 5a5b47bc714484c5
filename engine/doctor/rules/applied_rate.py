"""Rules on what limits the learning rate as it is applied: schedule, clipping, early stopping."""

import math
import statistics
from collections.abc import Iterator, Sequence

from engine.doctor.evidence import Course, Plan
from engine.doctor.remedies import round_rate
from engine.doctor.rule import Verdict, rule
from engine.events import LayerFigures
from engine.optim.schedule import ScheduleProgress, ScheduleState
from engine.words import counted

REACHED = 0.5
"""Highest factor of a schedule, below which the training never reaches its learning rate."""
SPENT, SPENT_SHARE = 1e-3, 0.5
"""Factor below which a step changes nothing, and the share of such steps."""
CLIPPED, TIMES = 0.9, 5.0
"""Share of the measured gradients that are clipped, and how many times their median exceeds the limit."""
UNLEARNED = 0.5
"""Training loss over that of the best constant prediction, above which something holds the training back."""
LOOKED_AT = 200
"""Steps at which a schedule is evaluated."""


@rule("schedule", Plan, "Goyal et al. 2017, Accurate, large minibatch SGD, section 2.2, warm-up")
def endless_warmup(plan: Plan) -> Iterator[Verdict]:
    """Report a warm-up that lasts longer than the training."""
    schedule, total = plan.experiment.training.schedule, plan.total_steps
    if not schedule.warmup or not total:
        return
    reached = min(1.0, total / schedule.warmup)
    if reached < REACHED:
        rate = plan.experiment.training.optimizer.lr
        yield Verdict(
            severity="warning",
            message=f"the warm-up takes {counted(schedule.warmup, 'step')}, the training has {total:,}: the learning "
            f"rate ends at {rate * reached:.2g} instead of {rate:g}",
            evidence={"warmup": schedule.warmup, "steps": total, "reached": reached},
            remedy={"training.schedule.warmup": total // 20},
        )


@rule("schedule", Course, "Bengio 2012, Practical recommendations, section 3.1.1")
def spent_schedule(course: Course) -> Iterator[Verdict]:
    """Report a learning rate that was reduced to nothing long before the end, with little learned."""
    plan = course.plan
    schedule, total = plan.experiment.training.schedule, plan.total_steps
    if not course.is_over or not total or schedule.is_constant or schedule.moves == "loss":
        return
    if course.relative_loss is None or course.relative_loss <= UNLEARNED:
        return
    per_epoch = max(1, total // plan.experiment.training.epochs)
    steps = [i * total // LOOKED_AT for i in range(LOOKED_AT)]
    factors = [schedule.factor(ScheduleProgress(step, total, per_epoch), ScheduleState()) for step in steps]
    spent = sum(factor < SPENT for factor in factors) / len(factors)
    if spent > SPENT_SHARE:
        yield Verdict(
            severity="warning",
            message=f"the schedule {schedule.name} reduces the learning rate below a thousandth for the last "
            f"{100 * spent:.2g} % of the training, before much is learned",
            evidence={"spent": spent, "baseline_share": course.relative_loss},
            remedy={"training.schedule": "constant"},
        )


@rule("clip", Course, "Pascanu, Mikolov, Bengio 2013, On the difficulty of training recurrent networks")
def clipped_to_nothing(course: Course) -> Iterator[Verdict]:
    """Report a limit of the gradient norm that shortens nearly every step, while little is learned."""
    limit, optimizer = course.plan.experiment.training.clip_norm, course.plan.experiment.training.optimizer
    if not limit or optimizer.steps_by_rate or course.diverged or course.relative_loss is None:
        return
    if course.relative_loss <= UNLEARNED or not (course.is_over or len(course.epochs) >= 2):
        return
    norms = [_norm(layers.layers) for layers in course.later_layers()]
    if not norms:
        return
    clipped, median = sum(norm > limit for norm in norms) / len(norms), statistics.median(norms)
    if clipped >= CLIPPED and median > TIMES * limit:
        yield Verdict(
            severity="warning",
            message=f"clipping at a norm of {limit:g} shortens {100 * clipped:.3g} % of the steps, on average "
            f"{median / limit:.2g} times: the learning rate that is applied is that much lower",
            evidence={"clipped": clipped, "gradient_norm": median, "clip_norm": limit},
            remedy={"training.clip_norm": max(1.0, round_rate(2 * median))},
        )


def _norm(layers: Sequence[LayerFigures]) -> float:
    """Return the norm of the whole gradient."""
    return math.sqrt(sum((layer.gradient_norm or 0.0) ** 2 for layer in layers))


@rule("patience", Course, "Prechelt 1998, Early stopping, but when?")
def stopped_at_the_start(course: Course) -> Iterator[Verdict]:
    """Report early stopping that ended a training before it had learned anything."""
    training = course.plan.experiment.training
    end, relative = course.finished, course.relative_loss
    if end is None or not course.is_over or not training.patience or end.epochs >= training.epochs:
        return
    if relative is None or relative <= UNLEARNED:
        return
    yield Verdict(
        severity="warning",
        message=f"early stopping ended the training after {end.epochs} of {counted(training.epochs, 'epoch')}, at "
        f"{100 * relative:.3g} % of the loss of a constant prediction: {counted(training.patience, 'epoch')} without a "
        "better validation loss are less than the plateau at the start takes",
        evidence={"epochs": end.epochs, "patience": training.patience, "baseline_share": relative},
        remedy={"training.patience": 0},
    )
