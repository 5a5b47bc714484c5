"""A screen as text that a person can read in a diff: its characters, and below them the style of every cell.

A style is a letter, in the order of first appearance; the legend after the letters tells its colours. A line of letters
is shortened by runs: `a12b3` is twelve cells in style a and three in style b.
"""

import re
import string
from itertools import groupby

from rich.style import Style
from textual.app import App

LETTERS = string.ascii_letters + "".join(map(chr, range(0x0391, 0x03A2)))
VOLATILE = (
    (re.compile(r"\d\d\d\d-\d\d-\d\d"), "yyyy-mm-dd"),
    (re.compile(r"\b\d\d:\d\d(:\d\d)?\b"), lambda match: re.sub(r"\d", "0", match.group())),
)
"""Patterns of text that differs from run to run, and their replacements."""


def characters(app: App[int]) -> list[str]:
    """Return the lines of the screen, without what differs from run to run."""
    lines = [strip.text.rstrip() for strip in app.screen._compositor.render_strips()[: app.size.height]]
    for pattern, replacement in VOLATILE:
        lines = [pattern.sub(replacement, line) for line in lines]
    return lines


def styles(app: App[int]) -> list[str]:
    """Return a line of shortened letters for every line of the screen, and the legend."""
    letters: dict[str, str] = {}
    rows = []
    for strip in app.screen._compositor.render_strips()[: app.size.height]:
        cells = [
            letters.setdefault(_described(segment.style), LETTERS[len(letters)])
            for segment in strip
            for _ in range(segment.cell_length)
        ]
        rows.append("".join(f"{letter}{len(list(run))}" for letter, run in groupby(cells)))
    return [*rows, "", *(f"{letter} {described}" for described, letter in letters.items())]


def _described(style: Style | None) -> str:
    if style is None:
        return "plain"
    colours = f"{_name(style.color)} on {_name(style.bgcolor)}"
    marks = [
        word
        for word in ("bold", "dim", "italic", "underline", "reverse", "strike")
        if getattr(style, word, None)
    ]
    return " ".join([colours, *marks])


def _name(colour: object) -> str:
    return getattr(colour, "name", "default") if colour is not None else "default"
