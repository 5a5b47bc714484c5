"""The app with one screen first, and helpers to wait and to read the screen."""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

import tui.app
from tests import pilots as pilots
from tests.waiting import PATIENCE_S as PATIENCE_S
from tui.app import NntermApp

SMALL, LARGE = (80, 24), (140, 45)
"""The smallest supported terminal and a large one: columns and lines."""


def make_host(home: Path, mode: str, make_screen: Callable[[], Screen[Any]], **session: Any) -> NntermApp:
    """Return the app with the screen of `mode` first, bare screens instead of the others, and this session."""
    others = dict.fromkeys(("data", "build", "train", "gradients", "inspect", "runs"), Bare)

    class Host(NntermApp):
        CSS_PATH = Path(tui.app.__file__).with_name("app.tcss")
        DEFAULT_MODE = mode
        MODES = {**others, mode: make_screen}  # noqa: RUF012

    app = Host(home)
    for name, value in session.items():
        setattr(app.session, name, value)
    return app


class Bare(Screen[None]):
    """Replaces a screen that is not under test; counts the requested checks."""

    checks = 0

    def action_check(self) -> None:
        self.checks += 1


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Wait until `condition` is true and the app has redrawn."""
    deadline, nap = time.monotonic() + PATIENCE_S, 0.004
    while not condition():
        if pilot.app._exception:
            raise pilot.app._exception
        if time.monotonic() > deadline:
            width, height = pilot.app.size
            raise AssertionError(f"it did not happen at {width}×{height}; on the screen:\n{seen(pilot.app)}")
        await pilot.pause(nap)
        nap = min(1.2 * nap, 0.03)
    await pilot.pause()


async def each_size(pilot: Pilot[Any], *sizes: tuple[int, int]) -> AsyncIterator[tuple[int, int]]:
    """Resize the terminal to each size (small and large by default), and yield it once the screen is laid out."""
    for size in sizes or (SMALL, LARGE):
        if pilot.app.size != size:
            await pilot.resize_terminal(*size)
        await until(pilot, lambda size=size: pilot.app.screen._compositor.size == size)  # type: ignore[misc]
        yield size


async def until_steady(pilot: Pilot[Any], count: Callable[[], int]) -> int:
    """Wait until `count` returns the same number 20 times in a row, and return it."""
    deadline, last, looks = time.monotonic() + PATIENCE_S, count(), 0
    while looks < 20:
        assert time.monotonic() < deadline, f"it never stops: {last}"
        await pilot.pause(0.01)
        now = count()
        looks, last = (looks + 1 if now == last else 0), now
    return last


def text_of(app: NntermApp, selector: str) -> str:
    """Return the text of a Static."""
    return str(app.screen.query_one(selector, Static).content)


def seen(app: App[Any]) -> str:
    """Return all text on the screen."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips[:height]) if width else ""
