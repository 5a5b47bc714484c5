"""Signed values as colours: orange below 0, dark at 0, blue above 0."""

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.charts.halfblock import RAMP, picture_strips
from tui.charts.levels import diverging_levels
from tui.charts.palettes import DIVERGING
from tui.theme import rgb

Bytes = NDArray[np.uint8]
TONES = ("#ffaf5f", "#d78700", "#af5f00", "#5f3700", "#1c1c1c", "#00375f", "#005f87", "#0087af", "#5fd7ff")
"""Colours from the lowest level to the highest, chosen from the 256-colour palette."""
LARGEST_CELL = 6
"""Maximum pixels per value."""
ZERO, REACH = 128, 127
"""The byte of the value 0, and the range of bytes on either side of it."""


def signed_pixels(levels: Bytes, gain: float = 1.0) -> Bytes:
    """Return colours (..., 3), uint8, for bytes (...) around `ZERO`, multiplied by `gain` and clipped to `REACH`."""
    values = np.clip((levels.astype(np.float64) - ZERO) * gain, -REACH, REACH)
    colours = np.array([rgb(tone) for tone in TONES], np.uint8)
    pixels: Bytes = colours[_bands(values, len(TONES))]
    return pixels


def signed_characters(levels: Bytes) -> NDArray[np.str_]:
    """Return the characters of `DIVERGING` for bytes around `ZERO`, for terminals without colours."""
    values = levels.astype(np.float64) - ZERO
    characters: NDArray[np.str_] = np.array(list(DIVERGING.shades))[_bands(values, len(DIVERGING))]
    return characters


def _bands(values: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """The band, 0 to count - 1, of each value; bands divide -REACH to REACH, whatever the values are."""
    padded = np.concatenate([values.ravel(), [-REACH, REACH]])
    return diverging_levels(padded, count)[:-2].reshape(values.shape)


def signed_greys(levels: Bytes, gain: float = 1.0) -> Bytes:
    """Return greys (...) as `signed_pixels` does colours, for terminals without colours: black is the lowest value."""
    values = np.clip((levels.astype(np.float64) - ZERO) * gain, -REACH, REACH)
    greys: Bytes = np.rint(values + ZERO).astype(np.uint8)
    return greys


def map_strips(levels: Bytes, width: int, height: int, colourless: bool = False) -> list[Strip]:
    """Return a map of bytes around `ZERO`, (H, W), as large as whole cells allow in `width` x `height` cells.

    If it does not fit, each cell shows the value with the largest magnitude of those that it covers.
    """
    if width < 1 or height < 1:
        return []
    if colourless:
        return _sign_strips(_fitted(levels, width, height), width)
    fitted = _fitted(levels, width, 2 * height)
    down = max(1, min(LARGEST_CELL, 2 * height // fitted.shape[0]))
    across = max(1, min(LARGEST_CELL, width // fitted.shape[1]))
    grown = np.repeat(np.repeat(fitted, down, axis=0), across, axis=1)
    return picture_strips(signed_pixels(grown))


def _fitted(levels: Bytes, width: int, height: int) -> Bytes:
    rows, columns = -(-levels.shape[0] // height), -(-levels.shape[1] // width)
    if rows == columns == 1:
        return levels
    shape = (-(-levels.shape[0] // rows), rows, -(-levels.shape[1] // columns), columns)
    padded = np.full((shape[0] * rows, shape[2] * columns), ZERO, np.int64)
    padded[: levels.shape[0], : levels.shape[1]] = levels
    blocks = padded.reshape(shape)
    high, low = blocks.max(axis=(1, 3)), blocks.min(axis=(1, 3))
    fitted: Bytes = np.where(high - ZERO >= ZERO - low, high, low).astype(np.uint8)
    return fitted


def _sign_strips(levels: Bytes, width: int) -> list[Strip]:
    """A character per value."""
    rows = signed_characters(levels)
    return [Strip([Segment("".join(row), Style.null())]).adjust_cell_length(width) for row in rows]


def legend(reach: float, colourless: bool = False, *, as_greys: bool = False) -> list[tuple[str, str]]:
    """Return the scale as (text, style) pairs.

    Args:
        as_greys: without colours, explain `signed_greys` and not the characters of a map.
    """
    ends = (f"−{reach:.3g} ", f" +{reach:.3g}")
    if colourless:
        signs = "".join(RAMP) if as_greys else DIVERGING.shades
        return [(ends[0] + signs + ends[1], "")]
    return [(ends[0], ""), *((" ", f"on {tone}") for tone in TONES), (ends[1], "")]
