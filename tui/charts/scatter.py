"""Points in the plane as coloured marks, a mark and a colour per class."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.theme import MARKS, SERIES


def scatter_strips(
    x: NDArray[np.floating], labels: NDArray[np.integer], width: int, height: int, marks: str = MARKS
) -> list[Strip]:
    """Return `height` strips of `width` cells with the points x (m, 2), by class; the later point covers the earlier.

    The plane is scaled to the points with a margin; cells are taken as twice as high as wide.
    """
    if width < 1 or height < 1:
        return []
    cells: list[list[tuple[str, Style]]] = [[(" ", Style.null())] * width for _ in range(height)]
    finite = np.isfinite(x).all(axis=1)
    x, labels = x[finite], labels[finite]
    if len(x):
        columns, rows = _cells_of(x, width, height)
        for column, row, label in zip(columns.tolist(), rows.tolist(), labels.tolist(), strict=True):
            style = Style(color=SERIES[label % len(SERIES)])
            cells[row][column] = (marks[label % len(marks)], style)
    return [Strip([Segment(text, style) for text, style in row], width).simplify() for row in cells]


def _cells_of(
    x: NDArray[np.floating], width: int, height: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    low, high = x.min(axis=0), x.max(axis=0)
    centre = (low + high) / 2
    half = np.maximum((high - low) / 2, 1e-9) * 1.02
    share = (x - centre) / half  # -1 to 1
    columns = np.clip(((share[:, 0] + 1) / 2 * width).astype(int), 0, width - 1)
    rows = np.clip(((1 - share[:, 1]) / 2 * height).astype(int), 0, height - 1)
    return columns, rows


def legend(names: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return (mark, colour, name) for each class."""
    return [(MARKS[i % len(MARKS)], SERIES[i % len(SERIES)], name) for i, name in enumerate(names)]
