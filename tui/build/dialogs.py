"""The dialogs of the Build screen: a path to open or save, and the equivalent command line."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label, Static

from engine.errors import NntermError
from tui.shell.dialogs import Dialog
from tui.widgets.set_text import set_title

Attempt = Callable[[Path, bool], Any]
"""Takes a path and whether to replace an existing file; runs in a thread and returns a result.

Raises NntermError for a mistake of the user's, FileExistsError for a file that must not be replaced.
"""


class PathDialog(Dialog[Any]):
    """Asks for a path and tries it; stays open with the error message until the attempt succeeds or escape is pressed.

    Returns the attempt's result, None after escape.
    """

    DEFAULT_CSS = "PathDialog .complaint { color: $text-error; height: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave")]

    def __init__(self, title: str, path: str, attempt: Attempt) -> None:
        super().__init__()
        self._title = title
        self._path = path
        self._attempt = attempt
        self._replace = ""

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            set_title(box, self._title)
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


class CommandLineDialog(Dialog[None]):
    """Shows the equivalent shell command, which the screen has copied."""

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
