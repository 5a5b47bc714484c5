"""What a dataset looks like: digits, points, a curve, a truth table; and how its classes are balanced."""

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tui.theme import MARKS, SERIES
from tui.widgets.strips import Draw, StripView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.strip import Strip

    from engine.data import Preview


class DatasetPicture(StripView):
    """Shows the samples of a `Preview`; its title says of what."""

    def show_preview(self, preview: "Preview") -> None:
        """Draw a dataset's samples."""
        self.border_title = preview.info.title
        self.show(drawer(preview, self.app.no_color))

    def clear(self, title: str) -> None:
        """Show nothing, under a title."""
        self.border_title = title
        self.show(None)


class DatasetAbout(Vertical):
    """Says what a dataset is, whose, and how its classes are balanced."""

    DEFAULT_CSS = "DatasetAbout Static { height: auto; }"

    def compose(self) -> ComposeResult:
        yield Static(id="facts")
        yield Static(id="balance")

    def show_preview(self, preview: "Preview") -> None:
        """Tell of a dataset."""
        info = preview.info
        facts = Text(info.summary)
        facts.append(f"\n{info.source} · {info.licence}\n", "dim")
        self.query_one("#facts", Static).update(facts)
        self.query_one("#balance", Static).update(balance(preview, max(20, self.size.width - 2)))

    def say(self, message: str) -> None:
        """Say something instead."""
        self.query_one("#facts", Static).update(message)
        self.query_one("#balance", Static).update("")


def drawer(preview: "Preview", colourless: bool = False) -> Draw:
    """Return the function that draws a preview into a width and height."""

    def draw(width: int, height: int) -> "Sequence[Strip]":
        if width < 8 or height < 3:
            return []
        if preview.images is not None:
            return _digits(preview, width, height, colourless)
        if preview.info.kind == "gate":
            return _truth_table(preview, width)
        if preview.info.kind == "curve":
            return _curve(preview, width, height)
        return _points(preview, width, height)

    return draw


def _digits(preview: "Preview", width: int, height: int, colourless: bool) -> "Sequence[Strip]":
    from tui.charts.halfblock import grid, halved, picture_strips

    pictures = preview.images
    if pictures is None or not len(pictures):
        return []
    if pictures.shape[2] + 2 > width // 3 or pictures.shape[1] // 2 > height // 2:
        pictures = halved(pictures)  # at least some of them, side by side
    columns = max(1, (width + 2) // (pictures.shape[2] + 2))
    rows = max(1, (height * 2 + 2) // (pictures.shape[1] + pictures.shape[1] % 2 + 2))
    return picture_strips(grid(pictures[: columns * rows], columns), colourless)


def _points(preview: "Preview", width: int, height: int) -> "Sequence[Strip]":
    import numpy as np

    from tui.charts.scatter import scatter_strips

    points = preview.points
    if points is None:
        return []
    if points.shape[1] == 1:
        points = np.column_stack([points[:, 0], np.zeros(len(points))])
    labels = preview.y
    if not preview.info.class_names:  # a value to predict, in bands from low to high
        values = np.asarray(preview.y, np.float64).reshape(len(points), -1)[:, 0]
        bands = np.searchsorted(np.quantile(values, [0.2, 0.4, 0.6, 0.8]), values)
        return scatter_strips(points[:, :2], bands, width, height, "·░▒▓█")
    return scatter_strips(points[:, :2], labels, width, height)


def _curve(preview: "Preview", width: int, height: int) -> "Sequence[Strip]":
    import numpy as np

    from tui.charts.scatter import scatter_strips

    if preview.points is None:
        return []
    xy = np.column_stack([preview.points[:, 0], np.asarray(preview.y).reshape(len(preview.points), -1)[:, 0]])
    return scatter_strips(xy, np.zeros(len(xy), np.int64), width, height, "•")


def _truth_table(preview: "Preview", width: int) -> "Sequence[Strip]":
    from rich.segment import Segment
    from rich.style import Style
    from textual.strip import Strip

    if preview.points is None:
        return []
    lines = [("  x₁   x₂   │  y", Style(bold=True)), ("  ───────────┼─────", Style(dim=True))]
    for (x1, x2), y in zip(preview.points.tolist(), preview.y.tolist(), strict=True):
        text = f"   {x1:.0f}    {x2:.0f}   │  {y}  {MARKS[y]} {preview.info.class_names[y]}"
        lines.append((text, Style(color=SERIES[y])))
    return [Strip([Segment(text.ljust(width)[:width], style)]) for text, style in lines]


def balance(preview: "Preview", width: int) -> Table | str:
    """Return a bar a class, with its count and share of the training split; a regression has none."""
    from tui.charts.bars import bar

    counts = [int(count) for count in preview.class_counts]
    if not counts:
        return ""
    total, largest = sum(counts), max(1, *counts)
    table = Table.grid(padding=(0, 1))
    for i, (name, count) in enumerate(zip(preview.info.class_names, counts, strict=True)):
        colour = SERIES[i % len(SERIES)]
        cells = bar(count / largest, max(4, width - 32))
        share = f"{count:>7,}  {100 * count / max(1, total):4.1f} %"
        table.add_row(Text(f"{MARKS[i % len(MARKS)]} {name[:10]:<10}", colour), Text(cells, colour), share)
    return table
