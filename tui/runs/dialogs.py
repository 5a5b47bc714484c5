"""Dialogs of the Runs screen for texts: a new name, tags and a note."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label, Static

from engine.errors import NntermError
from engine.runs import RunNotes
from engine.runs.notes import check_note, check_tags
from tui.shell.dialogs import Dialog
from tui.words.errors import error_text

Result = TypeVar("Result")


class FieldDialog(Dialog[Result]):
    """A dialog with a text field and an error message, which is hidden if it is empty."""

    DEFAULT_CSS = """
    FieldDialog > Vertical { width: 78; max-width: 98%; }
    FieldDialog Static { height: auto; }
    FieldDialog Input { border: round $border; height: 3; padding: 0 1; background: $surface; }
    FieldDialog Input:focus { border: round $accent; background-tint: transparent; }
    FieldDialog #complaint { color: $text-error; display: none; }
    FieldDialog #complaint.-shown { display: block; }
    """

    def show_error(self, message: str) -> None:
        """Show an error message below the field; an empty one hides it."""
        line = self.query_one("#complaint", Static)
        line.update(Content(message))
        line.set_class(bool(message), "-shown")


class NameDialog(FieldDialog[str | None]):
    """Asks for a name and applies it; stays open until that succeeds. Returns the name; None after escape.

    Args:
        act: applies a name; may raise NntermError; called in a thread.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel")]

    def __init__(self, name: str, act: Callable[[str], Any]) -> None:
        super().__init__()
        self._old_name, self._act = name, act

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(f"rename {self._old_name}")
            box.border_subtitle = "enter rename · esc cancel"
            yield Input(self._old_name, id="name", select_on_focus=True)
            yield Static(id="complaint")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        name = event.value.strip()
        if name == self._old_name:
            self.dismiss(None)
        else:
            self._apply(name)

    @work(exclusive=True)
    async def _apply(self, name: str) -> None:
        try:
            await asyncio.to_thread(self._act, name)
        except NntermError as error:
            self.show_error(error_text(error))
        else:
            self.dismiss(name)


class NotesDialog(FieldDialog[bool]):
    """Edits the tags and the note of a run; what is typed is checked at once. Returns True once they are saved.

    Args:
        notes: the present ones.
        act: saves tags and note; may raise NntermError; called in a thread.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "cancel"),
        Binding("up", "move(-1)", "previous field", show=False),
        Binding("down", "move(1)", "next field", show=False),
    ]

    def __init__(self, name: str, notes: RunNotes, act: Callable[[Sequence[str], str], Any]) -> None:
        super().__init__()
        self._run_name, self._notes, self._act = name, notes, act

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(f"tags and note of {self._run_name}")
            box.border_subtitle = "enter save · tab next field · esc cancel"
            yield Label("tags, separated by spaces")
            yield Input(" ".join(self._notes.tags), "baseline good", id="tags", select_on_focus=False)
            yield Label("note, one line")
            yield Input(self._notes.note, id="note", select_on_focus=False)
            yield Static(id="complaint")

    def action_move(self, by: int) -> None:
        """Focus the next or the previous field."""
        if by > 0:
            self.focus_next(Input)
        else:
            self.focus_previous(Input)

    @property
    def _tags(self) -> list[str]:
        return self.query_one("#tags", Input).value.replace(",", " ").split()

    @property
    def _note(self) -> str:
        return self.query_one("#note", Input).value

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        try:
            check_tags(self._tags)
            check_note(self._note)
        except NntermError as error:
            self.show_error(error_text(error))
        else:
            self.show_error("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._save(self._tags, self._note)

    @work(exclusive=True)
    async def _save(self, tags: list[str], note: str) -> None:
        try:
            await asyncio.to_thread(self._act, tags, note)
        except NntermError as error:
            self.show_error(error_text(error))
        else:
            self.dismiss(True)
