"""The task of a form that forks or resumes a run: its settings, its checkpoints, and the effect of applying it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tui.draft.assess import Assessment
from tui.draft.field import Field
from tui.draft.tables import Draft
from tui.runs.changes import ForkPlace

PLACE = "@place"
"""Key of the field that chooses the checkpoint."""


@dataclass(frozen=True)
class FormTask:
    """The task of a form."""

    title: str
    words: str
    """A sentence on what applying does."""
    verb: str
    """`fork`, `resume`"""
    before: Draft
    """The settings of the run."""
    proposed: Draft
    """The settings that the form opens with."""
    cursor: str
    """Key of the field that the form opens on."""
    fields: Callable[[Draft, Assessment], Sequence[Field]]
    """Returns the fields of a draft."""
    act: Callable[[dict[str, Any], ForkPlace | None], Any]
    """Applies changes by dotted key at a place; called in a thread; may raise NntermError."""
    places: Sequence[ForkPlace] = ()
    """Checkpoints to start from, the first is chosen; empty: no choice."""
    check: Callable[[Draft, ForkPlace | None], str] = lambda draft, place: ""
    """Returns why a draft cannot be applied at a place; empty if it can."""
    adapt: Callable[[Draft, ForkPlace | None], Draft] = lambda draft, place: draft
    """Returns the draft for another place."""
    is_ready: bool = False
    """True if the proposed settings can be applied as they are: enter does."""


def place_field(places: Sequence[ForkPlace], chosen: int) -> Field:
    """Return the field that chooses one of the checkpoints."""
    names = tuple(place.words for place in places)
    shown = names[chosen]
    return Field(
        PLACE,
        "start from",
        shown,
        "choice" if len(names) > 1 else "fixed",
        choices=names,
        choice=shown,
        help="checkpoint that the new run continues from",
    )
