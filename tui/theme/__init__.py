"""Colours: the constants that charts draw with, the themes, and the filter that shows the first in the second."""

from tui.theme.choice import AUTO, by_terminal, chosen, shown_as
from tui.theme.colours import (
    BLUE,
    CURVE_BACK,
    GREEN,
    MARKS,
    ORANGE,
    PURPLE,
    SERIES,
    SKY,
    VERMILION,
    YELLOW,
    rgb,
)
from tui.theme.line_filter import ThemeColours
from tui.theme.themes import NNTERM, THEMES, ColourRange, Look

__all__ = [
    "AUTO",
    "BLUE",
    "CURVE_BACK",
    "GREEN",
    "MARKS",
    "NNTERM",
    "ORANGE",
    "PURPLE",
    "SERIES",
    "SKY",
    "THEMES",
    "VERMILION",
    "YELLOW",
    "ColourRange",
    "Look",
    "ThemeColours",
    "by_terminal",
    "chosen",
    "rgb",
    "shown_as",
]
