"""Palettes: a few colours each, chosen by hand for 256 colours, with a shade for terminals without."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Colours and shades from the lowest level to the highest."""

    colours: tuple[str, ...]
    shades: str
    """A character a level: what is drawn where there is no colour."""

    def __len__(self) -> int:
        return len(self.colours)


SEQUENTIAL = Palette(("#005f87", "#0087af", "#56b4e9", "#afd7ff", "#ffffd7"), "·░▒▓█")
"""From dark to light, for values from low to high."""
DIVERGING = Palette(("#d55e00", "#e6a06a", "#6c6c6c", "#87c5ee", "#0087d7"), "▄-·+▀")
"""From orange over grey to blue, for values below and above a middle."""

ERRORS = Palette(("#005f5f", "#5f8787", "#afaf87", "#ffaf00", "#ffffaf"), "·░▒▓█")
"""From dim to glaring, for errors from none to all."""
