"""The colours that charts draw with: Okabe and Ito's palette, which colour-blind people can distinguish.

They are names as much as colours. A chart draws in them whatever the theme is, and `ThemeColours` replaces each by the
theme's shade of it when a line is painted, so that a chart needs to know nothing of themes.
"""

BLUE, ORANGE, GREEN = "#56B4E9", "#E69F00", "#009E73"
VERMILION, PURPLE, YELLOW, SKY = "#D55E00", "#CC79A7", "#F0E442", "#0072B2"
GREY, LIME, PINK = "#999999", "#B2DF8A", "#FFB6C1"
CURVE_BACK = "#2E5266"
"""Colour of what stands behind a curve, such as single batches; it may be faint, as it is no text."""

SERIES = (BLUE, ORANGE, GREEN, PURPLE, YELLOW, VERMILION, SKY, GREY, LIME, PINK)
"""Colours of classes and curves, in order; ten, for ten digits."""

MARKS = "●◆▲■✚★▼◉✖◈"
"""A mark per class, so that colour is never the only cue."""


def rgb(colour: str) -> tuple[int, int, int]:
    """Return the red, green and blue of `#RRGGBB`, 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
