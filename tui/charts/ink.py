"""Rows of text in roles instead of colours: the theme of the moment gives the colours when a row is shown."""

import functools
from collections.abc import Iterable
from typing import NamedTuple

from rich.color import Color, blend_rgb
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

FAINT = 0.55
"""Share of the background in a faint colour."""


class Ink(NamedTuple):
    """A colour by its role: a colour of its own or that of the text, at full strength or faint."""

    colour: tuple[int, int, int] | None = None
    """Red, green and blue; None: the colour of the text."""
    is_faint: bool = False
    is_bold: bool = False

    def style(self, base: Style) -> Style:
        """Return the style on top of `base`, which has the colours of text and background."""
        return _style(self, base)


TEXT, FRAME = Ink(), Ink(None, True)
Row = tuple[tuple[str, Ink], ...]
"""A line of a drawing: pieces of text with their inks."""


def row_strip(row: Row, width: int, base: Style) -> Strip:
    """Return a row of `width` cells as a strip."""
    return Strip([Segment(text, _style(ink, base)) for text, ink in row], width)


def row_text(row: Row) -> Text:
    """Return a row for the command line, which does not know the terminal's background."""
    text = Text(no_wrap=True)
    for piece, ink in row:
        text.append(piece, ink.style(Style.null()))
    return text


def joined(pieces: Iterable[tuple[str, Ink]]) -> Row:
    """Return the pieces as a row, with neighbours of one ink as one."""
    found: list[tuple[str, Ink]] = []
    for text, ink in pieces:
        if found and found[-1][1] == ink:
            found[-1] = (found[-1][0] + text, ink)
        else:
            found.append((text, ink))
    return tuple(found)


def plain(row: Row) -> str:
    """Return the characters of a row."""
    return "".join(text for text, _ in row)


@functools.lru_cache(512)
def _style(ink: Ink, base: Style) -> Style:
    style = base if ink.colour is None else base + Style(color=Color.from_rgb(*ink.colour))
    if ink.is_faint:
        style = _faint(style)
    return style + Style(bold=True) if ink.is_bold else style


def _faint(style: Style) -> Style:
    """The style with its colour mixed with the background, or dim if these are the terminal's own."""
    colour, background = style.color, style.bgcolor
    if colour is None or background is None or colour.triplet is None or background.triplet is None:
        return style + Style(dim=True)
    return style + Style(color=Color.from_triplet(blend_rgb(colour.triplet, background.triplet, FAINT)))
