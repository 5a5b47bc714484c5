"""Learning rates outside of any reasonable range, before the first update."""

import math
from collections.abc import Iterator

from engine.doctor.evidence import Plan
from engine.doctor.remedies import lower_rate, momentum_of, raise_rate
from engine.doctor.rule import Verdict, rule

_SCALED = ("adam", "adamw", "rmsprop")
"""Optimizers whose steps have about the size of the rate, whatever the gradient's."""
HIGHEST = {"sgd": 10.0, "adagrad": 3.0, "adam": 0.3, "adamw": 0.3, "rmsprop": 0.3}
LOWEST = {"sgd": 1e-6, "adagrad": 1e-5, "adam": 1e-6, "adamw": 1e-6, "rmsprop": 1e-6}
"""Effective rates: that of sgd divided by 1 − momentum, which is what a constant gradient makes of it."""
_BENGIO = "Bengio 2012, Practical recommendations, section 3.1; UMLAUT (CHI 2021)"


@rule("learning-rate-high", Plan, _BENGIO)
def far_too_high(plan: Plan) -> Iterator[Verdict]:
    """Above what any usual network bears."""
    name, rate = _effective(plan)
    if plan.learns_by_gradient and rate > HIGHEST.get(name, math.inf):
        step = (
            "moves every weight by about as much at each update"
            if name in _SCALED
            else "oversteps every valley"
        )
        yield Verdict(
            severity="warning",
            message=f"a learning rate of {_shown(plan)} is beyond the usual range of {name} (at most {HIGHEST[name]:g}): "
            f"it {step}",
            evidence={
                "learning_rate": plan.experiment.training.optimizer.lr,
                "effective": rate,
                "usual": HIGHEST[name],
            },
            remedy=lower_rate(plan),
        )


@rule("learning-rate-low", Plan, _BENGIO)
def far_too_low(plan: Plan) -> Iterator[Verdict]:
    """Below what changes anything in reasonable time."""
    name, rate = _effective(plan)
    if plan.learns_by_gradient and rate < LOWEST.get(name, 0.0):
        yield Verdict(
            severity="warning",
            message=f"a learning rate of {_shown(plan)} is below the usual range of {name} (at least {LOWEST[name]:g}): "
            "the weights hardly move",
            evidence={
                "learning_rate": plan.experiment.training.optimizer.lr,
                "effective": rate,
                "usual": LOWEST[name],
            },
            remedy=raise_rate(plan),
        )


def is_usual_at_most(plan: Plan) -> bool:
    """Whether ten times the rate would be beyond the usual range of the optimizer."""
    name, rate = _effective(plan)
    return 10 * rate > HIGHEST.get(name, math.inf)


def _effective(plan: Plan) -> tuple[str, float]:
    optimizer = plan.experiment.training.optimizer
    return optimizer.name, optimizer.lr / (1 - momentum_of(plan))


def _shown(plan: Plan) -> str:
    momentum = momentum_of(plan)
    rate = f"{plan.experiment.training.optimizer.lr:g}"
    return f"{rate} with momentum {momentum:g}" if momentum else rate
