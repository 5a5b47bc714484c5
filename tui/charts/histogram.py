"""A histogram as columns, eighths of a cell high; pure."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.charts.bars import HEIGHTS


def histogram_strips(
    counts: Sequence[int], labels: tuple[str, str, str], width: int, height: int, colour: str
) -> list[Strip]:
    """Return strips of `width` cells: columns as wide as fit, and below them the lowest, middle and highest value."""
    if not counts or width < len(counts) or height < 2:
        return []
    cell = width // len(counts)
    most = max(max(counts), 1)
    eighths = [round(count / most * 8 * (height - 1)) or int(count > 0) for count in counts]
    strips = []
    for y in range(height - 2, -1, -1):
        text = "".join(_block(amount - 8 * y) * (cell - (cell > 1)) + " " * (cell > 1) for amount in eighths)
        strips.append(_line(text, width, Style(color=colour)))
    return [*strips, _line(_axis(labels, cell * len(counts)), width, Style(dim=True))]


def _block(eighths: int) -> str:
    return " " if eighths <= 0 else HEIGHTS[min(8, eighths) - 1]


def _axis(labels: tuple[str, str, str], width: int) -> str:
    left, middle, right = labels
    text = left.ljust(max(len(left), (width - len(middle)) // 2)) + middle
    return text.ljust(max(0, width - len(right))) + right


def _line(text: str, width: int, style: Style) -> Strip:
    return Strip([Segment(text, style)]).adjust_cell_length(width, Style.null())
