"""The history of weights edited by hand, and the parsing of typed values."""

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class HandEdit(NamedTuple):
    """A weight set to a value; without an input: a disabled unit, whose output is 0."""

    layer: int
    unit: int
    input: int | None
    value: float = 0.0

    @property
    def place(self) -> tuple[int, int, int | None]:
        """The edited place; a later edit of the same place replaces this one."""
        return self.layer, self.unit, self.input


@dataclass
class EditHistory:
    """Edits of the weights of one moment; owned by the Units view."""

    step: int | None = None
    """Step of the moment; None without edits."""
    edits: list[HandEdit] = field(default_factory=list)
    """All edits, the newest last."""

    def add(self, edit: HandEdit, step: int) -> None:
        """Add an edit of the weights at `step`."""
        self.step = step
        self.edits.append(edit)

    def undo(self) -> None:
        """Undo the newest edit."""
        if self.edits:
            self.edits.pop()
        if not self.edits:
            self.step = None

    def clear(self) -> int:
        """Undo all edits; return the number of edited places."""
        count = len({edit.place for edit in self.edits})
        self.edits.clear()
        self.step = None
        return count

    def of_unit(self, layer: int, unit: int) -> dict[int, float]:
        """Return the edited weights of a unit by their position."""
        own = (edit for edit in self.edits if edit.place[:2] == (layer, unit))
        return {edit.input: edit.value for edit in own if edit.input is not None}

    def is_disabled(self, layer: int, unit: int) -> bool:
        """Return True if the unit is disabled."""
        return any(edit.place == (layer, unit, None) for edit in self.edits)

    def enable(self, layer: int, unit: int) -> None:
        """Remove the edits that disable the unit."""
        self.edits = [edit for edit in self.edits if edit.place != (layer, unit, None)]
        if not self.edits:
            self.step = None

    @property
    def options(self) -> dict[str, Any]:
        """Options of a request: the newest edit of each place, in the order of the edits."""
        if not self.edits:
            return {}
        newest = {edit.place: edit for edit in self.edits}
        edits = [edit._asdict() for edit in self.edits if newest[edit.place] is edit]
        return {"edits": edits, "edited_at": self.step}


LARGEST = 1e30
"""Maximum weight that can be typed; float32 ends at 3e38."""


def parse_weight(text: str) -> float:
    """Return a typed weight.

    Raises:
        ValueError: the text is not a number, or too large; the message says so.
    """
    try:
        value = float(text) + 0.0  # no −0
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST:
        raise ValueError(f'"{text}" is not a weight: expected a number such as 0.25')
    return value


def parse_sample(text: str, total: int) -> int:
    """Return a typed number of a sample, below `total`.

    Raises:
        ValueError: there is no such sample; the message says so.
    """
    return _below(text, total, "samples")


def parse_unit(text: str, total: int) -> int:
    """Return a typed number of a unit, below `total`.

    Raises:
        ValueError: there is no such unit; the message says so.
    """
    return _below(text, total, "units of this layer")


def _below(text: str, total: int, what: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) < total):
        raise ValueError(f'"{text}": the {what} are numbered from 0 to {total - 1:,}')
    return int(text)
