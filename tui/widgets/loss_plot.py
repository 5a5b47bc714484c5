"""A live plot that repaints only the rows that have changed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from tui.charts.curves import Series
    from tui.charts.ink import Row
    from tui.charts.marks import Mark


class LossPlot(Widget):
    """Curves with a legend of their newest values; `show` may be called four or five times a second.

    What draws is imported by the first `show`, since NumPy comes with it.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "LossPlot { height: 1fr; min-height: 6; }"

    log_scale: reactive[bool] = reactive(False)
    """True for a logarithmic y axis."""
    smoothing: reactive[float] = reactive(0.0)
    """Weight of the past in the running mean: 0 (no smoothing) to below 1."""
    x_label: reactive[str] = reactive("")
    """Label of the x axis."""
    legend: reactive[bool] = reactive(True)
    """True for a line above the plot with the names of the curves."""
    cursor: reactive[float | None] = reactive(None)
    """x value of a vertical line; None: no line."""
    grow: reactive[bool] = reactive(True)
    """True for an x axis of updates, from 0 to an end that grows in jumps; False for any values."""
    reach: reactive[tuple[float, float] | None] = reactive(None)
    """Range that the x axis always includes."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._series: Sequence[Series] | None = None
        self._marks: tuple[Mark, ...] = ()
        self._before = self._after = ""
        self._rows: list[Row] = []
        self._strips: list[Strip] = []

    def show(
        self,
        series: "Sequence[Series]",
        *,
        marks: "Sequence[Mark]" = (),
        before: str = "",
        after: str = "",
    ) -> None:
        """Draw these curves.

        Args:
            series: later ones are drawn over earlier ones.
            marks: marks on the x axis.
            before: text at the start of the legend.
            after: text after the curves in the legend.
        """
        self._series, self._marks, self._before, self._after = series, tuple(marks), before, after
        self._redraw()

    def on_resize(self) -> None:
        """Redraw in the new size."""
        self._redraw_all()

    def on_show(self) -> None:
        """Draw the curves that arrived while the plot was hidden."""
        self._redraw()

    def notify_style_update(self) -> None:
        """Redraw in the colours of the new theme."""
        super().notify_style_update()
        self._redraw_all()

    def watch_log_scale(self) -> None:
        """Redraw after a change of any of the reactives."""
        self._redraw()

    watch_smoothing = watch_x_label = watch_legend = watch_cursor = watch_grow = watch_reach = watch_log_scale

    def _redraw_all(self) -> None:
        self._rows = []
        self._redraw()

    def _redraw(self) -> None:
        """Draw, and repaint the rows that differ from those on the screen."""
        width, height = self.size
        if self._series is None or not (width and height):
            return
        from tui.charts.ink import row_strip

        rows = self._draw(width, height)
        old, self._rows = self._rows, rows
        base = self.rich_style
        if len(old) != len(rows):
            self._strips = [row_strip(row, width, base) for row in rows]
            self.refresh()
            return
        changed = [y for y, (before, after) in enumerate(zip(old, rows, strict=True)) if before != after]
        regions = [Region(0, y, self._renew(y, row_strip(rows[y], width, base)), 1) for y in changed]
        if regions:
            self.refresh(*regions)

    def _draw(self, width: int, height: int) -> "list[Row]":
        from tui.charts.plot import PlotOptions, draw

        look = PlotOptions(
            log=self.log_scale,
            smoothing=self.smoothing,
            x_label=self.x_label,
            grow=self.grow,
            legend=self.legend,
            before=self._before,
            after=self._after,
            cursor=self.cursor,
            reach=self.reach,
            marks=self._marks,
        )
        return draw(width, height, self._series or (), look)

    def _renew(self, y: int, strip: Strip) -> int:
        """Replace a row; return the number of cells from the left up to the last change (a row is sent from its left)."""
        before, after = _cells(self._strips[y]), _cells(strip)
        self._strips[y] = strip
        pairs = list(zip(before, after, strict=False))
        return max((x + 1 for x, (one, other) in enumerate(pairs) if one != other), default=1)

    def render_line(self, y: int) -> Strip:
        """Return one row of the plot."""
        if y < len(self._strips) and self._strips[y].cell_length == self.size.width:
            return self._strips[y]
        if y < len(self._strips):
            return self._strips[y].adjust_cell_length(self.size.width, self.rich_style)
        return Strip.blank(self.size.width, self.rich_style)


def _cells(strip: Strip) -> list[tuple[str, object]]:
    return [(character, segment.style) for segment in strip for character in segment.text]
