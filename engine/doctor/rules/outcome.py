"""Rules on the trained network's predictions: NaN weights, classes never predicted, overconfidence."""

from collections.abc import Iterator

from engine.doctor.evidence import Plan, Result
from engine.doctor.remedies import Remedy
from engine.doctor.rule import Verdict, rule
from engine.doctor.words import extremes
from engine.words import counted

FEWEST = 10
"""Samples of a class required to call it never predicted."""
RARE = 0.5
"""Share of the samples that a class would have if all had equally many, below which it is rare."""
OVERCONFIDENT = 0.1
"""Mean confidence above accuracy."""
FEWEST_JUDGED = 50
PATIENCE = 3


@rule("nan", Result, "Cao et al. 2022, TheDeepChecker (arXiv 2204.00694)")
def nan_in_weights(result: Result) -> Iterator[Verdict]:
    """Report NaN or infinite weights: every prediction is NaN too."""
    if result.bad_layer is not None:
        yield Verdict(
            severity="error",
            layer=result.bad_layer,
            message=f"the newest weights of {result.bad_layer} contain NaN or infinite values, and so does every "
            "prediction: only an earlier checkpoint is usable",
            evidence={"tensor": "weight"},
        )


@rule("never-predicted", Result, "Amazon SageMaker Debugger, ClassImbalance; UMLAUT (CHI 2021)")
def never_predicted(result: Result) -> Iterator[Verdict]:
    """Report classes that have samples and are never predicted."""
    missed = [entry for entry in result.classes if entry.samples >= FEWEST and not entry.guessed]
    if not missed:
        return
    names = ", ".join(f'"{entry.name}"' for entry in missed[:5]) + (", ..." if len(missed) > 5 else "")
    samples = sum(entry.samples for entry in missed)
    classes = "class" if len(missed) == 1 else "classes"
    rare = max(entry.samples for entry in missed) < RARE * result.samples / len(result.classes)
    yield Verdict(
        severity="warning",
        message=f"the network never predicts {classes} {names}, though {samples:,} of the "
        f"{counted(result.samples, 'sample')} evaluated belong there: see the confusion matrix "
        "for what it predicts instead" + (", and add training samples" if rare else ""),
        evidence={
            "classes": [entry.name for entry in missed],
            "samples": samples,
            "guessed": extremes({entry.name: entry.guessed for entry in result.classes}),
        },
    )


@rule("overconfident", Result, "Guo et al. 2017, On calibration of modern neural networks")
def overconfident(result: Result) -> Iterator[Verdict]:
    """Report a mean confidence well above the accuracy."""
    if result.confidence is None or result.accuracy is None or result.samples < FEWEST_JUDGED:
        return
    gap = result.confidence - result.accuracy
    if gap > OVERCONFIDENT:
        yield Verdict(
            severity="warning",
            message=f"the mean confidence is {100 * result.confidence:.3g} %, the accuracy only "
            f"{100 * result.accuracy:.3g} %: the predicted probabilities are too high",
            evidence={
                "confidence": result.confidence,
                "accuracy": result.accuracy,
                "calibration_error": result.calibration_error,
            },
            remedy={} if result.course.is_stuck else _early_stopping(result.plan),
        )


def _early_stopping(plan: Plan) -> Remedy:
    """Return early stopping, with a validation part unless there is one; nothing if it is already on."""
    if plan.experiment.training.patience:
        return {}
    held_out = {} if plan.experiment.data.validation else {"data.validation": 0.2}
    return {"training.patience": PATIENCE, **held_out}
