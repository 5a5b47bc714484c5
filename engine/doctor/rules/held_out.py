"""Rules on held-out samples of another kind than the training samples."""

import math
from collections.abc import Iterator

from engine.doctor.evidence import Course, Plan
from engine.doctor.rule import Verdict, rule
from engine.doctor.split_facts import SHIFT

SURE = 4.0
"""Standard errors between the accuracies of validation and test samples."""
WORSE = 0.1
"""Accuracy on the test samples below that on the validation samples."""
TIMES = 4.0
"""Test loss over validation loss of a regression, in both directions."""
FEWEST = 50
"""Samples of a part whose loss is compared."""
_SHIFT = (
    "Quiñonero-Candela et al. 2009, Dataset shift in machine learning; Breck et al. 2019, Data validation"
)


@rule("held-out-differs", Plan, _SHIFT)
def held_out_differs(plan: Plan) -> Iterator[Verdict]:
    """Report validation or test samples whose columns or class shares differ from those of the training samples."""
    if plan.facts is None:
        return
    classes, column = plan.facts.splits.classes, plan.facts.splits.column
    if classes is not None:
        yield Verdict(
            severity="warning",
            message=f'{100 * classes.share:.3g} % of the {classes.part} samples are of class "{classes.name}", of the '
            f"training samples {100 * classes.train_share:.3g} %: the {classes.part} samples are another population, or "
            "the rows are sorted by class; shuffle the rows before they are divided",
            evidence={
                "part": classes.part,
                "share": classes.share,
                "train_share": classes.train_share,
                "apart": classes.apart,
            },
        )
    if column is not None:
        where = "the pixels" if column.column is None else f"input column {column.column}"
        verb = "have" if column.column is None else "has"
        yield Verdict(
            severity="warning",
            message=f"{where} of the {column.part} samples {verb} mean {column.mean:.3g} and standard deviation "
            f"{column.deviation:.3g}, of the training samples {column.train_mean:.3g} and "
            f"{column.train_deviation:.3g}: they come from elsewhere, or were scaled by themselves",
            evidence={
                "part": column.part,
                "column": column.column,
                "shift": column.scaled_shift,
                "usual": SHIFT,
                "mean": column.mean,
                "train_mean": column.train_mean,
                "deviation": column.deviation,
                "train_deviation": column.train_deviation,
            },
        )


@rule("held-out-differs", Course, _SHIFT)
def test_differs_from_validation(course: Course) -> Iterator[Verdict]:
    """Report a network that does much worse on the test samples than on the validation samples."""
    end, facts = course.finished, course.plan.facts
    if (
        end is None
        or facts is None
        or course.plan.info.kind == "gate"
        or not (facts.validation and facts.test)
    ):
        return
    if end.validation_accuracy is not None and end.test_accuracy is not None:
        yield from _accuracies(end.validation_accuracy, end.test_accuracy, facts.validation, facts.test)
    elif end.validation_loss and end.test_loss and min(facts.validation, facts.test) >= FEWEST:
        yield from _losses(end.validation_loss, end.test_loss)


def _accuracies(validation: float, test: float, n_validation: int, n_test: int) -> Iterator[Verdict]:
    pooled = (validation * n_validation + test * n_test) / (n_validation + n_test)
    error = math.sqrt(max(pooled * (1 - pooled), 1e-4) * (1 / n_validation + 1 / n_test))
    if validation - test > max(WORSE, SURE * error):
        yield Verdict(
            severity="warning",
            message=f"the accuracy is {100 * validation:.3g} % on the validation samples and {100 * test:.3g} % on the "
            "test samples: the test samples are of another kind",
            evidence={"validation": validation, "test": test, "luck": SURE * error},
        )


def _losses(validation: float, test: float) -> Iterator[Verdict]:
    ratio = test / validation
    if ratio > TIMES:
        yield Verdict(
            severity="warning",
            message=f"the loss is {validation:.3g} on the validation samples and {test:.3g} on the test samples, "
            f"{ratio:.2g} times as much: the test samples are of another kind",
            evidence={"validation_loss": validation, "test_loss": test, "ratio": ratio},
        )
