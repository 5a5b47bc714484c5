"""The Build screen's questions: mend this, which file, here is the line."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from engine.errors import NntermError
from tui.widgets.run_dialogs import difference

_CSS = """
{name} { align: center middle; }
{name} > Vertical {
    width: 76; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
    border: round $accent; background: $surface;
}
{name} .problem { margin-bottom: 1; }
{name} .keys { margin-top: 1; color: $text-muted; }
{name} .complaint { color: $text-error; height: auto; }
"""

Attempt = Callable[[Path, bool], Any]
"""Does something with a path (and whether to replace what is there) in a thread, and returns what came of it.

Raises NntermError with what is wrong, FileExistsError where something is there that must not be replaced.
"""


class MendDialog(ModalScreen[bool]):
    """Shows a problem and what would change; returns whether to change it."""

    DEFAULT_CSS = _CSS.replace("{name}", "MendDialog")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "answer(True)", "accept"),
        Binding("escape,n", "answer(False)", "decline"),
    ]

    def __init__(self, message: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
        super().__init__()
        self._message = message
        self._changes = changes

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "mend"
            yield Static(Content(self._message), classes="problem")
            yield Static(difference(self._changes), id="difference")
            yield Static(Content("enter or y accepts · escape or n leaves it as it is"), classes="keys")

    def action_answer(self, yes: bool) -> None:
        """Close with the answer."""
        self.dismiss(yes)


class PathDialog(ModalScreen[Any]):
    """Asks for a path and tries it; stays open, with the message at the field, until it works or escape.

    Returns what the attempt returned, None after escape.
    """

    DEFAULT_CSS = _CSS.replace("{name}", "PathDialog")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave")]

    def __init__(self, title: str, path: str, attempt: Attempt) -> None:
        super().__init__()
        self._title = title
        self._path = path
        self._attempt = attempt
        self._replace = ""

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = self._title
            yield Label("path of the experiment file (.toml)")
            yield Input(self._path, id="path", select_on_focus=False)
            yield Static(id="complaint", classes="complaint", markup=False)
            yield Static("enter accepts · escape leaves", classes="keys")

    def action_leave(self) -> None:
        """Close without a path."""
        self.dismiss(None)

    @on(Input.Changed)
    def _forget(self) -> None:
        self._replace = ""
        self._complain("")

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if text:
            self._try(text)
        else:
            self._complain("a path is needed, for example mnist.toml")

    @work(exclusive=True)
    async def _try(self, text: str) -> None:
        try:
            result = await asyncio.to_thread(self._attempt, Path(text).expanduser(), self._replace == text)
        except FileExistsError:
            self._replace = text
            self._complain(f"{text} is there already: enter again replaces it, or change the name")
        except NntermError as error:
            self._complain(f"{error.message}\n{error.hint}".strip())
        except (RuntimeError, ValueError) as error:  # no such user; a null byte
            self._complain(f"not a path: {error}")
        else:
            self.dismiss(result)

    def _complain(self, message: str) -> None:
        self.query_one("#complaint", Static).update(message)


class CommandLineDialog(ModalScreen[None]):
    """Shows the shell command that does the same; the screen has copied it."""

    DEFAULT_CSS = _CSS.replace("{name}", "CommandLineDialog")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,y", "leave", "leave")]

    def __init__(self, line: str) -> None:
        super().__init__()
        self._line = line

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "the same on the command line"
            yield Static(Content(self._line), id="line")
            keys = "copied to the clipboard, where the terminal allows it (OSC 52); else select it · escape leaves"
            yield Static(keys, classes="keys")

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)
