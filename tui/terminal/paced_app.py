"""The part of the app that writes to the terminal: frames of what has changed, at a rate that the settings limit."""

import math
import time
from typing import Any

from rich.color import ColorSystem
from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Offset
from textual.screen import Screen
from textual.timer import Timer

from tui.terminal.stream import ScreenStream

ANSWER_S = 0.25
"""After a key, frames are written as soon as they are drawn for this long, so that its answer does not wait."""
BACKLOG = 2
"""Pieces of output that may wait for a slow line; with more, frames are merged instead of queued."""


class PacedApp(App[int]):
    """An app that sends the terminal only what has changed, and not too often.

    Textual draws a part of the screen whenever a widget asks for it, and sends it as a whole. Here, its updates are
    collected, and a frame is sent of the cells that differ from what the terminal shows: at once after a key, otherwise
    when `frame_s` have passed since the last one, and when the line has taken it.
    """

    frame_s: float = 0.0
    """Minimum seconds between two frames, except after a key."""
    few_bytes: bool = False
    """True: 256 colours at most, which take half the bytes of all colours."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._stream: ScreenStream | None = None
        self._frame_at = -math.inf  # the first frame waits for nothing
        self._answer_until = 0.0
        self._frame_timer: Timer | None = None
        self._cursor_shown: Offset | None = None

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        is_frame = isinstance(renderable, LayoutUpdate | ChopsUpdate) and not self._batch_count
        if not is_frame or not self._can_write():
            super()._display(screen, renderable)
            if renderable is not None and not is_frame and self._stream is not None:
                self._stream.forget()
            return
        assert isinstance(renderable, LayoutUpdate | ChopsUpdate)
        self._screen_stream().take(renderable)
        self._send_when_due()
        self.post_display_hook()

    def _can_write(self) -> bool:
        driver = self._driver
        is_open = self._running and not self._closed and not self.is_headless
        return is_open and driver is not None and not driver.is_inline

    def _screen_stream(self) -> ScreenStream:
        if self._stream is None:
            self._stream = ScreenStream(*self.size, self._terminal_colours())
        self._stream.resize(*self.size)
        return self._stream

    def _terminal_colours(self) -> ColorSystem | None:
        name = self.console.color_system
        system = {
            "standard": ColorSystem.STANDARD,
            "256": ColorSystem.EIGHT_BIT,
            "truecolor": ColorSystem.TRUECOLOR,
            "windows": ColorSystem.WINDOWS,
        }.get(name or "")
        return ColorSystem.EIGHT_BIT if self.few_bytes and system is ColorSystem.TRUECOLOR else system

    def redraw(self) -> None:
        """Send the whole screen again, in whatever state the terminal is."""
        if self._stream is not None:
            self._stream.forget()
            self._send()

    # when a frame is sent

    def _send_when_due(self) -> None:
        now = time.monotonic()
        wait = self._frame_at + self.frame_s - now
        if self._backlog() > BACKLOG:
            wait = max(wait, self.frame_s, 0.05)
        elif now < self._answer_until:
            wait = 0.0
        if wait <= 0:
            self._send()
        elif self._frame_timer is None:
            self._frame_timer = self.set_timer(wait, self._send_later, name="frame")

    def _send_later(self) -> None:
        self._frame_timer = None
        self._send_when_due()

    def _backlog(self) -> int:
        """Return how many pieces of output wait for the line."""
        queue = getattr(getattr(self._driver, "_writer_thread", None), "_queue", None)
        return queue.qsize() if queue is not None else 0

    def _send(self) -> None:
        if self._frame_timer is not None:
            self._frame_timer.stop()
            self._frame_timer = None
        if self._stream is None or self._driver is None or not self._can_write():
            return
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        text = self._stream.changes((cursor.x, cursor.y))
        if not text:
            return
        self._frame_at = time.monotonic()
        self._previous_cursor_position = cursor
        self._begin_update()
        self._driver.write(text)
        self._end_update()
        self._driver.flush()

    async def on_event(self, event: events.Event) -> None:
        """Answer a key at once, and send the whole screen after a change of its size or a pause of the app."""
        if isinstance(
            event,
            events.Key | events.Paste | events.MouseDown | events.MouseScrollDown | events.MouseScrollUp,
        ):
            self._answer_until = time.monotonic() + ANSWER_S
            if self._frame_timer is not None:
                self._send_when_due()
        elif isinstance(event, events.Resize) and self._stream is not None:
            self._stream.forget()
            self._send_when_due()
        await super().on_event(event)

    def _resume_signal(self) -> None:
        self.redraw()
        super()._resume_signal()
