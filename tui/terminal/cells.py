"""The cells of a screen: per row a string of characters and a string of looks, one of each per cell.

Strings of equal length make the usual question, whether a row has changed, one comparison. A wide character is followed
by `REST`; a cluster of several code points or one beyond the basic plane is replaced by a private code point.
"""

import functools
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, split_graphemes
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.strip import Strip

from tui.terminal.looks import Looks

REST = "\0"
"""The second cell of a wide character."""
BEYOND = "\U00010000"
"""The first code point beyond Unicode's basic plane; terminals differ in the width of what is there, such as emoji."""
_PRIVATE = range(0xF0000, 0xFFFFD)
"""Unicode's plane 15: code points that no font and no user takes."""


class Row(NamedTuple):
    """The cells of a row."""

    text: str
    looks: str

    def replaced(self, x: int, text: str, looks: str) -> "Row":
        """Return the row with these cells from column `x` on; half a wide character becomes a blank."""
        end = x + len(text)
        row = Row(self.text[:x] + text + self.text[end:], self.looks[:x] + looks + self.looks[end:])
        if REST in self.text or REST in text:
            return row._without_halves()
        return row

    def cropped(self, width: int) -> "Row":
        """Return the first `width` cells."""
        row = Row(self.text[:width], self.looks[:width])
        return row._without_halves() if row.text and is_wide(row.text[-1]) else row

    def _without_halves(self) -> "Row":
        cells = list(self.text)
        for x, cell in enumerate(cells):
            is_second = cell == REST and (x == 0 or not is_wide(cells[x - 1]))
            if is_second or (is_wide(cell) and cells[x + 1 : x + 2] != [REST]):
                cells[x] = " "
        return Row("".join(cells), self.looks)


class Clusters:
    """The clusters that were met, each under a private code point."""

    def __init__(self) -> None:
        self._marks: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._apart: re.Pattern[str] | None = None
        """Splits cells at the clusters; None: there are none."""

    def mark(self, cluster: str) -> str:
        """Return the private code point of a cluster; "�" once all are taken."""
        known = self._marks.get(cluster)
        if known is None:
            if len(self._marks) >= len(_PRIVATE):
                return "\N{REPLACEMENT CHARACTER}"
            known = chr(_PRIVATE[len(self._marks)])
            self._marks[cluster], self._texts[known] = known, cluster
            self._apart = self._apart or re.compile(f"([{chr(_PRIVATE[0])}-{chr(_PRIVATE[-1])}]{REST}?)")
        return known

    def spelt(self, cells: str) -> str:
        """Return cells as a terminal takes them."""
        if cells.isascii():
            return cells.replace(REST, "")
        return "".join(self._texts.get(cell, cell) for cell in cells if cell != REST)

    def apart(self, cells: str) -> Iterable[str]:
        """Yield the cells in parts, each cluster in one of its own."""
        if self._apart is None or cells.isascii():
            return [cells]
        return [part for part in self._apart.split(cells) if part]

    def is_regular(self, cells: str) -> bool:
        """Return True if all terminals agree on where each of these cells is: none is wide or a cluster."""
        return REST not in cells and (self._apart is None or not self._apart.search(cells))

    def is_mark(self, cell: str) -> bool:
        """Return True if a cell stands for a cluster."""
        return cell in self._texts


CLUSTERS = Clusters()


@functools.lru_cache(1024)
def is_wide(cell: str) -> bool:
    """Return True if a cell's character takes two."""
    return cell_len(CLUSTERS.spelt(cell)) == 2


@functools.lru_cache(16384)
def cells_of(text: str) -> str:
    """Return a character per cell of `text`; control characters and other things without a width are left out."""
    if text.isascii() and text.isprintable():
        return text
    spans, _ = split_graphemes(text)
    cells = []
    for start, end, width in spans:
        cluster = "".join(character for character in text[start:end] if not _is_control(character))
        if not width or not cluster:
            continue
        is_plain = len(cluster) == 1 and cluster < BEYOND
        cells.append(cluster if is_plain else CLUSTERS.mark(cluster))
        cells.extend(REST * (width - 1))
    return "".join(cells)


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f"


def strip_cells(strips: Iterable[Strip], looks: Looks) -> Row:
    """Return the cells of strips that stand side by side."""
    texts, shown = [], []
    for strip in strips:
        for text, style, control in strip:
            if control:
                continue
            cells = cells_of(text)
            texts.append(cells)
            shown.append(looks.of(cells, style))
    return Row("".join(texts), "".join(shown))


class LinePart(NamedTuple):
    """A part of a row that the compositor has drawn anew."""

    x: int
    y: int
    strips: Sequence[Strip]


def pieces_of(update: LayoutUpdate | ChopsUpdate) -> Iterable[LinePart]:
    """Yield what an update of Textual's compositor draws.

    A part of a line is drawn as a whole even where only some of its cells are to be sent; so it is taken as a whole: a
    crop could cut a wide character in half.
    """
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            yield LinePart(update.region.x, y, list(line))
        return
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < last and end > first:
                yield LinePart(x, y, [strip])
