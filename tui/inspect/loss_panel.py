"""A plot of the run's loss over its updates, with a line at the checkpoint that is shown."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container

from tui.theme import BLUE, ORANGE, rgb
from tui.widgets.loss_plot import LossPlot

if TYPE_CHECKING:
    from engine.inspection.epoch_losses import EpochLosses
    from tui.charts.curves import Series


class LossPanel(Container):
    """The loss of whole epochs, on a logarithmic axis."""

    DEFAULT_CSS = "LossPanel { height: 1fr; min-height: 8; }"

    def compose(self) -> ComposeResult:
        yield LossPlot()

    def on_mount(self) -> None:
        """Set the title and the axes."""
        self.border_title = "loss of the run"
        plot = self.query_one(LossPlot)
        plot.log_scale, plot.x_label = True, "steps"

    def show(self, curve: "EpochLosses", step: int | None) -> None:
        """Draw a curve, with a line at `step`."""
        plot = self.query_one(LossPlot)
        plot.cursor = None if step is None else float(step)
        plot.show(loss_series(curve))


def loss_series(curve: "EpochLosses") -> "list[Series]":
    """Return the training and the validation loss; only those that the run has."""
    from tui.charts.curves import Series

    known = [("train", BLUE, curve.train), ("validation", ORANGE, curve.validation)]
    return [
        Series(name, rgb(tone), curve.steps, losses, smooth=False)
        for name, tone, losses in known
        if any(loss is not None for loss in losses)
    ]
