"""Conversion of lines with ANSI colours to strips."""

import functools
import re

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

_SGR = re.compile("\x1b\\[([0-9;]*)m")


@functools.lru_cache(1024)
def _style(code: str) -> Style | None:
    parts = code.split(";")
    if parts[:2] == ["38", "2"] and len(parts) == 5:
        return Style(color=f"rgb({parts[2]},{parts[3]},{parts[4]})")
    if parts[:2] == ["38", "5"] and len(parts) == 3:
        return Style(color=f"color({parts[2]})")
    return None


def ansi_strip(line: str, width: int, base: Style) -> Strip:
    """Return a line with foreground colours as a strip of exactly `width` cells; other codes are dropped."""
    segments: list[Segment] = []
    position, style = 0, base
    for match in _SGR.finditer(line):
        if match.start() > position:
            segments.append(Segment(line[position : match.start()], style))
        colour = _style(match[1])
        if colour:
            style = base + colour
        elif match[1] in ("", "0"):
            style = base
        position = match.end()
    if position < len(line):
        segments.append(Segment(line[position:], style))
    return Strip(segments).adjust_cell_length(width, base).simplify()
