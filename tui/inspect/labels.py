"""Words that stand below pictures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.inspection.views.mistakes import Mistake


def mistake_label(one: "Mistake", names: Sequence[str]) -> str:
    """Return true class, predicted class, how sure: `4→9 98%`; 100 % only where nothing is left."""
    sure = 100 if one.confidence >= 0.9995 else min(99, round(100 * one.confidence))
    return f"{names[one.truth][:5]}→{names[one.predicted][:5]} {sure}%"
