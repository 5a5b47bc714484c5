"""Bars in eighths of a cell, and sparklines."""

import math
from collections.abc import Sequence

EIGHTHS = " ▏▎▍▌▋▊▉█"
HEIGHTS = "▁▂▃▄▅▆▇█"


def bar(share: float, width: int) -> str:
    """Return a bar of `width` cells, filled to `share` (0 to 1; outside it is clipped, NaN is empty)."""
    if not math.isfinite(share) or width < 1:
        return " " * max(0, width)
    eighths = round(min(1.0, max(0.0, share)) * width * 8)
    full, rest = divmod(eighths, 8)
    text = "█" * full + (EIGHTHS[rest] if rest else "")
    return text.ljust(width)


def sparkline(values: Sequence[float], width: int) -> str:
    """Return the newest `width` values as blocks between their lowest and highest; NaN is a space."""
    newest = list(values)[-width:] if width > 0 else []
    finite = [value for value in newest if math.isfinite(value)]
    if not finite:
        return " " * len(newest)
    low, span = min(finite), (max(finite) - min(finite)) or 1.0
    blocks = (
        HEIGHTS[min(7, int((value - low) / span * 8))] if math.isfinite(value) else " " for value in newest
    )
    return "".join(blocks)
