"""The themes: dark, light, high contrast, the terminal's 16 colours, and no colour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from textual.theme import Theme

from tui.theme.colours import (
    BLUE,
    CURVE_BACK,
    GREEN,
    GREY,
    LIME,
    ORANGE,
    PINK,
    PURPLE,
    SERIES,
    SKY,
    VERMILION,
    YELLOW,
)

LEAST_CONTRAST = 4.5
"""Minimum contrast of a text (WCAG 2.1, level AA)."""
STRONG_CONTRAST = 7.0
"""Minimum contrast of a text in the theme "high-contrast" (level AAA)."""


class ColourRange(Enum):
    """Colours that a theme uses."""

    RGB = "any colour"
    ANSI = "the terminal's 16 colours"
    NONE = "no colour: bold, dim and reverse"


@dataclass(frozen=True)
class Look:
    """A theme: how Textual colours the screen, and what becomes of the colours of charts."""

    theme: Theme
    says: str
    """A description for the palette and the settings page."""
    shades: Mapping[str, str] = field(default_factory=dict)
    """The theme's shade of each constant colour, `#RRGGBB` in upper case; empty: the constants themselves."""
    least: float = LEAST_CONTRAST
    """Minimum contrast of a text with what it stands on."""
    palette: ColourRange = ColourRange.RGB

    @property
    def name(self) -> str:
        """The name in the settings and in the palette."""
        return self.theme.name


def _theme(name: str, dark: bool, colours: Mapping[str, str], **grounds: str) -> Theme:
    """Return a theme in which `colours` stand for the constants; `grounds` are those of Textual and of the cursor."""
    tone = {constant: colours.get(constant, constant) for constant in SERIES}
    return Theme(
        name,
        primary=tone[BLUE],
        secondary=tone[PURPLE],
        accent=tone[ORANGE],
        warning=tone[YELLOW],
        error=tone[VERMILION],
        success=tone[GREEN],
        foreground=grounds.get("foreground"),
        background=grounds["background"],
        surface=grounds["surface"],
        panel=grounds["panel"],
        dark=dark,
        variables={
            "border": grounds["border"],
            "border-blurred": grounds["faint_border"],
            "footer-key-foreground": tone[ORANGE],
            "block-cursor-background": tone[BLUE],
            "block-cursor-foreground": "#000000" if dark else "#ffffff",
            "block-cursor-blurred-background": grounds["blurred"],
        },
    )


_DARK = {
    "background": "#121212",
    "surface": "#181818",
    "panel": "#222222",
    "border": "#444444",
    "faint_border": "#333333",
    "blurred": "#2b4a5c",
}
_ON_LIGHT = {
    BLUE: "#00639C",
    ORANGE: "#8F5300",
    GREEN: "#006B4C",
    VERMILION: "#B03A00",
    PURPLE: "#933A6E",
    YELLOW: "#6B5C00",
    SKY: "#003F6B",
    GREY: "#616161",
    LIME: "#44701B",
    PINK: "#B8375A",
    CURVE_BACK: "#A9CCE3",
}
_STRONG = {
    BLUE: "#6CC5FF",
    ORANGE: "#FFB000",
    GREEN: "#2EE6A6",
    VERMILION: "#FF8A4C",
    PURPLE: "#FF9BD2",
    YELLOW: "#FFF04A",
    SKY: "#7FA8FF",
    GREY: "#C8C8C8",
    LIME: "#C6F29B",
    PINK: "#FFC9D2",
    CURVE_BACK: "#3F7391",
}
NNTERM = _theme("dark", True, {}, **_DARK)
"""The theme unless another one is chosen."""

THEMES = {
    look.name: look
    for look in (
        Look(NNTERM, "light text on a dark ground"),
        Look(
            _theme(
                "light",
                False,
                _ON_LIGHT,
                foreground="#1a1a1a",
                background="#ffffff",
                surface="#f5f5f5",
                panel="#e9e9e9",
                border="#a0a0a0",
                faint_border="#c8c8c8",
                blurred="#cfe3f2",
            ),
            "dark text on a light ground",
            _ON_LIGHT,
        ),
        Look(
            _theme(
                "high-contrast",
                True,
                _STRONG,
                foreground="#ffffff",
                background="#000000",
                surface="#000000",
                panel="#101010",
                border="#b0b0b0",
                faint_border="#808080",
                blurred="#234a66",
            ),
            "bright colours on black",
            _STRONG,
            STRONG_CONTRAST,
        ),
        Look(
            _theme("16-colours", True, {}, **_DARK),
            "the 16 colours of the terminal's own scheme",
            palette=ColourRange.ANSI,
        ),
        Look(
            _theme("no-colour", True, {}, **_DARK),
            "bold, dim and reverse only, as with NO_COLOR",
            palette=ColourRange.NONE,
        ),
    )
}
"""The themes by name, in the order of the palette."""
