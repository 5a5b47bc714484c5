"""Rules on learning rates outside the usual range, before the first update."""

from collections.abc import Iterator

from engine.doctor.evidence import Plan
from engine.doctor.remedies import lower_rate, momentum_of, raise_rate
from engine.doctor.rule import Verdict, rule

_BENGIO = "Bengio 2012, Practical recommendations, section 3.1; UMLAUT (CHI 2021)"


@rule("learning-rate-high", Plan, _BENGIO)
def far_too_high(plan: Plan) -> Iterator[Verdict]:
    """Report a learning rate above the usual range of the optimizer."""
    optimizer = plan.experiment.training.optimizer
    name, rate, highest = optimizer.name, optimizer.effective_rate, optimizer.usual_rates[1]
    if plan.learns_by_gradient and rate > highest:
        step = (
            "each update changes every weight by about that much"
            if optimizer.steps_by_rate
            else "the updates overshoot"
        )
        yield Verdict(
            severity="warning",
            message=f"a learning rate of {_rate(plan)} is above the usual range of {name} (at most {highest:g}): "
            f"{step}",
            evidence={
                "learning_rate": plan.experiment.training.optimizer.lr,
                "effective": rate,
                "usual": highest,
            },
            remedy=lower_rate(plan),
        )


@rule("learning-rate-low", Plan, _BENGIO)
def far_too_low(plan: Plan) -> Iterator[Verdict]:
    """Report a learning rate below the usual range of the optimizer."""
    optimizer = plan.experiment.training.optimizer
    name, rate, lowest = optimizer.name, optimizer.effective_rate, optimizer.usual_rates[0]
    if plan.learns_by_gradient and rate < lowest:
        yield Verdict(
            severity="warning",
            message=f"a learning rate of {_rate(plan)} is below the usual range of {name} (at least {lowest:g}): "
            "the weights hardly change",
            evidence={
                "learning_rate": plan.experiment.training.optimizer.lr,
                "effective": rate,
                "usual": lowest,
            },
            remedy=raise_rate(plan),
        )


def is_near_highest(plan: Plan) -> bool:
    """Return True if ten times the learning rate is above the usual range of the optimizer."""
    optimizer = plan.experiment.training.optimizer
    return 10 * optimizer.effective_rate > optimizer.usual_rates[1]


def _rate(plan: Plan) -> str:
    momentum = momentum_of(plan)
    rate = f"{plan.experiment.training.optimizer.lr:g}"
    return f"{rate} with momentum {momentum:g}" if momentum else rate
