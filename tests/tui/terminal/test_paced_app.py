"""Frames: what has changed, not too often, and at once after a key."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.geometry import Size
from textual.pilot import Pilot
from textual.widgets import Static

from tests.tui.hosts import until
from tui.terminal.paced_app import BACKLOG, PacedApp


class Line(PacedApp):
    """A line of text; all that is written to the terminal is kept."""

    BINDINGS = [("a", "say('answered')", "say")]  # noqa: RUF012

    def __init__(self, frame_s: float = 0.0) -> None:
        super().__init__()
        self.frame_s = frame_s
        self.written: list[str] = []
        self.waiting = 0

    def compose(self) -> ComposeResult:
        yield Static("first", markup=False)

    def action_say(self, text: str) -> None:
        self.query_one(Static).update(text)

    def _can_write(self) -> bool:
        return self._running and self._driver is not None

    def _backlog(self) -> int:
        return self.waiting

    def on_mount(self) -> None:
        assert self._driver is not None
        self._driver.write = self.written.append  # type: ignore[method-assign]

    @property
    def text(self) -> str:
        return "".join(self.written)


def shown(app: Line, text: str) -> bool:
    """Return True if the screen, not necessarily the terminal, shows a text."""
    return text in "".join(strip.text for strip in app.screen._compositor.render_strips())


@contextmanager
def nothing_written(app: Line) -> Iterator[None]:
    app.written.clear()
    yield
    assert app.written == []


async def say(pilot: Pilot[Any], app: Line, text: str) -> None:
    """Change the line and wait until the screen is drawn."""
    app.action_say(text)
    await until(pilot, lambda: shown(app, text))
    await pilot.pause(0.05)


async def test_only_changes_are_written() -> None:
    app = Line()
    async with app.run_test(size=(40, 5)) as pilot:
        await until(pilot, lambda: "first" in app.text)
        app.written.clear()
        await say(pilot, app, "firsT")
        await until(pilot, lambda: "T" in app.text)
        assert "firs" not in app.text


async def test_what_is_drawn_again_without_a_change_is_not_written() -> None:
    app = Line()
    async with app.run_test(size=(40, 5)) as pilot:
        await until(pilot, lambda: "first" in app.text)
        await pilot.pause(0.05)
        with nothing_written(app):
            app.query_one(Static).update("first")
            app.screen.refresh()
            await pilot.pause(0.1)


async def test_frames_wait_and_a_key_is_answered_at_once() -> None:
    app = Line(frame_s=10_000)
    async with app.run_test(size=(40, 5)) as pilot:
        await until(pilot, lambda: "first" in app.text)
        with nothing_written(app):
            await say(pilot, app, "second")
            await say(pilot, app, "third")
        await pilot.press("a")
        await until(pilot, lambda: "answered" in app.text)
        assert "second" not in app.text


async def test_a_slow_line_leaves_frames_out() -> None:
    app = Line()
    async with app.run_test(size=(40, 5)) as pilot:
        await until(pilot, lambda: "first" in app.text)
        app.waiting = BACKLOG + 1
        with nothing_written(app):
            await say(pilot, app, "second")
            await say(pilot, app, "third")
        app.waiting = 0
        await until(pilot, lambda: "third" in app.text)
        assert "second" not in app.text


@pytest.mark.parametrize("size", [(30, 4), (40, 5)])
async def test_after_a_resize_all_is_written(size: tuple[int, int]) -> None:
    """Also after one to the same size: the terminal may have had another one meanwhile."""
    app = Line()
    async with app.run_test(size=(40, 5)) as pilot:
        await until(pilot, lambda: "first" in app.text)
        app.written.clear()
        await pilot.resize_terminal(*size)
        await until(pilot, lambda: app.size == Size(*size) and "first" in app.text)


async def test_the_screen_can_be_sent_again() -> None:
    app = Line()
    async with app.run_test(size=(40, 5)) as pilot:
        await until(pilot, lambda: "first" in app.text)
        app.written.clear()
        app.redraw()
        assert "first" in app.text
