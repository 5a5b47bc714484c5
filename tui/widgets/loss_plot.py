"""A live plot that repaints only the rows that have changed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import get_current_worker

from tui.charts.ansi import ansi_strip
from tui.shell.threads import call_in_app

if TYPE_CHECKING:
    from tui.charts.curves import Series
    from tui.charts.plot import Canvas


class LossPlot(Widget):
    """Curves with a legend of their newest values; `show` may be called four or five times a second.

    plotext is loaded in a thread by the first `show`; until then the widget is empty.
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
        self._canvas: Canvas | None = None
        self._series: Sequence[Series] = ()
        self._is_loading = False
        self._rows: list[str] = []
        self._strips: list[Strip] = []

    @work(thread=True)
    def _load(self) -> None:
        from tui.charts.plot import load_plotext

        load_plotext()
        if not get_current_worker().is_cancelled:
            call_in_app(self, self._loaded)

    def _loaded(self) -> None:
        from tui.charts.plot import Canvas

        self._canvas = Canvas()
        self._redraw()

    def show(self, series: "Sequence[Series]") -> None:
        """Draw these curves."""
        self._series = series
        if not self._is_loading:
            self._is_loading = True
            self._load()
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
        if self._canvas is None or not (width and height):
            return
        rows = self._canvas.draw(
            width,
            height,
            self._series,
            log=self.log_scale,
            smoothing=self.smoothing,
            x_label=self.x_label,
            grow=self.grow,
            legend=self.legend,
            cursor=self.cursor,
            reach=self.reach,
        )
        old, self._rows = self._rows, rows
        base = self.rich_style
        if len(old) != len(rows):
            self._strips = [ansi_strip(row, width, base) for row in rows]
            self.refresh()
            return
        changed = [y for y, (before, after) in enumerate(zip(old, rows, strict=True)) if before != after]
        regions = [Region(0, y, self._renew(y, ansi_strip(rows[y], width, base)), 1) for y in changed]
        if regions:
            self.refresh(*regions)

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
