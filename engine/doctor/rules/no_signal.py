"""Rule on inputs that tell nothing about the targets."""

import math
from collections.abc import Iterator

from engine.doctor.evidence import Course
from engine.doctor.rule import Verdict, rule

LEARNED = 0.1
"""Accuracy on the training samples above that of a constant prediction."""
FITTED = 0.8
"""Training loss of a regression over that of a constant prediction."""
FEWEST = 40
"""Held-out samples."""
SURE = 2.0
"""Standard errors by which the held-out accuracy may exceed chance."""


@rule(
    "no-signal", Course, "Zhang et al. 2017, Understanding deep learning requires rethinking generalization"
)
def no_signal(course: Course) -> Iterator[Verdict]:
    """Report labels that are learned on the training samples, but on held-out samples are no better than guessed."""
    end, facts = course.finished, course.plan.facts
    if end is None or not course.is_over or facts is None or course.plan.info.kind == "gate":
        return
    chance = course.plan.chance
    if chance is not None:
        yield from _by_accuracy(course, chance)


def _by_accuracy(course: Course, chance: float) -> Iterator[Verdict]:
    end, facts = course.finished, course.plan.facts
    if end is None or facts is None or end.train_accuracy is None or end.train_accuracy < chance + LEARNED:
        return
    parts = ((end.validation_accuracy, facts.validation), (end.test_accuracy, facts.test))
    known = [(accuracy, count) for accuracy, count in parts if accuracy is not None and count]
    samples = sum(count for _, count in known)
    if samples < FEWEST:
        return
    held_out = sum(accuracy * count for accuracy, count in known) / samples
    luck = SURE * math.sqrt(chance * (1 - chance) / samples)
    if held_out <= chance + luck:
        yield Verdict(
            severity="warning",
            message=f"{100 * end.train_accuracy:.3g} % of the training samples are right, but of {samples:,} held-out "
            f"samples only {100 * held_out:.3g} %, where a constant prediction has {100 * chance:.3g} %: the inputs do "
            "not tell these targets; do the rows of x and y belong together?",
            evidence={"train": end.train_accuracy, "held_out": held_out, "chance": chance, "luck": luck},
        )
