"""The dialog of the Build screen with the equivalent shell command."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui.shell.dialogs import Dialog


class CommandLineDialog(Dialog[None]):
    """Shows the equivalent shell command, which the screen has copied."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,y", "leave", "leave")]

    def __init__(self, line: str) -> None:
        super().__init__()
        self._line = line

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "shell command"
            yield Static(Content(self._line), id="line")
            keys = "Copied, if the terminal supports OSC 52; else select it with the mouse. esc closes"
            yield Static(keys, classes="keys")

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)
