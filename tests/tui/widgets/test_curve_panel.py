"""The curve panel smooths what scatters, and its cursor reads the values of the run."""

from dataclasses import replace

import numpy as np
from textual.app import App, ComposeResult

from tests.tui.hosts import LARGE, SMALL, each_size, until
from tui.charts.marks import Mark
from tui.follow.loss_history import LossCurve
from tui.follow.run_figures import AccuracyCurves, RunFigures
from tui.widgets.curve_panel import CurvePanel
from tui.widgets.loss_plot import LossPlot

STEPS = np.arange(40.0)
LOSSES = 2.0 + np.sin(STEPS)
FIGURES = RunFigures(
    "a",
    step=40,
    steps_per_epoch=10,
    losses=LossCurve(STEPS, LOSSES, LOSSES - 0.5, LOSSES + 0.5),
    validation_steps=np.array([10.0, 20.0, 30.0, 40.0]),
    validation_losses=np.array([2.5, 2.25, 2.125, 2.0625]),
    accuracies=AccuracyCurves(
        np.array([10.0, 20.0, 30.0, 40.0]), np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.15, 0.25, 0.35, 0.45])
    ),
    marks=(Mark(25.0, "rate"),),
)


class PanelHost(App[None]):
    """An app with only a panel."""

    def compose(self) -> ComposeResult:
        yield CurvePanel(reads=True, classes="panel")

    @property
    def panel(self) -> CurvePanel:
        return self.query_one(CurvePanel)

    @property
    def text(self) -> str:
        plot = self.query_one(LossPlot)
        return "\n".join(plot.render_line(y).text for y in range(plot.size.height))


def smoothed(losses: np.ndarray, weight: float) -> float:
    mean = counted = 0.0
    for loss in losses:
        mean, counted = weight * mean + (1 - weight) * loss, weight * counted + 1 - weight
    return mean / counted


async def test_the_cursor_reads_the_values_of_its_step() -> None:
    app = PanelHost()
    async with app.run_test(size=LARGE) as pilot:
        app.panel.show(FIGURES)
        app.panel.turn_axis()  # linear: the mean of the losses themselves
        app.panel.move_cursor(-16)
        assert app.panel.cursor == 24.0
        async for size in each_size(pilot):
            await until(pilot, lambda: "step 24" in app.text)
            assert f"train {smoothed(LOSSES[:25], 0.9):.4g}" in app.text, size
            assert "validation 2.25" in app.text, size
            subtitle = str(app.panel.border_subtitle)
            assert f"batch loss {LOSSES[24]:.4g}" in subtitle
            assert "accuracy 20.00 %  validation 25.00 %" in subtitle
        app.panel.leave_cursor()
        await until(pilot, lambda: "step 24" not in app.text and "validation 2.062" in app.text)


async def test_the_cursor_stays_within_the_run() -> None:
    app = PanelHost()
    async with app.run_test(size=SMALL):
        app.panel.move_cursor(-1)
        assert app.panel.cursor is None  # no run yet
        app.panel.show(FIGURES)
        app.panel.move_cursor(-1_000_000)
        assert app.panel.cursor == 0.0
        app.panel.move_cursor(1_000_000)
        assert app.panel.cursor is None


async def test_full_batches_are_not_smoothed_unless_asked_for() -> None:
    app = PanelHost()
    async with app.run_test(size=LARGE):
        app.panel.show(FIGURES)
        assert app.panel.smoothing == 0.9
        assert "smoothing 0.9" in str(app.panel.border_subtitle)
        app.panel.show(replace(FIGURES, steps_per_epoch=1))
        assert app.panel.smoothing == 0.0
        assert "no smoothing" in str(app.panel.border_subtitle)
        app.panel.smooth(1)
        assert app.panel.smoothing == 0.6
        app.panel.show(FIGURES)
        assert app.panel.smoothing == 0.6


async def test_batches_are_a_band_where_there_is_room_and_marks_are_explained() -> None:
    app = PanelHost()
    async with app.run_test(size=LARGE) as pilot:
        app.panel.show(FIGURES)
        await until(pilot, lambda: "⢕⢕ batches" in app.text and "± learning rate" in app.text)
        await pilot.resize_terminal(80, 16)
        await until(pilot, lambda: "batches" not in app.text and "train" in app.text)
