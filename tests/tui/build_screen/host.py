"""The app with the Build screen first and a launcher that starts nothing, and helpers for its tests."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

import tui.app
from engine.events import Finding
from engine.experiment.experiment import Experiment
from tests.tui.hosts import until as until
from tui.actions import SCREENS
from tui.app import NntermApp
from tui.build.layer_table import LayerTable
from tui.build.preset_list import PresetList
from tui.build.screen import BuildScreen


class BuildHost(NntermApp):
    """The app with the Build screen first, and a launcher that only records."""

    CSS_PATH = Path(tui.app.__file__).with_name("app.tcss")
    DEFAULT_MODE = "build"

    def __init__(self, dataset: str | None = "mnist") -> None:
        self.launched: list[Experiment] = []
        self.measured: list[bool] = []
        self.findings: list[Finding] = []
        self.refusal: Exception | None = None
        super().__init__()
        self.session.dataset = dataset

    def launch(self, experiment: Experiment, home: Path | None, measure: bool) -> Any:
        if self.refusal:
            raise self.refusal
        self.measured.append(measure)
        self.launched.append(experiment)
        return SimpleNamespace(name="run-1")

    @property
    def build(self) -> BuildScreen:
        screen = next(screen for screen in self.screen_stack if isinstance(screen, BuildScreen))
        assert isinstance(screen, BuildScreen)
        return screen

    @property
    def draft(self) -> dict[str, Any]:
        assert self.build.editor.draft is not None
        return self.build.editor.draft


def make_host(monkeypatch: pytest.MonkeyPatch, dataset: str | None = "mnist") -> BuildHost:
    app: BuildHost
    modes: dict[str, Callable[[], Screen[Any]]] = {screen.mode: Screen for screen in SCREENS}
    modes["build"] = lambda: BuildScreen(app.launch, lambda draft: app.findings)
    monkeypatch.setattr(BuildHost, "MODES", modes)
    app = BuildHost(dataset)
    return app


def settled(app: BuildHost) -> bool:
    return app.current_mode == "build" and app.build.is_assessed and verdict(app) != "starting"


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys and wait for the verdict."""
    await pilot.press(*keys)
    await pilot.pause()
    app = pilot.app
    assert isinstance(app, BuildHost)
    await until(pilot, lambda: settled(app))


async def taken(pilot: Pilot[Any]) -> None:
    """Choose the first preset."""
    app = pilot.app
    assert isinstance(app, BuildHost)
    await until(pilot, lambda: isinstance(app.focused, PresetList) and settled(app))
    await press(pilot, "enter")


async def at_layers(pilot: Pilot[Any]) -> None:
    """Choose the first preset and focus the first layer's units."""
    await taken(pilot)
    pilot.app.screen.query_one(LayerTable).focus()
    await pilot.pause()


def verdict(app: BuildHost) -> str:
    return app.build.bar.readiness.verdict
