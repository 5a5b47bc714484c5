"""The legend of a plot: sign, name and newest value of each curve, in one row."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from engine.printable import printable
from tui.charts.axes import short
from tui.charts.curves import Series
from tui.charts.ink import FRAME, TEXT, Ink, Row
from tui.charts.mark_signs import MARK_SIGNS, mark_ink
from tui.charts.marks import MarkKind

GAP = "  "


class LegendEntry(NamedTuple):
    """A series with its newest value; None: it has none."""

    series: Series
    newest: float | None


def legend_row(
    entries: Sequence[LegendEntry],
    width: int,
    *,
    log: bool,
    before: str = "",
    after: str = "",
    kinds: Collection[MarkKind] = (),
) -> Row:
    """Return the legend in exactly `width` cells; what does not fit is left out, the marks first.

    Args:
        log: values are exponents of ten.
        before: text at the start.
        after: text after the curves.
        kinds: the marks on the x axis, explained at the right.
    """
    parts: list[list[tuple[str, Ink]]] = [[(printable(before), Ink(is_bold=True))]] if before else []
    parts += [_part(entry, log) for entry in entries]
    if after:
        parts.append([(printable(after), TEXT)])
    row: list[tuple[str, Ink]] = [(" ", TEXT)]
    room = width - 1
    for part in parts:
        needed = sum(cell_len(text) for text, _ in part) + len(GAP)
        if needed - len(GAP) > room:
            break
        row += [*part, (GAP, TEXT)]
        room -= needed
    signs = [
        piece
        for kind, sign in MARK_SIGNS.items()
        if kind in kinds
        for piece in _sign(kind, sign.glyph, sign.words)
    ]
    needed = sum(cell_len(text) for text, _ in signs)
    if signs and needed <= room:
        row += [(" " * (room - needed), TEXT), *signs]
    return _cut(row, width)


def _sign(kind: MarkKind, glyph: str, words: str) -> list[tuple[str, Ink]]:
    return [(glyph, mark_ink(kind)), (f" {words}{GAP}", FRAME)]


def _part(entry: LegendEntry, log: bool) -> list[tuple[str, Ink]]:
    one = entry.series
    return [
        (sign_of(one), Ink(one.colour, one.is_faint)),
        (f" {printable(one.name)}{_value(entry, log)}", TEXT),
    ]


def sign_of(one: Series) -> str:
    """Return how a series is drawn, in one or two cells."""
    if one.mark:
        return one.mark
    if one.low is not None:
        return "⢕⢕"
    return ("╍╍" if one.dashed else "━━") if one.line else "⠒"


def _value(entry: LegendEntry, log: bool) -> str:
    """The newest value with a space before it; "" for a series without a value in the legend."""
    one, value = entry
    if one.shown is not None:
        return f" {one.shown}"
    if not (one.line and one.valued):
        return ""
    if log and len(one.y) and one.y[-1] == 0:
        return " 0"  # not on the logarithmic axis
    return " –" if value is None else f" {short(10.0**value if log else value)}"


def _cut(row: Sequence[tuple[str, Ink]], width: int) -> Row:
    """The row in exactly `width` cells."""
    found: list[tuple[str, Ink]] = []
    for text, ink in row:
        text = set_cell_size(text, min(cell_len(text), width))
        width -= cell_len(text)
        found.append((text, ink))
    return (*found, (" " * width, TEXT)) if width > 0 else tuple(found)
