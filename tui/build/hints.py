"""A field's meaning, and the keys that change it, in two lines."""

from textual.content import Content

from tui.charts.tones import FAINT, MUTED
from tui.draft.field import Field

_KEYS = {
    "choice": ("enter: choose", "+/-: cycle"),
    "number": ("enter: type a value", "+/-: change"),
    "text": ("enter: type a text",),
}
_LAYER_KEYS = ("a: add", "ctrl+d: duplicate", "del: remove", "J/K: move")
_FORM_KEYS = ("←/→: other panel", "tab: next panel")
_GAP = " · "
SCREEN_KEYS = Content.styled(
    "tab, ↑: edit the settings · p: presets · o: open · w: save\ny: shell command · g: check gradients", FAINT
)
"""The hint while no field has the focus."""


def hint_for(field: Field, is_of_layer: bool, width: int) -> Content:
    """Return a field's meaning and, below it, as many of the keys as fit in `width` cells."""
    meaning = Content.assemble((field.label, "bold"), "  ", (_words(field, width), MUTED))
    keys = (*_KEYS.get(field.kind, ()), *(_LAYER_KEYS if is_of_layer else _FORM_KEYS))
    return Content.assemble(meaning, "\n", (_fitting(keys, width), FAINT))


def _words(field: Field, width: int) -> str:
    """Return help and formula if both fit in the line, else the help."""
    both = f"{field.help} · {field.note}" if field.note else field.help
    return both if len(field.label) + 2 + len(both) <= width else field.help


def _fitting(keys: tuple[str, ...], width: int) -> str:
    """Return the first keys that fit in a line."""
    line = ""
    for key in keys:
        longer = f"{line}{_GAP}{key}" if line else key
        if len(longer) > width:
            break
        line = longer
    return line
