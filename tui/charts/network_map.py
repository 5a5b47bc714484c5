"""The drawing of a network: a column of units per layer, joined by lines in braille.

Of a large layer only the first and last units are drawn; the number below is the true one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from textual.content import Content

from tui.charts.tones import FAINT, MUTED

_MOST_UNITS = 10
"""A column with more units shows only those at its ends."""
_AT_EITHER_END = 3
_CLOSEST = 6
"""Minimum cells between two columns."""
_MARGIN = 4
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille cell, 4 rows by 2 columns."""

LINE = FAINT
LABEL = MUTED
INPUT, HIDDEN, OUTPUT = "$secondary", "$primary", "$success"


@dataclass(frozen=True)
class NetworkColumn:
    """A layer, or the input, as a column of units."""

    units: int
    caption: str
    """Text below the number of units: the activation, or the shape of the input."""
    style: str = HIDDEN
    unit_names: tuple[str, ...] = ()
    """Names beside the units of the last column; empty: no names."""
    one_to_one: bool = False
    """True if each unit is connected only to the unit beside it instead of to all of the previous column."""


class Canvas:
    """Styled characters over braille dots."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._dots = [[0] * width for _ in range(height)]
        self._marks: dict[tuple[int, int], tuple[str, str]] = {}

    def write(self, x: int, y: int, text: str, style: str) -> None:
        for i, character in enumerate(text):
            if 0 <= x + i < self.width and 0 <= y < self.height:
                self._marks[x + i, y] = (character, style)

    def line(self, x0: int, y0: int, x1: int, y1: int) -> None:
        """Draw a line between the centres of two cells, x0 < x1."""
        left, right = 2 * x0, 2 * x1 + 1
        top, bottom = 4 * y0 + 1.5, 4 * y1 + 1.5
        for x in range(left, right + 1):
            y = round(top + (bottom - top) * (x - left) / max(1, right - left))
            self._dots[y // 4][x // 2] |= _DOTS[y % 4][x % 2]

    def lines(self) -> list[Content]:
        return [self._content(y) for y in range(self.height)]

    def _content(self, y: int) -> Content:
        cells = [self._cell(x, y) for x in range(self.width)]
        runs = groupby(cells, key=lambda cell: cell[1])
        return Content.assemble(*(("".join(text for text, _ in run), style) for style, run in runs))

    def _cell(self, x: int, y: int) -> tuple[str, str]:
        dots = self._dots[y][x]
        return self._marks.get((x, y)) or (chr(0x2800 + dots) if dots else " ", LINE)


def draw_network(columns: Sequence[NetworkColumn], width: int, height: int) -> list[Content]:
    """Return `height` lines of `width` cells; one line with the sizes as text if a drawing does not fit."""
    columns = _fitting(columns, width)
    if height < 6 or len(columns) < 2 or width < _CLOSEST * len(columns):
        return [Content.styled(sizes(columns), LABEL)]
    canvas = Canvas(width, height)
    xs = _positions(columns, width)
    body = height - 3
    rows = [_unit_rows(column.units, body) for column in columns]
    for (x0, rows0, _), (x1, rows1, column) in pairwise(zip(xs, rows, columns, strict=True)):
        if x1 - x0 > 3 and column.one_to_one:
            _join_beside(canvas, x0 + 1, rows0, x1 - 1, rows1)
        elif x1 - x0 > 3:
            _join(canvas, x0 + 1, rows0, x1 - 1, rows1)
    for column, x, ys in zip(columns, xs, rows, strict=True):
        _draw_column(canvas, column, x, ys)
    _write_captions(canvas, columns, xs)
    return canvas.lines()


def sizes(columns: Sequence[NetworkColumn]) -> str:
    """Return the sizes of a network as text: `784 → 128 → drop → 10`."""
    is_named = [column.one_to_one or not column.units for column in columns]
    return " → ".join(
        column.caption if named else f"{column.units:,}"
        for column, named in zip(columns, is_named, strict=True)
    )


def _fitting(columns: Sequence[NetworkColumn], width: int) -> list[NetworkColumn]:
    """The columns that fit; the middle of a deep network is replaced by a column with the number of layers left out."""
    widest = max(len(f"{column.units:,}") for column in columns) + 2
    room = max(3, _span(columns, width) // max(_CLOSEST, widest) + 1)
    if len(columns) <= room:
        return list(columns)
    first = (room - 1) // 2
    last = room - 1 - first
    left_out = len(columns) - first - last
    return [*columns[:first], NetworkColumn(0, f"+{left_out}", LABEL), *columns[len(columns) - last :]]


def _span(columns: Sequence[NetworkColumn], width: int) -> int:
    """Cells between the first and the last column, without those for the names beside the last one."""
    names = max((len(name) for name in columns[-1].unit_names), default=0)
    return max(1, width - _MARGIN - max(_MARGIN, min(names + 2, width // 4)) - 1)


def _positions(columns: Sequence[NetworkColumn], width: int) -> list[int]:
    span = _span(columns, width)
    return [_MARGIN + round(i * span / (len(columns) - 1)) for i in range(len(columns))]


def _unit_rows(units: int, height: int) -> list[int | None]:
    """Rows of the units, top to bottom; None at the gap of a large layer."""
    if units == 0:
        return []
    most = min(_MOST_UNITS, height)
    if units <= most:
        return _spread(units, height)
    ends = min(_AT_EITHER_END, (most - 1) // 2)  # few, so that the lines can be distinguished
    rows = _spread(2 * ends + 1, height)
    return [*rows[:ends], None, *rows[ends + 1 :]]


def _spread(n: int, height: int) -> list[int | None]:
    spacing = min(3, max(1, (height - 1) // max(1, n - 1))) if n > 1 else 1
    top = (height - 1 - spacing * (n - 1)) // 2
    return [top + spacing * i for i in range(n)]


def _join(canvas: Canvas, x0: int, rows0: list[int | None], x1: int, rows1: list[int | None]) -> None:
    for y0 in rows0:
        for y1 in rows1:
            if y0 is not None and y1 is not None:
                canvas.line(x0, y0, x1, y1)


def _join_beside(canvas: Canvas, x0: int, rows0: list[int | None], x1: int, rows1: list[int | None]) -> None:
    for y0, y1 in zip(rows0, rows1, strict=False):
        if y0 is not None and y1 is not None:
            canvas.line(x0, y0, x1, y1)


def _draw_column(canvas: Canvas, column: NetworkColumn, x: int, rows: list[int | None]) -> None:
    if not column.units:
        canvas.write(x - 1, (canvas.height - 4) // 2, "···", LABEL)
    names = column.unit_names
    for i, y in enumerate(rows):
        if y is None:
            middle = [row for row in rows if row is not None]
            canvas.write(x, (middle[i - 1] + middle[i]) // 2, "⋮", LABEL)
            continue
        canvas.write(x, y, "●", column.style)
        unit = i if i < (len(rows) + 1) // 2 else column.units - len(rows) + i
        if len(names) == column.units:
            canvas.write(x + 2, y, names[unit], LABEL)


def _write_captions(canvas: Canvas, columns: Sequence[NetworkColumn], xs: Sequence[int]) -> None:
    """The numbers of units, and the captions below them."""
    numbers = [f"{column.units:,}" if column.units else column.caption for column in columns]
    _write_row(canvas, canvas.height - 2, numbers, ["bold"] * len(columns), xs)
    styles = [column.style for column in columns]
    captions = [column.caption if column.units else "" for column in columns]
    _write_row(canvas, canvas.height - 1, captions, styles, xs)


def _write_row(canvas: Canvas, y: int, texts: list[str], styles: list[str], xs: Sequence[int]) -> None:
    """Centre each text below its column; write none if two would touch."""
    starts = []
    for x, text in zip(xs, texts, strict=True):
        starts.append(max(0, min(x - (len(text) - 1) // 2, canvas.width - len(text))))
    ends = [start + len(text) for start, text in zip(starts, texts, strict=True)]
    if any(end >= start for end, start in zip(ends, starts[1:], strict=False)):
        return
    for start, text, style in zip(starts, texts, styles, strict=True):
        canvas.write(start, y, text, style)
