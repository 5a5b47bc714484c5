"""A small matrix as signed bars with numbers: to the left of an axis below 0, to its right above."""

from collections.abc import Sequence

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.charts.bars import bar

BELOW, ABOVE = "#d78700", "#56B4E9"
AXIS = "│"
FIGURE = 9
"""Columns of a number."""
LEAST_HALF, MOST_HALF = 3, 16
"""Cells of a bar on either side of its axis."""
NAME = 9
GAP = 2


def signed_bar(value: float | None, reach: float, half: int, *, colourless: bool = False) -> list[Segment]:
    """Return a bar of 2 `half` + 1 cells around an axis, full at `reach`; empty for None."""
    share = 0.0 if value is None or reach <= 0 else max(-1.0, min(1.0, value / reach))
    left = "█" * round(-share * half) if share < 0 else ""
    right = bar(share, half) if share > 0 else " " * half
    tones = (Style(), Style()) if colourless else (Style(color=BELOW), Style(color=ABOVE))
    return [Segment(left.rjust(half), tones[0]), Segment(AXIS, Style(dim=True)), Segment(right, tones[1])]


def fitting_half(columns: int, width: int) -> int:
    """Return the cells on either side of the axis with which `columns` bars fit into `width`; 0 if they do not."""
    room = (width - NAME - GAP) // max(1, columns) - FIGURE - GAP - 1
    half = min(MOST_HALF, room // 2)
    return half if half >= LEAST_HALF else 0


def signed_bar_strips(
    rows: Sequence[Sequence[float | None]],
    names: Sequence[str],
    width: int,
    height: int,
    first: int,
    *,
    colourless: bool,
    tones: Sequence[str] = (),
) -> list[Strip]:
    """Return a head and a line per row from row `first` on; in blocks side by side if there are more rows than lines.

    Args:
        names: of the columns.
        tones: colours of the rows' numbers, in turn; empty: none.
    """
    half = fitting_half(len(names), width)
    if not half or height < 2 or not rows:
        return []
    reach = max((abs(value) for row in rows for value in row if value is not None), default=0.0)
    lines = height - 1
    wide = NAME + len(names) * (FIGURE + GAP + 2 * half + 1)
    blocks = max(1, min(-(-(len(rows) - first) // lines), (width + GAP) // (wide + GAP)))
    head = _head(names, half)
    strips = [_across([head] * blocks, width)]
    for line in range(lines):
        numbers = [first + block * lines + line for block in range(blocks)]
        parts = [
            [_number(i, tones), *_row(rows[i], reach, half, colourless)]
            if i < len(rows)
            else [Segment(" " * wide)]
            for i in numbers
        ]
        strips.append(_across(parts, width))
    return strips


def _head(names: Sequence[str], half: int) -> list[Segment]:
    text = "unit".ljust(NAME)
    for name in names:
        text += " " * GAP + set_cell_size(name.rjust(FIGURE - 1), FIGURE - 1) + " " + " " * (2 * half + 1)
    return [Segment(text, Style(dim=True))]


def _number(i: int, tones: Sequence[str]) -> Segment:
    style = Style(color=tones[i % len(tones)], bold=True) if tones else Style.null()
    return Segment(f"{i:>{NAME - 3},}".ljust(NAME), style)


def _row(row: Sequence[float | None], reach: float, half: int, colourless: bool) -> list[Segment]:
    segments = []
    for value in row:
        text = "NaN" if value is None else f"{value:+.3g}"
        segments.append(Segment(" " * GAP + text.rjust(FIGURE - 1) + " "))
        segments += signed_bar(value, reach, half, colourless=colourless)
    return segments


def _across(parts: Sequence[list[Segment]], width: int) -> Strip:
    gap = Segment(" " * GAP)
    segments = [segment for part in parts for segment in (*part, gap)]
    return Strip(segments).adjust_cell_length(width, Style.null())
