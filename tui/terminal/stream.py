"""The stream to the terminal: of each frame only the cells that differ from those that the terminal shows."""

from collections.abc import Iterator
from itertools import groupby

from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, LayoutUpdate

from tui.terminal.cells import CLUSTERS, Row, pieces_of, strip_cells
from tui.terminal.looks import Looks

LONGEST_GAP = 4
"""Bytes of unchanged cells that are sent again rather than skipped by a move of the cursor."""
UNKNOWN = (-1, -1)
"""A place of the cursor that must be set anew."""


class ScreenStream:
    """Cells that the screen should show, cells that the terminal shows, and the codes that lead from these to those.

    After `changes` was written, the terminal shows what it should, with the cursor at the given place and no style set.
    """

    def __init__(self, width: int, height: int, colours: ColorSystem | None) -> None:
        self._colours = colours
        self._looks = Looks(colours)
        self.size = (width, height)
        self._wanted: list[Row | None] = [None] * height
        self._shown: list[Row | None] = [None] * height
        self._cursor = UNKNOWN

    def resize(self, width: int, height: int) -> None:
        """Start again in another size."""
        if self.size != (width, height):
            self.__init__(width, height, self._colours)  # type: ignore[misc]

    def forget(self) -> None:
        """Take it that the terminal shows anything: the next changes are the whole screen."""
        self._shown = [None] * len(self._shown)
        self._cursor = UNKNOWN

    def take(self, update: LayoutUpdate | ChopsUpdate) -> None:
        """Add an update of Textual's compositor to what the screen should show."""
        if self._looks.are_too_many and isinstance(update, LayoutUpdate):
            self.__init__(*self.size, self._colours)  # type: ignore[misc]
        width, height = self.size
        blank = Row(" " * width, self._looks.plain * width)
        for x, y, strips in pieces_of(update):
            if not 0 <= y < height or x >= width:
                continue
            cells = strip_cells(strips, self._looks).cropped(width - x)
            self._wanted[y] = (self._wanted[y] or blank).replaced(x, *cells)

    def changes(self, cursor: tuple[int, int]) -> str:
        """Return what to write now, and take it as written; `cursor`: where to leave the cursor, (x, y)."""
        pen = _Pen(self._looks, self._cursor, self.size[0])
        for y, (row, old) in enumerate(zip(self._wanted, self._shown, strict=True)):
            if row is not None and row != old:
                for x, end in _changed(row, old):
                    pen.write(x, y, row.text[x:end], row.looks[x:end])
                self._shown[y] = row
        pen.end(cursor)
        self._cursor = cursor
        return pen.text


def _changed(row: Row, old: Row | None) -> Iterator[tuple[int, int]]:
    """Yield the first column, and the one after the last, of each part of a row to write.

    A row with wide characters or clusters is written as a whole: terminals differ in what is left of half of one.
    """
    if old is None or not (CLUSTERS.is_regular(row.text) and CLUSTERS.is_regular(old.text)):
        yield 0, len(row.text)
        return
    start = end = -1
    for x, (new_cell, old_cell, new_look, old_look) in enumerate(
        zip(row.text, old.text, row.looks, old.looks, strict=True)
    ):
        if new_cell == old_cell and new_look == old_look:
            continue
        if start >= 0 and not _is_worth_rewriting(row, end, x):
            yield start, end
            start = x
        elif start < 0:
            start = x
        end = x + 1
    if start >= 0:
        yield start, end


def _is_worth_rewriting(row: Row, end: int, x: int) -> bool:
    """Return True if the unchanged cells from `end` to `x` cost no more than a move across them."""
    gap = x - end
    if gap > LONGEST_GAP or row.looks[end:x] != row.looks[end - 1] * gap:
        return False
    return gap == 0 or len(row.text[end:x].encode()) <= LONGEST_GAP


class _Pen:
    """Writes cells with as few bytes as it can."""

    def __init__(self, looks: Looks, cursor: tuple[int, int], width: int) -> None:
        self._looks = looks
        self._width = width
        self._x, self._y = cursor
        self._look = looks.plain
        self._parts: list[str] = []

    @property
    def text(self) -> str:
        """All that was written."""
        return "".join(self._parts)

    def write(self, x: int, y: int, cells: str, looks: str) -> None:
        """Write cells at a place."""
        self._move(x, y)
        position = 0
        for look, group in groupby(looks):
            count = sum(1 for _ in group)
            if look != self._look and not self._is_seen_in(look, cells[position : position + count]):
                self._parts.append(self._looks.code(look, self._look))
                self._look = look
            self._spell(x + position, y, cells[position : position + count])
            position += count

    def _is_seen_in(self, look: str, cells: str) -> bool:
        """Return True if the current style shows these cells as `look` would: blanks have no colour of text."""
        return cells.isspace() and self._looks.on_a_blank(self._look) == look

    def _spell(self, x: int, y: int, cells: str) -> None:
        """Write cells of one look. Terminals differ in the width of a cluster: it is written on blanks, before a move."""
        for part in CLUSTERS.apart(cells):
            self._move(x, y)
            if CLUSTERS.is_mark(part[0]):
                self._parts.append(" " * len(part))
                self._x, self._y = UNKNOWN
                self._move(x, y)
                self._x, self._y = UNKNOWN
            else:
                self._x = x + len(part)
            self._parts.append(CLUSTERS.spelt(part))
            x += len(part)
            if x >= self._width:  # terminals differ in where the cursor is after the last column
                self._x, self._y = UNKNOWN

    def end(self, cursor: tuple[int, int]) -> None:
        """Leave no style, and the cursor at a place."""
        if self._look != self._looks.plain:
            self._parts.append("\x1b[m")
        self._move(*cursor)

    def _move(self, x: int, y: int) -> None:
        if (x, y) == (self._x, self._y):
            return
        row, column = y + 1, x + 1
        ways = [f"\x1b[{row};{column}H"]
        if (self._x, self._y) != UNKNOWN:
            across, down = x - self._x, y - self._y
            if not down:
                ways.append(f"\x1b[{_count(across)}C" if across > 0 else f"\x1b[{_count(-across)}D")
            elif not across:
                ways.append(f"\x1b[{_count(down)}B" if down > 0 else f"\x1b[{_count(-down)}A")
        self._parts.append(min(ways, key=len))
        self._x, self._y = x, y


def _count(n: int) -> str:
    return "" if n == 1 else str(n)
