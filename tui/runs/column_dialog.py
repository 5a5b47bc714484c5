"""The dialog that chooses the columns of the table of runs, and their order."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from tui.charts.tones import MUTED
from tui.shell.dialogs import Dialog
from tui.words.run_columns import BY_KEY, RUN_COLUMNS

_HEAD = 18
"""Width of the names, in cells."""


class ColumnDialog(Dialog[None]):
    """Lists all columns, the shown ones first, and reports each change.

    Args:
        shown: the keys of the columns that are chosen now.
        on_change: called with the keys of the chosen columns; without any, the table chooses.
    """

    DEFAULT_CSS = """
    ColumnDialog > Vertical { width: 60; }
    ColumnDialog VerticalScroll { height: auto; max-height: 100%; }
    ColumnDialog Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "close"),
        Binding("vertical_line", "columns", "close", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("home", "move(-99)", "first", show=False),
        Binding("end", "move(99)", "last", show=False),
        Binding("enter", "choose", "show or hide"),
        Binding("J,shift+down", "shift(1)", "move right", show=False, tooltip="move the column to the right"),
        Binding("K,shift+up", "shift(-1)", "move left", show=False, tooltip="move the column to the left"),
        Binding("delete,backspace", "clear", "automatic", tooltip="let the table choose the columns"),
    ]

    cursor: reactive[int] = reactive(0)
    """Position of the column under the cursor."""

    def __init__(self, shown: Sequence[str], on_change: Callable[[tuple[str, ...]], object]) -> None:
        super().__init__()
        self._shown = [key for key in shown if key in BY_KEY]
        self._on_change = on_change
        self._order = self._in_order()

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "columns"
            box.border_subtitle = "enter show/hide · J/K move · del automatic · esc close"
            with VerticalScroll(can_focus=False):
                yield Static(id="columns")

    def on_mount(self) -> None:
        """Show the columns."""
        self.watch_cursor()

    def _in_order(self) -> list[str]:
        return [*self._shown, *(column.key for column in RUN_COLUMNS if column.key not in self._shown)]

    def watch_cursor(self) -> None:
        """Draw the columns with the one under the cursor highlighted."""
        if not self.is_mounted:
            return
        lines = [self._line(place, key) for place, key in enumerate(self._order)]
        self.query_one("#columns", Static).update(Content("\n").join(lines))
        scroll = self.query_one(VerticalScroll)
        if not scroll.scroll_y <= self.cursor < scroll.scroll_y + max(1, scroll.size.height):
            scroll.scroll_to(y=max(0, self.cursor - scroll.size.height // 2), animate=False)

    def validate_cursor(self, place: int) -> int:
        """Keep the cursor within the columns."""
        return max(0, min(place, len(self._order) - 1))

    def _line(self, place: int, key: str) -> Content:
        column, is_shown = BY_KEY[key], key in self._shown
        mark = "✓" if is_shown else " "
        line = f" {mark} {column.head.ljust(_HEAD)}{column.purpose}"
        if place == self.cursor:
            return Content.styled(line.ljust(54), "$block-cursor-foreground on $block-cursor-background")
        return Content.styled(line, "" if is_shown else MUTED)

    def action_columns(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.cursor += by

    def action_choose(self) -> None:
        """Show or hide the column under the cursor; the name is always shown."""
        key = self._order[self.cursor]
        if key == "name":
            return
        if key in self._shown:
            self._shown.remove(key)
        else:
            before = [one for one in self._order[: self.cursor] if one in self._shown]
            self._shown.insert(len(before), key)
        self._changed()

    def action_shift(self, by: int) -> None:
        """Move the column under the cursor, if it is shown, by one place."""
        key = self._order[self.cursor]
        place = self._shown.index(key) + by if key in self._shown else -1
        if 0 <= place < len(self._shown):
            self._shown.remove(key)
            self._shown.insert(place, key)
            self._order = self._in_order()
            self._changed()
            self.cursor = self._order.index(key)

    def action_clear(self) -> None:
        """Let the table choose the columns again, and close."""
        self._on_change(())
        self.dismiss(None)

    def _changed(self) -> None:
        self._on_change(tuple(self._shown))
        self.watch_cursor()
