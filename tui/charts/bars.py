"""Bars, sparklines and small column charts as text of an exact width."""

import math
from collections.abc import Sequence

EIGHTHS = " ▏▎▍▌▋▊▉█"
HEIGHTS = "▁▂▃▄▅▆▇█"


def bar(share: float, width: int) -> str:
    """Return a bar of `width` cells filled to `share` in eighths of a cell; clipped to 0 to 1, NaN is empty."""
    if width < 1 or math.isnan(share):
        return " " * max(0, width)
    eighths = round(min(1.0, max(0.0, share)) * width * 8)
    full, rest = divmod(eighths, 8)
    text = "█" * full + (EIGHTHS[rest] if rest else "")
    return text.ljust(width)


def line_bar(share: float, width: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the filled and the empty part of a thin bar of `width` cells, each as (text, style); `share` is 0 to 1."""
    filled = round(width * share)
    return ("━" * filled, "$primary"), ("─" * (width - filled), "$foreground 25%")


def sparkline(values: Sequence[float], width: int) -> str:
    """Return the last `width` values as blocks between their minimum and maximum, aligned to the right.

    A value that is not finite is a space; equal values are drawn at half height.
    """
    newest = list(values)[-width:] if width > 0 else []
    finite = [value for value in newest if math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    return "".join(_block(value, low, high) for value in newest).rjust(max(0, width))


def block_row(values: Sequence[float]) -> str:
    """Return all values (at least one) as blocks, from their lowest to their highest; equal values lie at the bottom."""
    low = min(values)
    span = (max(values) - low) or 1.0
    return "".join(HEIGHTS[round((value - low) / span * 7)] for value in values)


def columns(shares: Sequence[float]) -> str:
    """Return a column per share, 0 to 1; a share of 0 or less is a space."""
    return "".join(HEIGHTS[round(min(1.0, share) * 7)] if share > 0 else " " for share in shares)


def _block(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return " "
    if low == high:
        return HEIGHTS[3]
    return HEIGHTS[min(7, int((value / 2 - low / 2) / (high / 2 - low / 2) * 8))]  # halves: no overflow
