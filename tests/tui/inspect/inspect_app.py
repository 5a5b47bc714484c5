"""The app with the Inspect screen, and helpers that open a view."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.color import ColorSystem
from textual.pilot import Pilot

from tests.tui.hosts import make_host, seen, until
from tests.tui.inspect.channels import Channels
from tui.app import NntermApp
from tui.inspect.checkpoint_slider import CheckpointSlider
from tui.inspect.registry import ENTRIES
from tui.inspect.screen import InspectScreen
from tui.inspect.view_stack import ViewStack


def host(home: Path, run: str | None, channels: Channels) -> NntermApp:
    """Return the app with this run, in true colours."""
    app = make_host(home, "inspect", lambda: InspectScreen(channels.open), run=run)
    app.console._color_system = ColorSystem.TRUECOLOR
    return app


def shows(app: NntermApp, *words: str) -> Callable[[], bool]:
    """Return a condition: True if all these words are on the screen."""
    return lambda: all(word in seen(app) for word in words)


async def open_view(pilot: Pilot[Any], app: NntermApp, key: str, *words: str) -> str:
    """Press the key of a view once the run is loaded, wait for the view and these words, and return the screen."""
    await until(pilot, lambda: app.screen.query_one(CheckpointSlider).step is not None)
    await pilot.press(key)
    name = next(entry.name for entry in ENTRIES if entry.key == key)
    stack = app.screen.query_one(ViewStack)
    await until(pilot, lambda: stack.current_name == name and stack.current is not None)
    await until(pilot, shows(app, *words))
    text = seen(app)
    assert max(map(len, text.splitlines())) <= app.size.width
    return text
