"""A toy rule, without an explanation, a place in the precedence or a picture."""

from collections.abc import Iterator

from engine.doctor.evidence import Plan
from engine.doctor.rule import Verdict, rule

EPOCHS = 10


@rule("single-epoch", Plan, "Goodfellow, Bengio, Courville 2016, section 8.1.3")
def single_epoch(plan: Plan) -> Iterator[Verdict]:
    """Report a training of one epoch."""
    if plan.experiment.training.epochs == 1:
        yield Verdict(
            severity="warning",
            message="the training has a single epoch",
            evidence={"epochs": 1},
            remedy={"training.epochs": EPOCHS},
        )
