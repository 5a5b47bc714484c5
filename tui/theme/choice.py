"""Which theme is shown: the one asked for, as far as the terminal can show it."""

from tui.theme.themes import THEMES, Look, Palette

AUTO = "auto"
"""The setting that leaves the choice to the terminal."""
FEW_COLOURS = ("standard", "windows")
"""Rich's names of colour systems with 16 colours."""


def by_terminal(color_system: str | None, no_color: bool) -> str:
    """Return the theme for a terminal of Rich's `color_system`; `no_color`: the environment has NO_COLOR."""
    if no_color or color_system is None:
        return "no-colour"
    return "16-colours" if color_system in FEW_COLOURS else "dark"


def shown_as(theme: str, color_system: str | None, no_color: bool) -> str:
    """Return the theme in which a setting is shown: NO_COLOR and a terminal of few colours come before it."""
    best = by_terminal(color_system, no_color)
    if theme == AUTO or THEMES[best].palette is Palette.NONE:
        return best
    if THEMES[best].palette is Palette.ANSI and THEMES[theme].palette is Palette.RGB:
        return best
    return theme


def chosen(name: str) -> Look:
    """Return the theme with this name; the dark one if there is none."""
    return THEMES.get(name) or THEMES["dark"]
