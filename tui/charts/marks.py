"""Marks of a run on the x axis of its plot: what happened at which update."""

from typing import Literal, NamedTuple

from tui.charts.ink import Ink
from tui.theme import GREEN, VERMILION, YELLOW, rgb

MarkKind = Literal["checkpoint", "rate", "finding"]


class Mark(NamedTuple):
    """Something that happened after `step` updates."""

    step: float
    kind: MarkKind


class MarkSign(NamedTuple):
    """How a kind of mark looks, and its name in the legend."""

    glyph: str
    words: str


MARK_SIGNS: dict[MarkKind, MarkSign] = {
    "checkpoint": MarkSign("▪", "checkpoint"),
    "rate": MarkSign("±", "learning rate changed"),
    "finding": MarkSign("▲", "finding"),
}
"""The later ones are drawn over the earlier ones."""
_COLOURS: dict[MarkKind, str] = {"checkpoint": GREEN, "rate": YELLOW, "finding": VERMILION}


def mark_ink(kind: MarkKind) -> Ink:
    """Return the ink of a kind of mark."""
    return Ink(rgb(_COLOURS[kind]))
