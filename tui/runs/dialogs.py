"""Dialogs of the Runs screen: the changes of a run that is forked or resumed, and a new name."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Input, Static

from engine.errors import NntermError
from tui.charts.tones import FAINT, MUTED
from tui.runs.changes import ForkPlace
from tui.shell.dialogs import Dialog
from tui.widgets.difference import difference
from tui.widgets.set_text import set_title
from tui.words.changes import Changes
from tui.words.errors import error_text

if TYPE_CHECKING:
    from engine.runs.fork import At


_TYPING_PAUSE_S = 0.1
"""Seconds without typing before the preview is updated."""


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


class ChangeAnswer(NamedTuple):
    """The typed text, the chosen place, and the result of the action."""

    text: str
    at: "At"
    result: Any


class ChangeDialog(FieldDialog[ChangeAnswer | None]):
    """Asks for KEY=VALUE changes with a live preview, and applies them; stays open until that succeeds.

    Args:
        title: of the dialog.
        preview: returns the changes of a text; may raise NntermError; called in a thread.
        act: applies a text at a place; may raise NntermError; called in a thread.
        places: places to fork from, the first is chosen; empty: no choice.
        text: initial text of the field.
        words: a sentence on what will happen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "leave"),
        Binding("up", "choose(-1)", "the place before", show=False, priority=True),
        Binding("down", "choose(1)", "the next place", show=False, priority=True),
    ]

    chosen: reactive[int] = reactive(0, init=False)
    """Position of the chosen place."""

    def __init__(
        self,
        title: str,
        preview: Callable[[str], Changes],
        act: "Callable[[str, At], Any]",
        *,
        places: Sequence[ForkPlace] = (),
        text: str = "",
        words: str = "",
    ) -> None:
        super().__init__()
        self._title, self._preview_changes, self._act = title, preview, act
        self._places, self._text, self._words = places, text, words
        self._acting = False

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            set_title(box, self._title, "enter apply · esc cancel")
            yield Static(Content(self._words), id="words")
            yield Static(id="place")
            field = Input(self._text, "KEY=VALUE, several with spaces", id="changes", select_on_focus=False)
            field.border_title = "change"
            yield field
            yield Static(id="difference")
            yield Static(id="complaint")

    def on_mount(self) -> None:
        """Show the first place."""
        self.query_one("#words").display = bool(self._words)
        self.query_one("#place").display = bool(self._places)
        self.watch_chosen()

    def action_choose(self, by: int) -> None:
        """Choose another place."""
        if self._places:
            self.chosen = (self.chosen + by) % len(self._places)

    def watch_chosen(self) -> None:
        """Show the chosen place."""
        if self._places:
            place = self._places[self.chosen]
            keys = f"  ↑ ↓ {self.chosen + 1} of {len(self._places)}" if len(self._places) > 1 else ""
            text = Content.assemble(("from ", MUTED), (f"‹ {place.words} ›", "bold"), (keys, FAINT))
            self.query_one("#place", Static).update(text)
            self.show_error("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._preview(event.value.strip())

    @work(exclusive=True, group="preview")
    async def _preview(self, text: str) -> None:
        await asyncio.sleep(_TYPING_PAUSE_S)
        try:
            changes = await asyncio.to_thread(self._preview_changes, text) if text else {}
        except NntermError as error:
            self._show({}, error_text(error))
        else:
            self._show(changes, "")

    def _show(self, changes: Changes, error: str) -> None:
        self.query_one("#difference", Static).update(difference(changes))
        self.show_error(error)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not self._acting:
            self._apply(event.value.strip())

    @work(exclusive=True, group="act")
    async def _apply(self, text: str) -> None:
        at = self._places[self.chosen].at if self._places else "last"
        self._acting = True
        try:
            result = await asyncio.to_thread(self._act, text, at)
        except NntermError as error:
            self.show_error(error_text(error))
        else:
            self.dismiss(ChangeAnswer(text, at, result))
        finally:
            self._acting = False


class NameDialog(FieldDialog[str | None]):
    """Asks for a name and applies it; stays open until that succeeds. Returns the name; None after escape.

    Args:
        act: applies a name; may raise NntermError; called in a thread.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "leave")]

    def __init__(self, name: str, act: Callable[[str], Any]) -> None:
        super().__init__()
        self._old_name, self._act = name, act

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            set_title(box, f"rename {self._old_name}", "enter rename · esc cancel")
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
