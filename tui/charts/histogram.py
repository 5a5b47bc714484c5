"""Histograms as columns with a resolution of an eighth of a cell."""

import math
from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.charts.axes import ticks
from tui.charts.bars import HEIGHTS

GUTTER = 7
"""Cells to the left of a chart for its height labels; equal for charts above one another, so that x is aligned."""
FAINT_STYLE = Style(dim=True)


def histogram_strips(
    counts: Sequence[int], labels: tuple[str, str, str], width: int, height: int, colour: str
) -> list[Strip]:
    """Return strips of `width` cells: columns as wide as fit, and below them the minimum, middle and maximum value."""
    if not counts or width < len(counts) or height < 2:
        return []
    cell = width // len(counts)
    most = max(max(counts), 1)
    eighths = [round(count / most * 8 * (height - 1)) or int(count > 0) for count in counts]
    strips = []
    for y in range(height - 2, -1, -1):
        text = "".join(_block(amount - 8 * y) * (cell - (cell > 1)) + " " * (cell > 1) for amount in eighths)
        strips.append(_line(text, width, Style(color=colour)))
    return [*strips, _line(_axis(labels, cell * len(counts)), width, Style(dim=True))]


def _block(eighths: int) -> str:
    return " " if eighths <= 0 else HEIGHTS[min(8, eighths) - 1]


def _axis(labels: tuple[str, str, str], width: int) -> str:
    left, middle, right = labels
    text = left.ljust(max(len(left), (width - len(middle)) // 2)) + middle
    return text.ljust(max(0, width - len(right))) + right


def _line(text: str, width: int, style: Style) -> Strip:
    return Strip([Segment(text, style)]).adjust_cell_length(width, Style.null())


def distribution_strips(
    counts: Sequence[int],
    ends: tuple[float, float],
    width: int,
    height: int,
    colour: str,
    *,
    log: bool = False,
) -> list[Strip]:
    """Return strips of `width` cells: a histogram over an axis with round ticks, with the share of the highest bin.

    Args:
        ends: start of the first bin and end of the last one.
        log: draw logarithmic heights, so that bins with few values are visible beside one with many.
    """
    across, rows = width - GUTTER, height - 1
    if not counts or across < 8 or rows < 1:
        return []
    total, most = sum(counts), max(counts)
    picked = [counts[x * len(counts) // across] for x in range(across)]
    eighths = [round(_height(count, most, log=log) * 8 * rows) or int(count > 0) for count in picked]
    zero = _place(0.0, ends, across) if ends[0] < 0 < ends[1] else -1
    strips = []
    for y in range(rows - 1, -1, -1):
        cells = "".join(_over_zero(_block(amount - 8 * y), x == zero) for x, amount in enumerate(eighths))
        label = _share(most, total) if y == rows - 1 else ""
        strips.append(_labelled(label, cells, Style(color=colour)))
    return [*strips, axis_strip(ends, width)]


def axis_strip(ends: tuple[float, float], width: int) -> Strip:
    """Return the axis below a chart: round numbers at their places."""
    across = width - GUTTER
    positions, labels = ticks(*ends, max(2, across // 12))
    line = [" "] * width
    for position, label in zip(positions, labels, strict=True):
        start = GUTTER + _place(position, ends, across) - len(label) // 2
        start = max(0, min(width - len(label), start))
        if all(cell == " " for cell in line[max(0, start - 1) : start + len(label) + 1]):
            line[start : start + len(label)] = label
    return _line("".join(line), width, FAINT_STYLE)


def _labelled(label: str, cells: str, style: Style) -> Strip:
    return Strip([Segment(label.rjust(GUTTER - 1)[: GUTTER - 1] + " ", FAINT_STYLE), Segment(cells, style)])


def _height(count: int, most: int, *, log: bool) -> float:
    if not most:
        return 0.0
    return math.log1p(count) / math.log1p(most) if log else count / most


def _place(value: float, ends: tuple[float, float], across: int) -> int:
    """The cell of a value."""
    low, high = ends
    return min(across - 1, int((value - low) / (high - low) * across))


def _over_zero(block: str, is_zero: bool) -> str:
    return "┊" if is_zero and block == " " else block


def _share(count: int, total: int) -> str:
    share = 100 * count / total if total else 0.0
    return f"{share:.0f} %" if share >= 10 else f"{share:.2g} %"
