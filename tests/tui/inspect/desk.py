"""The app on its Inspect screen, and how a test opens a view there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.color import ColorSystem
from textual.pilot import Pilot

from tests.tui.hosts import make_host, seen, until
from tests.tui.inspect.channels import Channels
from tui.app import NntermApp
from tui.inspect.registry import BY_NAME
from tui.inspect.stage import Stage
from tui.inspect.time_line import TimeLine
from tui.screens.inspect import InspectScreen


def host(home: Path, run: str | None, channels: Channels) -> NntermApp:
    """Return the app over this run, in true colours."""
    app = make_host(home, "inspect", lambda: InspectScreen(channels.open), run=run)
    app.console._color_system = ColorSystem.TRUECOLOR
    return app


def shows(app: NntermApp, *words: str) -> Callable[[], bool]:
    """Whether all these words are on the screen."""
    return lambda: all(word in seen(app) for word in words)


async def open_view(pilot: Pilot[Any], app: NntermApp, key: str, *words: str) -> str:
    """Press a view's key when the run is there, wait for the view and these words, and return the whole screen."""
    await until(pilot, lambda: app.screen.query_one(TimeLine).step is not None)
    await pilot.press(key)
    name = next(entry.name for entry in BY_NAME.values() if entry.key == key)
    stage = app.screen.query_one(Stage)
    await until(pilot, lambda: stage.current_name == name and stage.current is not None)
    await until(pilot, shows(app, *words))
    text = seen(app)
    assert max(map(len, text.splitlines())) <= app.size.width
    return text
