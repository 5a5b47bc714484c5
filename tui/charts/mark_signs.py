"""The signs and colours of the marks of a run."""

from typing import NamedTuple

from tui.charts.ink import Ink
from tui.charts.marks import MarkKind
from tui.theme import GREEN, VERMILION, YELLOW, rgb


class MarkSign(NamedTuple):
    """The character of a kind of mark, and its name in the legend."""

    glyph: str
    words: str


MARK_SIGNS: dict[MarkKind, MarkSign] = {
    "checkpoint": MarkSign("▪", "checkpoint"),
    "rate": MarkSign("±", "learning rate"),
    "finding": MarkSign("▲", "finding"),
}
"""The later ones are drawn over the earlier ones."""


def mark_ink(kind: MarkKind) -> Ink:
    """Return the ink of a kind of mark."""
    return Ink(rgb({"checkpoint": GREEN, "rate": YELLOW, "finding": VERMILION}[kind]))
