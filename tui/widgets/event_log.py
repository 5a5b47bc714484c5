"""The event log of a run, newest entry last."""

import time
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget

from tui.actions import MOVE, SCROLL_KEYS
from tui.words.events import EventLine, Kind

MARKS: dict[Kind, tuple[str, str]] = {
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
        Binding("end", "scroll_end", "newest", show=False, group=MOVE),
        Binding("home", "scroll_home", "oldest", show=False, group=MOVE),
    ]

    _follows = True

    def compose(self) -> ComposeResult:
        yield _Lines()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the newest entry if the user has scrolled to the end."""
        super().watch_scroll_y(old_value, new_value)
        self._follows = new_value >= self.max_scroll_y

    def on_resize(self) -> None:
        """Keep the newest line in sight."""
        if self._follows:
            self.scroll_end(animate=False)

    def show(self, lines: Sequence[EventLine]) -> None:
        """Show these lines, oldest first; of more than `MOST_LINES` the newest."""
        if self.query_one(_Lines).show(tuple(lines[-MOST_LINES:])) and self._follows:
            self.scroll_end(animate=False)

    @property
    def texts(self) -> list[str]:
        """The texts of the lines, oldest first."""
        return [line.text for line in self.query_one(_Lines).lines]


class _Lines(Widget):
    """The lines, each wrapped with an indent below its text."""

    DEFAULT_CSS = "_Lines { height: auto; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[EventLine, ...] = ()
        self._wrapped: dict[EventLine, Content] = {}
        self._wrapped_for = 0

    def show(self, lines: tuple[EventLine, ...]) -> bool:
        """Show these lines; return False if they are shown already."""
        if lines == self.lines:
            return False
        self.lines = lines
        self.refresh(layout=True)
        return True

    def render(self) -> Content:
        width = self.size.width
        known = self._wrapped if width == self._wrapped_for else {}
        self._wrapped = {line: known.get(line) or _entry(line, width) for line in self.lines}
        self._wrapped_for = width
        return Content("\n").join(self._wrapped[line] for line in self.lines)


def _entry(line: EventLine, width: int) -> Content:
    sign, colour = MARKS[line.kind]
    at = time.strftime("%H:%M:%S", time.localtime(line.at))
    head = Content.assemble((at, "dim"), " ", (sign, colour), " ")
    style = colour if line.kind in ("error", "warning") else ""
    lines = Content.styled(line.text, style).wrap(max(8, width - _TIME_WIDTH))
    first, *rest = lines or [Content("")]
    return Content("\n").join([head + first, *(Content(" " * _TIME_WIDTH) + line for line in rest)])
