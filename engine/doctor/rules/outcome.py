"""What the trained network's answers show: classes that it never gives, and more confidence than it deserves."""

from collections.abc import Iterator

from engine.doctor.evidence import Plan, Result
from engine.doctor.remedies import Remedy
from engine.doctor.rule import Verdict, rule
from engine.doctor.words import extremes

FEWEST = 10
"""Samples of a class, for never guessing it to mean something."""
RARE = 0.5
"""Of the samples that it would have if all classes had as many."""
OVERCONFIDENT = 0.1
"""Mean confidence above accuracy."""
FEWEST_JUDGED = 50
PATIENCE = 3


@rule("nan", Result, "Cao et al. 2022, TheDeepChecker (arXiv 2204.00694)")
def nan_in_weights(result: Result) -> Iterator[Verdict]:
    """Weights that are no numbers: so is every answer."""
    if result.bad_layer is not None:
        yield Verdict(
            severity="error",
            layer=result.bad_layer,
            message=f"the newest weights of {result.bad_layer} hold NaN or infinite values, and so does every answer: "
            "only an earlier checkpoint is of use",
            evidence={"tensor": "weight"},
        )


@rule("never-predicted", Result, "Amazon SageMaker Debugger, ClassImbalance; UMLAUT (CHI 2021)")
def never_predicted(result: Result) -> Iterator[Verdict]:
    """A class that is there and that the network never says."""
    missed = [entry for entry in result.classes if entry.samples >= FEWEST and not entry.guessed]
    if not missed:
        return
    names = ", ".join(f'"{entry.name}"' for entry in missed[:5]) + (", ..." if len(missed) > 5 else "")
    samples = sum(entry.samples for entry in missed)
    classes = "class" if len(missed) == 1 else "classes"
    rare = max(entry.samples for entry in missed) < RARE * result.samples / len(result.classes)
    yield Verdict(
        severity="warning",
        message=f"the network never says {classes} {names}, though {samples:,} of the {result.samples:,} samples that "
        "it was judged on belong there: look at what is said instead"
        + (", and give it more such rows" if rare else ""),
        evidence={
            "classes": [entry.name for entry in missed],
            "samples": samples,
            "guessed": extremes({entry.name: entry.guessed for entry in result.classes}),
        },
    )


@rule("overconfident", Result, "Guo et al. 2017, On calibration of modern neural networks")
def overconfident(result: Result) -> Iterator[Verdict]:
    """Surer of its guesses than it is right."""
    if result.confidence is None or result.accuracy is None or result.samples < FEWEST_JUDGED:
        return
    gap = result.confidence - result.accuracy
    if gap > OVERCONFIDENT:
        yield Verdict(
            severity="warning",
            message=f"the network is {100 * result.confidence:.3g} % sure of its guesses on average, and right for "
            f"{100 * result.accuracy:.3g} %: do not take its probabilities at their word",
            evidence={
                "confidence": result.confidence,
                "accuracy": result.accuracy,
                "calibration_error": result.calibration_error,
            },
            remedy={} if result.course.is_stuck else _stop_in_time(result.plan),
        )


def _stop_in_time(plan: Plan) -> Remedy:
    """Early stopping, and samples to watch for it; nothing where it is on."""
    if plan.experiment.training.patience:
        return {}
    held_out = {} if plan.experiment.data.validation else {"data.validation": 0.2}
    return {"training.patience": PATIENCE, **held_out}
