"""Small widgets: exactly as wide as their room, with words or marks beside every colour."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from textual.app import App, ComposeResult
from textual.widget import Widget

from tests.tui.hosts import LARGE, SMALL, each_size, until
from tui.data.class_balance import ClassBalance
from tui.data.dataset_picture import ImageGrid, Scatter
from tui.train.meter import Meter
from tui.widgets.event_log import MOST_LINES, EventLog
from tui.widgets.key_values import KeyValues
from tui.words.events import EventLine


class Host(App[None]):
    """An app with only one widget."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget

    @property
    def lines(self) -> list[str]:
        strips = self.screen._compositor.render_strips()
        return [strip.text for strip in strips]

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines).rstrip()


class TestMeter:
    async def test_bar_figure_and_chance(self) -> None:
        meter = Meter("train", "#56B4E9")
        app = Host(meter)
        async with app.run_test(size=(40, 3)) as pilot:
            meter.share, meter.chance = 0.5, 0.1
            await until(pilot, lambda: "50.00 %" in app.text)
            assert app.lines[0].startswith("train      ██┃███████")
            assert len(app.lines[0]) == 40

    @pytest.mark.parametrize("share", [None, math.nan])
    async def test_no_figure_is_a_dash(self, share: float | None) -> None:
        meter = Meter("train", "#56B4E9")
        app = Host(meter)
        async with app.run_test(size=(40, 3)) as pilot:
            meter.share = share
            await pilot.pause()
            assert app.lines[0].split() == ["train", "–"]

    @pytest.mark.parametrize(
        ("share", "chance"), [(0.0, 0.0), (1.0, 1.0), (7.0, 2.0), (-1.0, -1.0), (0.5, math.nan)]
    )
    async def test_odd_figures_stay_in_the_room(self, share: float, chance: float) -> None:
        meter = Meter("a label that is far too long", "#56B4E9")
        app = Host(meter)
        async with app.run_test(size=(30, 3)) as pilot:
            meter.share, meter.chance = share, chance
            await until(pilot, lambda: "%" in app.text)
            assert len(app.text) <= 30


class TestClassBalance:
    async def test_a_bar_per_class(self) -> None:
        balance = ClassBalance()
        app = Host(balance)
        async with app.run_test(size=(60, 6)) as pilot:
            balance.counts = (("cat", 750), ("dog", 250))
            await until(pilot, lambda: "75.0 %" in app.text)
            cat, dog = app.text.splitlines()
            assert cat.count("█") == pytest.approx(3 * dog.count("█"), abs=2)
            assert "250" in dog
            assert cat[0] != dog[0]

    async def test_columns_if_there_are_few_lines(self) -> None:
        balance = ClassBalance()
        app = Host(balance)
        async with app.run_test(size=(28, 6)) as pilot:
            balance.compact = True
            balance.counts = tuple((str(i), 100 - i) for i in range(10))
            await until(pilot, lambda: "0 1 2 3 4 5 6 7 8 9" in app.text)
            assert len(app.text.splitlines()) == 3

    async def test_without_classes_there_is_nothing(self) -> None:
        balance = ClassBalance()
        app = Host(balance)
        async with app.run_test(size=(28, 6)) as pilot:
            balance.counts = (("a", 0), ("b", 0))
            await until(pilot, lambda: "–" in app.text)
            balance.counts = ()
            await until(pilot, lambda: app.text == "")


def lines_to(end: int) -> list[EventLine]:
    return [EventLine(f"event {i}", "info", float(i)) for i in range(end)]


class TestEventLog:
    async def test_entries_have_time_and_sign_and_are_wrapped(self) -> None:
        log = EventLog()
        app = Host(log)
        async with app.run_test(size=(40, 8)) as pilot:
            log.show([EventLine("epoch 2: validation 96.1 %, the best so far", "good", 0.0)])
            await until(pilot, lambda: "best" in app.text)
            first, second = app.text.splitlines()
            assert first[8:11] == " ● "
            assert second.startswith(" " * 11)

    async def test_the_newest_entry_is_visible_and_old_ones_are_dropped(self) -> None:
        log = EventLog()
        app = Host(log)
        async with app.run_test(size=(40, 8)) as pilot:
            log.show(lines_to(MOST_LINES + 50))
            await until(pilot, lambda: f"event {MOST_LINES + 49}" in app.text)
            assert log.texts[0] == "event 50"

    async def test_scrolling_up_stops_following(self) -> None:
        log = EventLog()
        app = Host(log)
        async with app.run_test(size=(40, 8)) as pilot:
            log.show(lines_to(50))
            log.focus()
            await until(pilot, lambda: "event 49" in app.text)
            await pilot.press("home")
            await until(pilot, lambda: "event 0" in app.text)
            log.show([*lines_to(50), EventLine("news", "info", 51.0)])
            await pilot.pause()
            assert "event 0" in app.text
            await pilot.press("end")
            await until(pilot, lambda: "news" in app.text)


async def test_key_values_are_aligned() -> None:
    values = KeyValues()
    app = Host(values)
    async with app.run_test(size=(30, 6)) as pilot:
        values.rows = (("a", "1"), ("long name", "[bold]no markup[/] and words that wrap"))
        await until(pilot, lambda: "wrap" in app.text)
        lines = app.text.splitlines()
        assert lines[0] == "a          1"
        assert lines[1].startswith("long name  [bold]no")
        assert lines[2].startswith(" " * 11)


@pytest.mark.parametrize("no_color", [False, True])
async def test_images_and_points_fill_any_size_with_and_without_colour(
    monkeypatch: pytest.MonkeyPatch, no_color: bool
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    grid, scatter = ImageGrid(), Scatter()
    shows: list[tuple[Widget, Callable[[], None]]] = [
        (grid, lambda: grid.show(np.full((20, 28, 28), 255, np.uint8), ["seven"] * 20)),
        (scatter, lambda: scatter.show([[0, 0], [1, 1]], [0, 1])),
    ]
    for widget, show in shows:
        app = Host(widget)
        async with app.run_test(size=SMALL) as pilot:
            show()
            async for size in each_size(pilot, SMALL, LARGE, (10, 3)):
                assert all(len(line) == size[0] for line in app.lines), size
                if size[0] > 10:
                    assert app.text.strip(), size
