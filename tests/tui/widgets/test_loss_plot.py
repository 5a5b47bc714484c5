"""The plot draws its curves, and repaints only the rows that have changed."""

from typing import Any

import numpy as np
from textual.app import App, ComposeResult
from textual.geometry import Region

from tests.tui.hosts import until
from tests.tui.sentences import NO_FIGURES
from tui.charts.curves import Series
from tui.widgets.loss_plot import LossPlot

BLUE = (86, 180, 233)


class PlotHost(App[None]):
    """An app with only a plot."""

    def compose(self) -> ComposeResult:
        yield LossPlot()

    @property
    def plot(self) -> LossPlot:
        return self.query_one(LossPlot)

    @property
    def text(self) -> str:
        return "\n".join(self.plot.render_line(y).text for y in range(self.plot.size.height))


def falling(n: int) -> list[Series]:
    return [Series("train", BLUE, range(n), 2 * np.exp(-np.arange(n) / 200) + 0.1)]


async def test_curves_and_legend_appear_and_follow_the_size() -> None:
    app = PlotHost()
    async with app.run_test(size=(100, 20)) as pilot:
        app.plot.show(falling(500))
        await until(pilot, lambda: "train" in app.text)
        assert len(app.text.splitlines()[3]) == 100
        await pilot.resize_terminal(60, 12)
        await until(pilot, lambda: len(app.text.splitlines()) == 12)
        assert all(len(line) == 60 for line in app.text.splitlines())
        assert "train" in app.text


async def test_only_changed_rows_are_repainted(monkeypatch: Any) -> None:
    app = PlotHost()
    async with app.run_test(size=(100, 20)) as pilot:
        app.plot.show(falling(850))
        await until(pilot, lambda: "train" in app.text)
        asked: list[tuple[Region, ...]] = []
        monkeypatch.setattr(app.plot, "refresh", lambda *regions, **_: asked.append(regions))
        app.plot.show(falling(850))
        assert asked == []
        app.plot.show(falling(851))
        (regions,) = asked
        assert 0 < len(regions) <= 3
        assert all(region.height == 1 and region.width <= 100 for region in regions)


async def test_the_logarithmic_axis_and_smoothing_change_the_picture() -> None:
    app = PlotHost()
    async with app.run_test(size=(100, 20)) as pilot:
        noisy = Series("train", BLUE, range(400), np.random.default_rng(0).random(400) + 0.1)
        app.plot.show([noisy])
        await until(pilot, lambda: "train" in app.text)
        linear = app.text
        app.plot.log_scale = True
        await until(pilot, lambda: app.text != linear)
        assert "0.25┤" in app.text
        logarithmic = app.text
        app.plot.smoothing = 0.9
        await until(pilot, lambda: app.text != logarithmic)


async def test_without_figures_a_message_is_shown() -> None:
    app = PlotHost()
    async with app.run_test(size=(60, 12)) as pilot:
        app.plot.show([Series("train", BLUE, [], [])])
        await until(pilot, lambda: NO_FIGURES in app.text)
