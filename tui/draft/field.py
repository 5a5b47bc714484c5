"""One editable value as a widget shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.named import Named

FieldKind = Literal["number", "text", "choice", "fixed"]
"""The way a field is edited: stepped or typed, typed, chosen from a list, or not at all."""


@dataclass(frozen=True)
class Field:
    """A value with its label, unit and help; `key` is its dotted key in the experiment."""

    key: str
    label: str
    shown: str
    kind: FieldKind = "fixed"
    edit_text: str = ""
    """The initial text of its editor."""
    choices: tuple[str, ...] = ()
    choice: str = ""
    """The chosen one of `choices`."""
    members: Mapping[str, type[Named]] = field(default_factory=dict, compare=False)
    """The registry's classes that the choices name; empty for choices that are plain words."""
    unit: str = ""
    help: str = ""
    note: str = ""
    """The formula of the chosen item."""
    is_auto: bool = False
    """True if the engine chose `shown`, because the user left the value at "auto"."""
    is_wrong: bool = False
    """True if a problem concerns this value."""
