"""The loss curves of a run, with a choice of axis and smoothing."""

import time
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.timer import Timer

from tui.follow.run_figures import RunFigures
from tui.theme import BLUE, CURVE_BACK, ORANGE, rgb
from tui.widgets.loss_plot import LossPlot

if TYPE_CHECKING:
    from tui.charts.curves import Series

CURVE_KEYS = (
    Binding("a", "axis", "log", show=False, tooltip="a logarithmic or a linear loss axis"),
    Binding("w", "smooth(1)", "smooth", show=False, tooltip="smooth the training curve more"),
    Binding("W", "smooth(-1)", "less", show=False, tooltip="smooth the training curve less"),
)
"""Keys for a screen with a `CurvePanel`; its `action_axis` and `action_smooth` call the panel."""
SMOOTHING = (0.0, 0.6, 0.9, 0.98)
CURVE_S = 0.45
"""Minimum seconds between two redraws: a curve costs more than the rest of the screen."""
ROWS_FOR_BATCHES, ROWS_FOR_LABEL = 26, 13
"""Minimum rows for the single batches behind the smoothed curve, and for the label of the x axis."""
PALE_BLUE = rgb(CURVE_BACK)
"""Colour of the single batches behind the smoothed curve."""


class CurvePanel(Vertical):
    """Draws the newest figures at most twice a second."""

    DEFAULT_CSS = "CurvePanel { padding: 0; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._plot = LossPlot()
        self._figures: RunFigures | None = None
        self._smoothing = SMOOTHING.index(0.9)
        self._drawn_at = -CURVE_S
        self._due: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self._plot

    def on_mount(self) -> None:
        """Start with a logarithmic axis, which still shows late progress."""
        self._plot.log_scale = True
        self._restyle()

    def on_resize(self) -> None:
        """Redraw for the new size."""
        self._restyle()

    @property
    def log_scale(self) -> bool:
        """True if the loss axis is logarithmic."""
        return self._plot.log_scale

    @property
    def smoothing(self) -> float:
        """Weight of the past in the running mean; 0: no smoothing."""
        return SMOOTHING[self._smoothing]

    def show(self, figures: RunFigures) -> None:
        """Draw these figures, at once or when `CURVE_S` have passed."""
        self._figures = figures
        wait = self._drawn_at + CURVE_S - time.monotonic()
        if wait <= 0:
            self._draw()
        elif self._due is None:
            self._due = self.set_timer(wait, self._draw)

    def clear(self) -> None:
        """Clear the plot; the next figures are drawn at once."""
        if self._due is not None:
            self._due.stop()
        self._due, self._figures, self._drawn_at = None, None, -CURVE_S
        self._plot.show([])

    def turn_axis(self) -> None:
        """Switch between a linear and a logarithmic loss axis."""
        self._plot.log_scale = not self._plot.log_scale
        self._restyle()

    def smooth(self, by: int) -> None:
        """Smooth the training curve more (`by` 1) or less (-1), wrapping around."""
        self._smoothing = (self._smoothing + by) % len(SMOOTHING)
        self._restyle()

    def _restyle(self) -> None:
        self.border_title = "loss · logarithmic" if self.log_scale else "loss"
        mean = f"running mean {self.smoothing:g}" if self.smoothing else "single batches"
        self.border_subtitle = f"{mean}  a axis  w smooth"
        self._plot.smoothing = self.smoothing
        self._plot.x_label = "step" if self.size.height >= ROWS_FOR_LABEL else ""
        self._draw()

    def _draw(self) -> None:
        if self._due is not None:
            self._due.stop()
            self._due = None
        if self._figures is not None:
            self._drawn_at = time.monotonic()
            self._plot.grow = not self._figures.is_over
            self._plot.show(self._series(self._figures))

    def _series(self, figures: RunFigures) -> "list[Series]":
        from tui.charts.curves import Series

        losses, points = figures.losses, (figures.validation_steps, figures.validation_losses)
        validation = Series("validation", rgb(ORANGE), *points, mark="◆", smooth=False)
        if not self.smoothing:
            return [Series("train", rgb(BLUE), *losses.extremes()), validation]
        train = Series("train", rgb(BLUE), losses.steps, losses.mean)
        if self.size.height < ROWS_FOR_BATCHES:
            return [train, validation]
        return [Series("batches", PALE_BLUE, losses.steps, losses.mean, smooth=False), train, validation]
