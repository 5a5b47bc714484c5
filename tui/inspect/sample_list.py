"""A list of samples as lines, with a cursor."""

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.actions import MOVE
from tui.widgets.strips import CURSOR_STYLE, StripView, text_strip


class SampleList(StripView, can_focus=True):
    """Shows a line per sample below a head; up, down, j and k move `cursor`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", group=MOVE, show=False),
        Binding("down,j", "move(1)", "down", group=MOVE, show=False),
        Binding("pageup", "move(-10)", "page up", group=MOVE, show=False),
        Binding("pagedown", "move(10)", "page down", group=MOVE, show=False),
    ]

    cursor: reactive[int] = reactive(0)
    """Position of the marked line."""

    class Moved(Message):
        """Another line is marked."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._head = ""
        self._lines: Sequence[str] = ()

    def show(self, head: str, lines: Sequence[str]) -> None:
        """Show these lines; the cursor keeps its position if it exists."""
        self._head, self._lines = head, lines
        self.cursor = max(0, min(len(lines) - 1, self.cursor))
        self.draw_with(self._drawn)

    def _drawn(self, width: int, height: int) -> list[Strip]:
        shown = max(1, height - 1)
        first = max(0, min(len(self._lines) - shown, self.cursor - shown // 2))
        strips = [text_strip(self._head, width, Style(dim=True))]
        strips += [
            text_strip(self._lines[i], width, CURSOR_STYLE if i == self.cursor else Style.null())
            for i in range(first, min(len(self._lines), first + shown))
        ]
        return strips

    def watch_cursor(self) -> None:
        """Mark the line."""
        if self._lines:
            self.draw_with(self._drawn)
            self.post_message(self.Moved())

    def action_move(self, by: int) -> None:
        """Move the cursor by `by` lines."""
        if self._lines:
            self.cursor = max(0, min(len(self._lines) - 1, self.cursor + by))
