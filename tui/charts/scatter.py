"""Points in the plane as coloured marks, a mark and a colour per class."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.theme import MARKS, SERIES

_MOST_STRETCH = 2.5
"""Maximum stretch of one axis relative to the other."""


def scatter_strips(
    points: ArrayLike,
    classes: ArrayLike,
    width: int,
    height: int,
    marks: Sequence[str] = MARKS,
    colours: Sequence[str] = SERIES,
) -> list[Strip]:
    """Return `height` strips of `width` cells with points (m, 2); a cell shows the class of most of its points.

    The points are centred and scaled to fit; a cell counts as twice as high as wide, so that circles stay round unless
    an axis has to be stretched. Points that are not finite, and classes below 0, are left out.
    """
    if width < 1 or height < 1:
        return []
    x, labels = np.asarray(points, np.float64).reshape(-1, 2), np.asarray(classes, np.int64).ravel()
    kept = np.isfinite(x).all(axis=1) & (labels >= 0)
    rows = [[(" ", "")] * width for _ in range(height)]
    for column, row, label in _cells(x[kept], labels[kept], width, height):
        rows[row][column] = (marks[label % len(marks)], colours[label % len(colours)])
    return [_strip(row) for row in rows]


def _strip(row: Sequence[tuple[str, str]]) -> Strip:
    segments = [Segment(mark, Style(color=colour) if colour else Style.null()) for mark, colour in row]
    return Strip(segments, len(row)).simplify()


def _cells(
    x: NDArray[np.float64], labels: NDArray[np.int64], width: int, height: int
) -> list[tuple[int, int, int]]:
    """(column, row, class) of each cell with points; the lower class if two are equally frequent."""
    if not len(x):
        return []
    columns, rows = _places(x, width, height)
    n_classes = int(labels.max()) + 1
    votes = np.bincount((rows * width + columns) * n_classes + labels, minlength=width * height * n_classes)
    by_cell = votes.reshape(width * height, n_classes)
    taken = np.flatnonzero(by_cell.any(axis=1))
    winners = by_cell[taken].argmax(axis=1)
    return list(zip((taken % width).tolist(), (taken // width).tolist(), winners.tolist(), strict=True))


def _places(x: NDArray[np.float64], width: int, height: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    x = np.clip(x, -1e150, 1e150)
    low, high = x.min(axis=0), x.max(axis=0)
    spans = np.where(high > low, high - low, 1.0)  # (2,)
    room = np.array([width - 1, 2.0 * (height - 1)])  # in cell widths
    scale = room / spans
    scale = np.minimum(scale, _MOST_STRETCH * scale.min())
    offsets = (x - (low + high) / 2) * scale  # from the middle, in cell widths
    columns = np.rint(offsets[:, 0] + (width - 1) / 2)
    rows = np.rint((height - 1) / 2 - offsets[:, 1] / 2)
    return (
        np.clip(columns, 0, width - 1).astype(np.int64),
        np.clip(rows, 0, height - 1).astype(np.int64),
    )
