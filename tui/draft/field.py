"""One editable value as a widget shows it."""

from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["number", "text", "choice", "fixed"]
"""How it is edited: stepped and typed, typed, chosen from a list, or not at all."""


@dataclass(frozen=True)
class Field:
    """A value with its name, its unit and what it means; `key` is its dotted place in the experiment."""

    key: str
    label: str
    shown: str
    kind: FieldKind = "fixed"
    edit_text: str = ""
    """What a text field starts from."""
    choices: tuple[str, ...] = ()
    choice: str = ""
    """The chosen one of `choices`."""
    unit: str = ""
    help: str = ""
    note: str = ""
    """What is chosen, in a formula."""
    is_auto: bool = False
    """Whether the engine chose `shown`, because the user left it open."""
    is_wrong: bool = False
    """Whether a problem lies here."""
