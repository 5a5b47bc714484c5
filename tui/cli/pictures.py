"""Pictures in a command's output: strips, galleries, and the terminal's width and colours."""

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tui.cli import output

if TYPE_CHECKING:
    from textual.strip import Strip

ROWS_OF_PICTURES = 30
"""Maximum lines of a gallery."""


def show_gallery(pictures: Any, labels: Sequence[str]) -> None:
    """Write pictures (k, H, W) or (k, H, W, 3) above their labels, as many as fit."""
    from tui.charts.gallery import gallery_strips, plan_gallery

    width = terminal_width()
    plan = plan_gallery(len(labels), pictures.shape[1:3], width, ROWS_OF_PICTURES)
    write_strips(gallery_strips(pictures, labels, plan, width, -1, is_colourless()))


def write_strips(strips: "Sequence[Strip]") -> None:
    """Write strips, one line each."""
    from rich.segment import Segment, Segments

    segments: list[Segment] = []
    for strip in strips:
        segments += [*strip, Segment.line()]
    output.show(Segments(segments))


def terminal_width() -> int:
    """Return the columns available to a line."""
    return max(40, shutil.get_terminal_size((100, 24)).columns - 1)


def is_colourless() -> bool:
    """Return whether the terminal has too few colours to carry meaning, so that shapes must."""
    return output.console().color_system in (None, "standard", "windows") or output.console().no_color
