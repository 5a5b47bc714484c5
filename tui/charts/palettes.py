"""Palettes: a few colours each, chosen from the 256-colour palette, with shade characters for use without colours."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Colours and shade characters from the lowest level to the highest."""

    colours: tuple[str, ...]
    shades: str
    """A character per level, for use without colours."""

    def __len__(self) -> int:
        return len(self.colours)


SEQUENTIAL = Palette(("#005f87", "#0087af", "#56b4e9", "#afd7ff", "#ffffd7"), "·░▒▓█")
"""Dark to light, for values from low to high."""
DIVERGING = Palette(("#d55e00", "#e6a06a", "#6c6c6c", "#87c5ee", "#0087d7"), "▄-·+▀")
"""Orange to grey to blue, for values below and above a middle."""

ERRORS = Palette(("#005f5f", "#5f8787", "#afaf87", "#ffaf00", "#ffffaf"), "·░▒▓█")
"""Dim to bright, for errors from small to large."""
