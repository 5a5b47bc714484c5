"""The choice of the theme: that of the settings, as far as the terminal can show it."""

from tui.theme.themes import THEMES, ColourRange, Look

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
    if theme == AUTO or THEMES[best].palette is ColourRange.NONE:
        return best
    if THEMES[best].palette is ColourRange.ANSI and THEMES[theme].palette is ColourRange.RGB:
        return best
    return theme


def chosen(name: str) -> Look:
    """Return the theme with this name; the dark one if there is none."""
    return THEMES.get(name) or THEMES["dark"]
