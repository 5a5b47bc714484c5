"""Curves, tables and paragraphs as plain text, for pages that are read in a terminal and on the web."""

import math
import textwrap
from collections.abc import Mapping, Sequence

Values = Sequence[float | None]
_MOST_TICKS = 6
PAGE_WIDTH = 118


def plot(
    curves: Mapping[str, Values],
    *,
    width: int = 64,
    height: int = 14,
    log: bool = False,
    low: float | None = None,
    high: float | None = None,
    x: tuple[str, str] = ("0", ""),
) -> str:
    """Return a plot of curves, each drawn with its mark (a single character); later ones are on top.

    A curve is stretched over the whole width; if it has more points than columns, a column shows their mean (of the
    logarithms on a logarithmic axis). None and values that are not finite are gaps; values outside the limits are drawn
    at the edge.

    Args:
        curves: values by mark.
        width: columns.
        height: rows.
        log: a logarithmic y axis; values of 0 and below are gaps.
        low: the lowest y; None: the lowest value. `high` likewise.
        x: labels below the first and the last column.
    """
    columns = {mark: _columns(values, width, log) for mark, values in curves.items()}
    seen = [value for column in columns.values() for value in column if value is not None]
    bottom = _height(low, log) if low is not None else min(seen)
    top = _height(high, log) if high is not None else max(seen)
    top = top if top > bottom else bottom + 1
    rows = [[" "] * width for _ in range(height)]
    for mark, column in columns.items():
        for i, value in enumerate(column):
            if value is not None:
                share = min(1.0, max(0.0, (value - bottom) / (top - bottom)))
                rows[height - 1 - round(share * (height - 1))][i] = mark
    labels = _labels(bottom, top, height, log)
    margin = max(len(label) for label in labels)
    lines = [
        f"{label:>{margin}} {'┤' if label else '│'}{''.join(row)}".rstrip()
        for label, row in zip(labels, rows, strict=True)
    ]
    lines.append(f"{'':{margin}} └{'─' * width}")
    lines.append(f"{'':{margin}}  {x[0]}{x[1]:>{width - len(x[0])}}".rstrip())
    return "\n".join(lines)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table with aligned columns, the first to the left and the others to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    rule = [f":{'-' * (widths[0] - 1)}", *(f"{'-' * (width - 1)}:" for width in widths[1:])]
    padded = [
        [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        for line in lines
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [padded[0], rule, *padded[1:]])


def filled(text: str, indent: str = "") -> str:
    """Return running text in lines of a page's width, those after the first indented."""
    return textwrap.fill(
        text, PAGE_WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )


def fenced(text: str) -> str:
    """Return a text as a code block of Markdown."""
    return f"```text\n{text}\n```"


def _columns(values: Values, width: int, log: bool) -> list[float | None]:
    """Return one height per column: the mean of the points that fall there, or the nearest point."""
    heights = [_height(value, log) if _is_shown(value, log) else None for value in values]
    n = len(heights)
    if n <= width:
        return [heights[i * n // width] for i in range(width)]
    return [_mean(heights[i * n // width : (i + 1) * n // width]) for i in range(width)]


def _is_shown(value: float | None, log: bool) -> bool:
    return value is not None and math.isfinite(value) and (value > 0 or not log)


def _height(value: float | None, log: bool) -> float:
    given = 0.0 if value is None else value
    return math.log10(given) if log else given


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None


def _labels(bottom: float, top: float, height: int, log: bool) -> list[str]:
    """Return a label for some of the rows, '' for the others, from the top down."""
    every = max(1, -(-(height - 1) // (_MOST_TICKS - 1)))
    labels = [""] * height
    for row in range(0, height, every):
        value = bottom + (top - bottom) * (height - 1 - row) / (height - 1)
        labels[row] = number(10**value if log else value)
    return labels


def number(value: float, digits: int = 2) -> str:
    """Return a figure to `digits` digits (large ones to the unit), in powers of ten if that is shorter."""
    if value and not 1e-4 <= abs(value) < 1e5:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    return f"{float(f'{value:.{digits}g}'):g}" if abs(value) < 10 ** (digits - 1) else f"{value:,.0f}"
