"""Labels below images, shared by the screen and `nnterm inspect`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.inspection.perturbation_words import short_strength

if TYPE_CHECKING:
    from engine.inspection.views.mistakes import Mistake
    from engine.inspection.views.robustness import PerturbationResponse, Robustness


def mistake_label(one: "Mistake", names: Sequence[str]) -> str:
    """Return true class, predicted class and confidence: `4→9 98%`; 100 % only from 99.95 %."""
    sure = 100 if one.confidence >= 0.9995 else min(99, round(100 * one.confidence))
    return f"{names[one.truth][:5]}→{names[one.predicted][:5]} {sure}%"


def version_label(answer: "Robustness", response: "PerturbationResponse", i: int) -> str:
    """Return strength, predicted class and probability of the example: `2 px: ✗ 4 98%`."""
    one = response.examples[i]
    name = answer.names[one.predicted][:6] if one.predicted >= 0 else "NaN"
    sign = "" if one.predicted == answer.example_truth else "✗ "
    return f"{short_strength(one.strength, response.unit)}: {sign}{name} {100 * one.share:.0f}%"
