"""The dialog that confirms a suggested fix, with the settings it changes."""

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui.shell.dialogs import Dialog
from tui.widgets.difference import difference


class FixDialog(Dialog[bool]):
    """Shows a message and the changed settings; returns True if the user accepts."""

    DEFAULT_CSS = "FixDialog .problem { margin-bottom: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", "apply", tooltip="apply the suggested fix"),
        Binding("n,escape", "answer(False)", "cancel", tooltip="leave everything as it is"),
    ]

    def __init__(self, message: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
        super().__init__()
        self._message = message
        self._changes = changes

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "suggested fix"
            box.border_subtitle = "y apply · n cancel"
            yield Static(Content(self._message), classes="problem")
            yield Static(difference(self._changes), id="difference")

    def action_answer(self, yes: bool) -> None:
        """Close with the answer."""
        self.dismiss(yes)
