"""The loss curves of a run, with a choice of axis and smoothing, and a cursor that reads values."""

import math
import time
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.timer import Timer

from tui.follow.run_figures import RunFigures
from tui.theme import BLUE, ORANGE, rgb
from tui.widgets.loss_plot import LossPlot
from tui.words.figures import figure, percent

if TYPE_CHECKING:
    from tui.charts.curves import Floats, Series

CURVE_KEYS = (
    Binding("Y", "axis", "log/linear", show=False, tooltip="logarithmic or linear loss axis"),
    Binding(
        "Z", "smooth(1)", "smoothing", show=False, tooltip="smoothing of the training curve: the next one"
    ),
)
"""Keys for a screen with a `CurvePanel`; its `action_axis` and `action_smooth` call the panel."""
CURSOR_KEYS = (
    Binding(
        "left,h", "cursor(-1)", "read values", key_display="← →", show=False, tooltip="read earlier values"
    ),
    Binding("right,l", "cursor(1)", "later", show=False, tooltip="read later values"),
    Binding("home", "cursor(-1000000)", "first", show=False, tooltip="read the first values"),
    Binding("end", "newest", "newest", show=False, tooltip="the newest values"),
)
"""Keys for a screen whose `action_cursor(by)` and `action_newest` move the cursor of a panel that `reads`."""
SMOOTHING = (0.0, 0.6, 0.9, 0.98)
CURVE_S = 0.45
"""Minimum seconds between two redraws: a curve costs more than the rest of the screen."""
ROWS_FOR_BATCHES, ROWS_FOR_LABEL = 20, 13
"""Minimum rows for the range of the batches behind the smoothed curve, and for the label of the x axis."""


class CurvePanel(Vertical):
    """Draws the newest figures at most twice a second.

    Args:
        reads: True if the screen has keys that move a cursor.
    """

    DEFAULT_CSS = "CurvePanel { padding: 0; }"

    def __init__(
        self,
        *,
        reads: bool = False,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._plot = LossPlot()
        self._figures: RunFigures | None = None
        self._chosen: int | None = None  # of SMOOTHING, by the user
        self._reads = reads
        self._at: float | None = None
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
        """Weight of the past in the running mean; 0: no smoothing, as for full batches, whose loss does not scatter."""
        if self._chosen is not None:
            return SMOOTHING[self._chosen]
        return 0.0 if self._figures is not None and self._figures.steps_per_epoch == 1 else 0.9

    @property
    def cursor(self) -> float | None:
        """The step whose values are shown; None: the newest values."""
        return self._at

    def show(self, figures: RunFigures) -> None:
        """Draw these figures, at once or when `CURVE_S` have passed."""
        before, self._figures = self._figures, figures
        if before is None or before.steps_per_epoch != figures.steps_per_epoch:
            self._restyle()
        wait = self._drawn_at + CURVE_S - time.monotonic()
        if wait <= 0:
            self._draw()
        elif self._due is None:
            self._due = self.set_timer(wait, self._draw)

    def clear(self) -> None:
        """Clear the plot; the next figures are drawn at once."""
        if self._due is not None:
            self._due.stop()
        self._due, self._figures, self._drawn_at, self._at = None, None, -CURVE_S, None
        self._plot.cursor = None
        self._plot.show([])

    def turn_axis(self) -> None:
        """Switch between a linear and a logarithmic loss axis."""
        self._plot.log_scale = not self._plot.log_scale
        self._restyle()

    def smooth(self, by: int) -> None:
        """Smooth the training curve more (`by` 1) or less (-1), wrapping around."""
        self._chosen = (SMOOTHING.index(self.smoothing) + by) % len(SMOOTHING)
        self._restyle()

    def move_cursor(self, by: int) -> None:
        """Move the cursor by columns; the first move to the left starts at the newest step."""
        if self._figures is not None and self._figures.step:
            end = float(self._figures.step)
            at = (end if self._at is None else self._at) + by * math.ceil(end / max(1, self.size.width - 8))
            self._set_cursor(None if at > end else max(0.0, at))

    def leave_cursor(self) -> None:
        """Show the newest values again."""
        self._set_cursor(None)

    def _set_cursor(self, at: float | None) -> None:
        self._at = self._plot.cursor = at
        self._restyle()

    def _restyle(self) -> None:
        self.border_title = "loss · logarithmic" if self.log_scale else "loss"
        self.border_subtitle = self._reading() if self._at is not None else self._keys()
        self._plot.smoothing = self.smoothing
        self._plot.x_label = "step" if self.size.height >= ROWS_FOR_LABEL else ""
        self._draw()

    def _keys(self) -> str:
        smoothing = f"smoothing {self.smoothing:g}" if self.smoothing else "no smoothing"
        return f"{smoothing}  Z smoothing  Y axis" + ("  ←/→ read" if self._reads else "")

    def _reading(self) -> str:
        """The loss of the batches and the accuracies at the cursor, for which the legend has no room."""
        from tui.follow.readings import reading_at

        if self._figures is None or self._at is None:
            return ""
        read = reading_at(self._figures, self._at)
        parts = [f"batch loss {figure(read.train_loss)}"]
        if read.train_accuracy is not None:
            parts.append(f"accuracy {percent(read.train_accuracy)}")
        if read.validation_accuracy is not None:
            parts.append(f"validation {percent(read.validation_accuracy)}")
        return "  ".join(parts)

    def _draw(self) -> None:
        if self._due is not None:
            self._due.stop()
            self._due = None
        if self._figures is not None:
            self._drawn_at = time.monotonic()
            self._plot.grow = not self._figures.is_over
            before = "" if self._at is None else f"step {self._at:,.0f}"
            self._plot.show(self._series(self._figures), marks=self._figures.marks, before=before)

    def _series(self, figures: RunFigures) -> "list[Series]":
        from tui.charts.curves import Series

        losses, points = figures.losses, (figures.validation_steps, figures.validation_losses)
        validation = Series(
            "validation", rgb(ORANGE), *points, mark="◆", smooth=False, shown=self._shown(*points)
        )
        blue, means = rgb(BLUE), (losses.steps, losses.mean)
        if not self.smoothing:
            return [Series("train", blue, *losses.extremes(), shown=self._shown(*means)), validation]
        train = Series("train", blue, *means, shown=self._shown(*self._smoothed(*means)))
        if self.size.height < ROWS_FOR_BATCHES:
            return [train, validation]
        top, bottom, shown = losses.high, losses.low, self._shown(*means)
        batches = Series("batches", blue, losses.steps, top, low=bottom, valued=False, shown=shown)
        return [batches, train, validation]

    def _smoothed(self, steps: "Floats", losses: "Floats") -> "tuple[Floats, Floats]":
        """The training curve as it is drawn."""
        from tui.charts.curves import clean, smooth
        from tui.charts.plot import buckets_for

        xs, ys = clean(steps, losses, self.log_scale)
        smoothed = smooth(xs, ys, self.smoothing, buckets_for(self._plot.size.width))
        return smoothed[:, 0], 10.0 ** smoothed[:, 1] if self.log_scale else smoothed[:, 1]

    def _shown(self, steps: "Floats", values: "Floats") -> str | None:
        """The value at the cursor; None: the newest one."""
        from tui.follow.readings import value_at

        return None if self._at is None else figure(value_at(steps, values, self._at))
