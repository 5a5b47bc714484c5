"""The help: what the screen below is for, and its keys."""

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static


class HelpScreen(ModalScreen[None]):
    """Lists keys with what they do, the screen's own first; any of ?, escape, enter, q closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,enter,q", "dismiss", "close", key_display="esc"),
        Binding("down,j", "scroll_down", show=False),
        Binding("up,k", "scroll_up", show=False),
    ]

    def __init__(self, title: str, purpose: str, keys: list[tuple[str, str]]) -> None:
        super().__init__()
        self._title, self._purpose, self._keys = title, purpose, keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as panel:
            panel.border_title = f"{self._title} · keys"
            panel.border_subtitle = "esc closes"
            if self._purpose:
                yield Static(self._purpose, id="help-purpose")
            yield Static(self._table())

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for key, text in self._keys:
            table.add_row(Text(key, style="bold"), text)
        return table

    def action_scroll_down(self) -> None:
        """One line down."""
        self.query_one("#help").scroll_down(animate=False)

    def action_scroll_up(self) -> None:
        """One line up."""
        self.query_one("#help").scroll_up(animate=False)
