"""The frame of a plot: labels at the left, and below the x axis with its labels and marks."""

from collections.abc import Sequence

from tui.charts.axes import Axis, column_of, row_of
from tui.charts.ink import FRAME, Row, joined
from tui.charts.mark_signs import MARK_SIGNS, mark_ink
from tui.charts.marks import Mark


def gutters_of(axis: Axis, rows: int, gutter: int) -> list[str]:
    """Return the texts at the left, each in the row that contains its value."""
    texts = [" " * (gutter - 1) + "│"] * rows
    for position, label in zip(axis.positions, axis.labels, strict=True):
        texts[row_of(axis, position, rows)] = label.rjust(gutter - 1) + "┤"
    return texts


def floor_row(axis: Axis, width: int, gutter: int, marks: Sequence[Mark]) -> Row:
    """Return the x axis with the marks on it."""
    line = ["─"] * width
    for position in axis.positions:
        column = column_of(axis, position, width)
        if column is not None:
            line[column] = "┬"
    inks = [FRAME] * width
    for kind, sign in MARK_SIGNS.items():
        for mark in marks:
            column = column_of(axis, mark.step, width) if mark.kind == kind else None
            if column is not None:
                line[column], inks[column] = sign.glyph, mark_ink(kind)
    return joined([(" " * (gutter - 1) + "└", FRAME), *zip(line, inks, strict=True)])


def tick_row(axis: Axis, width: int, gutter: int) -> Row:
    """Return the labels below the x axis, each centred at its tick, as many as fit."""
    line, free = [" "] * (gutter + width), 0
    for position, label in zip(axis.positions, axis.labels, strict=True):
        column = column_of(axis, position, width)
        if column is None:
            continue
        start = min(gutter + column - len(label) // 2, gutter + width - len(label))
        if start >= free:
            line[start : start + len(label)] = label
            free = start + len(label) + 1
    return (("".join(line), FRAME),)
