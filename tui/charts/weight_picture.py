"""The weights of a unit as an image: a pixel per weight, with a cursor and marks for edited weights."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.charts.halfblock import picture_strips
from tui.charts.signed import REACH, ZERO, signed_characters, signed_pixels
from tui.theme import rgb

MARKED, EDITED = "#ffffff", "#d75fd7"
"""Colours of the weight under the cursor, and of an edited one."""
EDITED_MARK, CURSOR = "#", "◆"


def weight_strips(
    weights: Sequence[float | None],
    shape: tuple[int, int],
    cursor: int,
    edited: Collection[int],
    width: int,
    height: int,
    colourless: bool = False,
) -> list[Strip]:
    """Return strips of at most `width` cells and `height` lines; the part around the cursor if not all fits.

    Args:
        weights: the weights of an image of `shape`, row by row; None for one that is not finite.
        cursor: position of the marked weight; beyond the last: none is marked.
        edited: positions of edited weights.
    """
    if width < 1 or height < 1:
        return []  # briefly, during a layout
    values = np.array([0.0 if value is None else value for value in weights], np.float64).reshape(shape)
    down = height if colourless else 2 * height
    rows = _window(shape[0], cursor // shape[1], down)
    columns = _window(shape[1], cursor % shape[1], width)
    reach = float(np.abs(values).max()) or 1.0
    levels = np.rint(values / reach * REACH + ZERO).astype(np.uint8)
    marks = _marks(shape, cursor, edited)[rows, columns]
    if colourless:
        return _plain(levels[rows, columns], marks)
    scale = max(1, min(width // marks.shape[1], down // marks.shape[0]))
    pixels = signed_pixels(levels[rows, columns])
    pixels[marks == 1], pixels[marks == 2] = rgb(EDITED), rgb(MARKED)
    return picture_strips(np.repeat(np.repeat(pixels, scale, axis=0), scale, axis=1))


def _window(size: int, position: int, room: int) -> slice:
    first = max(0, min(size - room, position - room // 2))
    return slice(first, first + min(size, room))


def _marks(shape: tuple[int, int], cursor: int, edited: Collection[int]) -> NDArray[np.uint8]:
    """1 for an edited weight, 2 for the cursor, (H, W)."""
    marks = np.zeros(shape[0] * shape[1], np.uint8)
    marks[[place for place in edited if place < len(marks)]] = 1
    if cursor < len(marks):
        marks[cursor] = 2
    return marks.reshape(shape)


def _plain(levels: NDArray[np.uint8], marks: NDArray[np.uint8]) -> list[Strip]:
    """A character per weight, for use without colours."""
    characters = signed_characters(levels)
    characters[marks == 1], characters[marks == 2] = EDITED_MARK, CURSOR
    return [Strip([Segment("".join(row), Style.null())], levels.shape[1]) for row in characters]
