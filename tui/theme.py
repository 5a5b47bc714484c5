"""Colours: Okabe and Ito's palette, which colour-blind people can distinguish, on a dark background."""

from textual.theme import Theme

BLUE, ORANGE, GREEN = "#56B4E9", "#E69F00", "#009E73"
VERMILION, PURPLE, YELLOW, SKY = "#D55E00", "#CC79A7", "#F0E442", "#0072B2"

SERIES = (BLUE, ORANGE, GREEN, PURPLE, YELLOW, VERMILION, SKY, "#999999", "#B2DF8A", "#FFB6C1")
"""Colours of classes and curves, in order; ten, for ten digits."""

MARKS = "●◆▲■✚★▼◉✖◈"
"""A mark per class, so that colour is never the only cue."""

NNTERM = Theme(
    "nnterm",
    primary=BLUE,
    secondary=PURPLE,
    accent=ORANGE,
    warning=YELLOW,
    error=VERMILION,
    success=GREEN,
    background="#121212",
    surface="#181818",
    panel="#222222",
    dark=True,
    variables={
        "border": "#444444",
        "border-blurred": "#333333",
        "footer-key-foreground": ORANGE,
        "block-cursor-background": BLUE,
        "block-cursor-foreground": "#000000",
        "block-cursor-blurred-background": "#2b4a5c",
    },
)


def rgb(colour: str) -> tuple[int, int, int]:
    """Return the red, green and blue of `#RRGGBB`, 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
