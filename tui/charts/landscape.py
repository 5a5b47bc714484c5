"""A loss map in discrete colours, with a mark at the centre."""

import numpy as np
from numpy.typing import NDArray
from textual.strip import Strip

from tui.charts.territory import Sample, ground_strips, shaded_strips
from tui.theme import rgb

Bytes = NDArray[np.uint8]
TONES = (
    "#00005f", "#005f87", "#0087af", "#00afaf", "#5faf87", "#87af5f", "#afaf5f", "#d7af5f", "#ffaf5f", "#ffd787",
    "#ffffd7",
)  # fmt: skip
"""Colours from the lowest loss to the highest, chosen from the 256-colour palette."""
SHADES = " .:-=+*o#%@"
"""Characters from the lowest loss to the highest."""
NO_NUMBER, NO_NUMBER_TONE = "!", "#d75f87"
"""Character and colour of a loss that is not finite."""
BROKEN, TOP = 255, 250
"""Byte of a loss that is not finite, and the highest byte of a finite one."""
CENTRE = Sample(0.5, 0.5, "#ffffff", "✚")


def map_strips(levels: Bytes, across: int, down: int, colourless: bool = False) -> list[Strip]:
    """Return strips of a map of levels (H, H), uint8, each point `across` columns wide and `down` half lines high."""
    bands = np.where(levels == BROKEN, -1, levels.astype(np.int64) * len(TONES) // (TOP + 1))
    wide = np.repeat(bands, across, axis=1)
    if colourless:
        signs = np.array([*SHADES, NO_NUMBER])
        rows = wide if down > 1 else wide[::2]
        return shaded_strips(["".join(line) for line in signs[rows]], [CENTRE])
    colours = np.array([rgb(tone) for tone in (*TONES, NO_NUMBER_TONE)], np.uint8)
    grown = np.repeat(wide, down, axis=0)
    if len(grown) % 2:
        grown = np.concatenate([grown, grown[-1:]])
    middle = CENTRE._replace(down=(len(levels) * down / 2) / len(grown))
    return ground_strips(colours[grown], [middle])


def legend(low: float, high: float, has_broken: bool, colourless: bool = False) -> list[tuple[str, str]]:
    """Return the colour bar as (text, style) pairs; its middle is labelled with the geometric mean of the ends."""
    ends = (f"{low:.3g} ", f" {high:.3g}")
    half = len(TONES) // 2
    middle = f" {(max(low, 1e-300) * high) ** 0.5:.2g} " if low > 0 else " "
    if colourless:
        parts = [(ends[0] + SHADES[:half] + middle + SHADES[half:] + ends[1], "")]
    else:
        bars = [("  ", f"on {tone}") for tone in TONES]
        parts = [(ends[0], ""), *bars[:half], (middle, ""), *bars[half:], (ends[1], "")]
    if has_broken:
        sign = (NO_NUMBER, "") if colourless else ("  ", f"on {NO_NUMBER_TONE}")
        parts += [("   ", ""), sign, (" not finite", "")]
    return parts
