"""Histograms, activation functions and units on the Inspect screen, with real trained networks."""

from pathlib import Path

import pytest

from engine.runs import Run
from engine.runs.checkpoints import list_checkpoints
from tests.engine.inspection.trained import train
from tests.tui.hosts import LARGE, SMALL, seen, until
from tests.tui.inspect.channels import Channels
from tests.tui.inspect.inspect_app import host, open_view, shows
from tests.tui.sentences import BEFORE_TRAINING, MOST_ACTIVATING, PREDICTIONS_CHANGE
from tui.app import NntermApp
from tui.inspect.histograms import HistogramsView
from tui.inspect.unit_strip import UnitStrip
from tui.inspect.units import UnitsView
from tui.inspect.weight_pad import WeightPad
from tui.widgets.filter_field import FilterField


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two small trained networks."""
    folder = tmp_path_factory.mktemp("home")
    train(folder, "spirals", [8], "spirals", epochs=3, overrides=["data.samples=300"])
    train(folder, "sine", [40], "sine", epochs=2, activation="tanh", overrides=["data.samples=200"])
    return folder


@pytest.fixture
def channels() -> Channels:
    return Channels()


def axes(app: NntermApp) -> list[tuple[float, float]]:
    """The axes of the visible histograms."""
    answer = app.screen.query_one(HistogramsView).answer
    return [one.axis for one in answer.layers[1].distributions] if answer else []


async def test_layers_as_histograms_and_functions_at_earlier_moments(home: Path, channels: Channels) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=SMALL) as pilot:
        await open_view(pilot, app, "H", "layers.0  dense, 8 units, relu  (1 of 2", "z  ", "∂ weights", "█")
        await pilot.press("right_curly_bracket")
        await until(pilot, shows(app, "layers.1  dense, 3 units, softmax  (2 of 2"))
        newest, figures = axes(app), seen(app)
        await pilot.press("home")
        await until(pilot, shows(app, BEFORE_TRAINING))
        await until(pilot, lambda: seen(app).splitlines()[6:] != figures.splitlines()[6:])
        assert axes(app) == newest  # so that changes are visible
        await pilot.press("n")
        await until(pilot, shows(app, "log scale"))
        await open_view(pilot, app, "A", "relu(z)", "relu′(z)", "are at or below 0", "received")
        await pilot.press("right_curly_bracket")
        await until(pilot, shows(app, "logits", "Softmax depends"))
        assert "relu(z)" not in seen(app)


async def test_weights_are_edited_without_changing_the_run(home: Path, channels: Channels) -> None:
    run = Run(home / "runs" / "spirals")
    before = [path.read_bytes() for _, path in list_checkpoints(run.path)]
    app = host(home, "spirals", channels)
    async with app.run_test(size=LARGE) as pilot:
        await open_view(
            pilot, app, "U", "unit 0", "weights of unit 0", MOST_ACTIVATING, "network", "0 disables the unit"
        )
        view, strip, pad = (app.screen.query_one(kind) for kind in (UnitsView, UnitStrip, WeightPad))
        assert strip.has_focus
        await pilot.press("tab", "j", "0")
        await until(pilot, shows(app, "effect of 1 edit on a copy", "accuracy", "x₂: 0 (was", "as trained"))
        assert pad.has_focus
        await pilot.press("enter", *["backspace"] * 9, *"7.5", "enter")
        await until(pilot, shows(app, "x₂: 7.5 (was", PREDICTIONS_CHANGE))
        await pilot.press("shift+tab", "right")
        await until(pilot, shows(app, "weights of unit 1", "effect of 1 edit"))  # the edit persists
        await pilot.press("0")
        await until(pilot, shows(app, "effect of 2 edits", "Unit disabled"))
        await pilot.press("u", "u")
        await until(pilot, shows(app, "effect of 1 edit"))
        assert view._history.of_unit(0, 0) == {1: 0.0}
        await pilot.press("comma")
        await until(pilot, shows(app, "weights are those of another step"))
        assert channels.opened[0].requests[-1].options.get("edits") is None
        await pilot.press("0")
        await until(pilot, shows(app, "effect of 1 edit", "nit 1 "))
        await pilot.press("0")
        await until(pilot, shows(app, "edit weights"))
        await pilot.press("0")
        await until(pilot, shows(app, "effect of 1 edit"))
        await pilot.press("ctrl+u")
        await until(pilot, shows(app, "edit weights"))
    assert [path.read_bytes() for _, path in list_checkpoints(run.path)] == before


async def test_a_unit_by_its_number_without_image_inputs(home: Path, channels: Channels) -> None:
    app = host(home, "sine", channels)
    async with app.run_test(size=SMALL) as pilot:
        await open_view(pilot, app, "U", "layers.0  dense, 40 units, tanh", "unit active", "x₁", "most act")
        await pilot.press("slash", *"40", "enter")
        await until(pilot, shows(app, '"40": the units of this layer are numbered from 0 to 39'))
        await pilot.press("backspace", "backspace", *"37", "enter")
        await until(pilot, shows(app, "weights of unit 37", "   37 "))
        assert not any(field.is_open for field in app.screen.query(FilterField))
        await pilot.press("n")
        await until(pilot, shows(app, "least activating"))
        await pilot.press("tab", "enter", *"x", "enter")
        await until(pilot, shows(app, "is not a weight"))
        await pilot.press("escape", "plus")
        await until(pilot, shows(app, "loss", PREDICTIONS_CHANGE))
        await pilot.press("left_curly_bracket")
        await until(pilot, shows(app, "layers.1  dense, 1 unit, linear", "1 edit"))
