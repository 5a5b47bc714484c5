"""The event log of a run, newest entry last."""

import time
from collections import deque
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget

from tui.actions import MOVE, SCROLL_KEYS

EventKind = Literal["info", "good", "warning", "error", "you"]

MARKS: dict[EventKind, tuple[str, str]] = {
    "info": ("·", "dim"),
    "good": ("●", "$text-success"),
    "warning": ("▲", "$text-warning"),
    "error": ("✗", "$text-error"),
    "you": ("›", "$text-accent"),
}
"""Sign and colour of each kind; no kind is shown by colour alone."""

MOST_LINES = 300
_TIME_WIDTH = 11
"""Columns of `12:04:31 · `."""


class EventLog(VerticalScroll, can_focus=True):
    """Entries with a time and a sign; follows the newest one unless the user has scrolled up."""

    DEFAULT_CSS = "EventLog { height: 1fr; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        *SCROLL_KEYS,
        Binding("end", "scroll_end", "to the newest", show=False, group=MOVE),
        Binding("home", "scroll_home", "to the oldest", show=False, group=MOVE),
    ]

    _follows = True

    def compose(self) -> ComposeResult:
        yield _Lines()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the newest entry if the user has scrolled to the end."""
        super().watch_scroll_y(old_value, new_value)
        self._follows = new_value >= self.max_scroll_y

    def add(self, text: str, kind: EventKind = "info", at: float | None = None) -> None:
        """Add an entry.

        Args:
            text: one sentence, without markup; it is wrapped.
            kind: sets the sign and the colour; "you" is an action of the user.
            at: Unix seconds; None: now.
        """
        self.query_one(_Lines).add(text, kind, time.time() if at is None else at)
        if self._follows:
            self.scroll_end(animate=False)

    def clear(self) -> None:
        """Remove all entries."""
        self.query_one(_Lines).clear()

    @property
    def texts(self) -> list[str]:
        """The texts of the entries, oldest first."""
        return [text for text, _, _ in self.query_one(_Lines).entries]


class _Lines(Widget):
    """The entries, each wrapped with an indent below its text."""

    DEFAULT_CSS = "_Lines { height: auto; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.entries: deque[tuple[str, EventKind, float]] = deque(maxlen=MOST_LINES)
        self._wrapped: deque[Content] = deque(maxlen=MOST_LINES)
        self._wrapped_for = 0

    def add(self, text: str, kind: EventKind, at: float) -> None:
        self.entries.append((text, kind, at))
        if self._wrapped_for:
            self._wrapped.append(_entry(text, kind, at, self._wrapped_for))
        self.refresh(layout=True)

    def clear(self) -> None:
        self.entries.clear()
        self._wrapped.clear()
        self.refresh(layout=True)

    def render(self) -> Content:
        width = self.size.width
        if width != self._wrapped_for:
            self._wrapped_for = width
            self._wrapped = deque((_entry(*entry, width) for entry in self.entries), maxlen=MOST_LINES)
        return Content("\n").join(self._wrapped)


def _entry(text: str, kind: EventKind, at: float, width: int) -> Content:
    sign, colour = MARKS[kind]
    head = Content.assemble((time.strftime("%H:%M:%S", time.localtime(at)), "dim"), " ", (sign, colour), " ")
    lines = Content.styled(text, colour if kind in ("error", "warning") else "").wrap(
        max(8, width - _TIME_WIDTH)
    )
    first, *rest = lines or [Content("")]
    return Content("\n").join([head + first, *(Content(" " * _TIME_WIDTH) + line for line in rest)])
