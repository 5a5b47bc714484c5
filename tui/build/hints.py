"""A field's meaning, and the keys or choices that change it, in two lines."""

from collections.abc import Sequence

from textual.content import Content

from tui.charts.tones import FAINT, MUTED
from tui.draft.field import Field


def hint_for(field: Field, choosing: bool, width: int) -> Content:
    """Return a field's meaning and, below it, its choices (as many as `width` cells hold) or the keys."""
    meaning = Content.assemble((field.label, "bold"), "  ", (_words(field, choosing, width), MUTED))
    if choosing:
        parts = [
            (f" {choice} ", "reverse" if choice == field.choice else MUTED)
            for choice in around(field.choices, field.choice, width)
        ]
        return Content.assemble(meaning, "\n", *parts)
    keys = {
        "choice": "enter lists the choices, + and - leaf through them",
        "number": "enter takes a number, + and - step",
        "text": "enter takes a text",
    }
    return Content.assemble(meaning, "\n", (keys.get(field.kind, ""), FAINT))


def _words(field: Field, choosing: bool, width: int) -> str:
    """Return help and formula if both fit in the line, else the formula while choosing, the help otherwise."""
    both = f"{field.help} · {field.note}" if field.note else field.help
    if len(field.label) + 2 + len(both) <= width:
        return both
    return field.note if choosing and field.note else field.help


def around(choices: Sequence[str], current: str, width: int) -> list[str]:
    """Return the neighbours of `current` that fit in a line of `width` cells, with … for those left out."""
    first = last = choices.index(current) if current in choices else 0
    while True:
        after = last + 1 < len(choices) and _cells(choices[first : last + 2]) <= width - 6
        if after:
            last += 1
        before = first > 0 and _cells(choices[first - 1 : last + 1]) <= width - 6
        if before:
            first -= 1
        if not (before or after):
            break
    return [
        *(["…"] if first else []),
        *choices[first : last + 1],
        *(["…"] if last + 1 < len(choices) else []),
    ]


def _cells(choices: Sequence[str]) -> int:
    return sum(len(choice) + 2 for choice in choices)
