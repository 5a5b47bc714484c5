"""A live plot that repaints only the rows that changed."""

from collections.abc import Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.charts.ansi import ansi_strip
from tui.charts.plot import Canvas, Series


class LossPlot(Widget):
    """Curves over steps; `show` gives it new ones as often as it likes."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "LossPlot { width: 1fr; height: 1fr; min-height: 6; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._canvas: Canvas | None = None
        self._series: Sequence[Series] = ()
        self._log, self._x_label = False, ""
        self._rows: list[str] = []
        self._strips: list[Strip] = []

    def show(self, series: Sequence[Series], *, log: bool = False, x_label: str = "") -> None:
        """Draw these curves from now on."""
        self._series, self._log, self._x_label = series, log, x_label
        self._rebuild()

    def on_resize(self) -> None:
        """Draw anew in the new size."""
        self._rows = []
        self._rebuild()

    def notify_style_update(self) -> None:
        """Take over new colours."""
        super().notify_style_update()
        self._rows = []
        if self.is_mounted:
            self._rebuild()

    def _rebuild(self) -> None:
        width, height = self.size
        if not (width and height):
            return
        self._canvas = self._canvas or Canvas()
        rows = self._canvas.draw(width, height, self._series, log=self._log, x_label=self._x_label)
        old, self._rows = self._rows, rows
        if len(old) != len(rows):
            self._strips = [ansi_strip(row, width, self.rich_style) for row in rows]
            self.refresh()
            return
        changed = [y for y, (before, after) in enumerate(zip(old, rows, strict=True)) if before != after]
        for y in changed:
            self._strips[y] = ansi_strip(rows[y], width, self.rich_style)
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """Return one row of the plot."""
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.size.width, self.rich_style)
