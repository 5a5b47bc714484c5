"""Robustness, drawing pad and landscape with a small trained network: by keys and by mouse, in both sizes."""

from pathlib import Path

import pytest

from tests.engine.inspection.trained import train
from tests.tui.hosts import LARGE, SMALL, each_size, seen, text_of, until
from tests.tui.inspect.channels import Channels
from tests.tui.inspect.inspect_app import host, open_view, shows
from tests.tui.sentences import NOTHING_DRAWN
from tui.inspect.drawing_pad import DrawingPad
from tui.inspect.registry import ENTRIES


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    train(folder, "mnist", [6], "digits", epochs=1, overrides=["data.limit=400"])
    train(folder, "sine", [4], "sine", epochs=1, overrides=["data.samples=60"])
    return folder


@pytest.fixture
def channels() -> Channels:
    return Channels()


async def test_drawing_with_keys_alone(home: Path, channels: Channels) -> None:
    app = host(home, "digits", channels)
    async with app.run_test(size=SMALL) as pilot:
        await open_view(pilot, app, "D", "pen up", NOTHING_DRAWN)
        pad = app.screen.query_one(DrawingPad)
        assert pad.has_focus
        canvas = pad.canvas
        assert canvas is not None
        assert (canvas.height, canvas.width, pad.size) == (28, 28, (28, 14))
        await pilot.press("up", "k", "space", *"jjjj", "down")
        assert pad.cursor == (14, 17)
        assert [canvas.ink[28 * row + 14] for row in (11, 12, 17, 18, 20)] == [128, 255, 255, 128, 0]
        await until(pilot, lambda: "Prediction: " in text_of(app, "#draw-words"))
        assert "pen down" in text_of(app, "#draw-words")
        await pilot.press("space", "left", "0")
        assert "erasing" in text_of(app, "#draw-words")
        assert canvas.ink[28 * 17 + 13] == 0
        await pilot.press("u")
        assert canvas.ink[28 * 17 + 13] == 128
        assert pad.pen == "up"
        await pilot.press("delete")
        await until(pilot, shows(app, NOTHING_DRAWN))
        await pilot.press("slash", *"9999999", "enter")
        await until(pilot, shows(app, "the samples are numbered from 0 to"))
        await pilot.press(*["backspace"] * 7, *"17", "enter")
        await until(pilot, shows(app, "test sample 17, true class"))
        await pilot.press("right_curly_bracket", "n")
        await until(pilot, shows(app, "test sample 18, true class", "as drawn"))
        assert not canvas.is_empty
        await until(pilot, lambda: channels.opened[0].requests[-1].options["centre"] is False)


def test_no_key_of_the_pad_is_the_key_of_a_view() -> None:
    keys = {key for binding in DrawingPad.BINDINGS for key in binding.key.split(",")}  # type: ignore[union-attr]
    assert not keys & {entry.key for entry in ENTRIES}


async def test_drawing_with_the_mouse_at_two_cells_per_pixel(home: Path, channels: Channels) -> None:
    app = host(home, "digits", channels)
    async with app.run_test(size=LARGE) as pilot:
        await open_view(pilot, app, "D", "pen up")
        pad = app.screen.query_one(DrawingPad)
        await until(pilot, lambda: pad.size == (56, 28))
        canvas = pad.canvas
        assert canvas is not None
        await pilot.mouse_down(DrawingPad, offset=(21, 6))  # within the border: cell 20, 5 is pixel 10, 5
        await pilot.hover(DrawingPad, offset=(21, 16))
        await pilot.mouse_up(DrawingPad, offset=(21, 16))
        await pilot.hover(DrawingPad, offset=(41, 16))
        assert all(canvas.ink[28 * row + 10] > 128 for row in range(5, 16))
        assert canvas.ink[28 * 15 + 18] == 0
        await until(pilot, lambda: "Prediction: " in text_of(app, "#draw-words"))
        await pilot.mouse_down(DrawingPad, offset=(21, 6), button=3)
        await pilot.hover(DrawingPad, offset=(21, 16))
        await pilot.mouse_up(DrawingPad, offset=(21, 16))
        assert canvas.is_empty
        await pilot.press("backspace")
        assert not canvas.is_empty


async def test_robustness_and_landscape(
    home: Path, channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.inspection.perturbed.MOST_SAMPLES", 100)
    app = host(home, "digits", channels)
    async with app.run_test(size=SMALL) as pilot:

        async def in_each_size(*words: str) -> None:
            async for size in each_size(pilot):
                await until(pilot, shows(app, *words))
                assert max(map(len, seen(app).splitlines())) <= size[0], size

        await open_view(pilot, app, "R")
        await in_each_size("test accuracy", "salt and pepper", "0 %: 7")
        await pilot.press("j")
        await in_each_size("▸ shift", "0 px: 7", "left")
        await pilot.press("n")
        await until(pilot, lambda: channels.opened[0].requests[-1].options.get("example") == 1)
        await until(pilot, lambda: not shows(app, "0 px: 7")())
        await open_view(pilot, app, "L")
        await in_each_size("✚", "directions 0", "train loss of")
        await pilot.press("plus", "n")
        await in_each_size("±0.5, directions 1")
        await until(pilot, lambda: "of 625 points" not in text_of(app, "#walk"))


async def test_a_regression_gives_reasons_for_missing_views(home: Path, channels: Channels) -> None:
    app = host(home, "sine", channels)
    async with app.run_test(size=SMALL) as pilot:
        await open_view(pilot, app, "D", "predicts values, not classes")
        await open_view(pilot, app, "R", "test loss", "noise")
        await open_view(pilot, app, "L", "✚", "directions 0")
