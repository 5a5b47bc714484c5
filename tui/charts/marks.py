"""Marks of a run on the x axis of its plot: what happened at which update."""

from typing import Literal, NamedTuple

MarkKind = Literal["checkpoint", "rate", "finding"]


class Mark(NamedTuple):
    """Something that happened after `step` updates."""

    step: float
    kind: MarkKind
