"""A field for a filter or a value, with an error message; hidden until it is opened."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from tui.widgets.plain_input import PlainInput


class FilterField(Vertical):
    """Reports the text while it is typed, and when it is submitted."""

    DEFAULT_CSS = """
    FilterField { display: none; height: auto; }
    FilterField.-shown { display: block; }
    FilterField Input, FilterField Input:focus {
        border: round $border; height: 3; padding: 0 1; background: $background; background-tint: transparent;
        border-subtitle-color: $text-muted;
    }
    FilterField Input:focus { border: round $accent; }
    FilterField .mistake { display: none; }
    FilterField .mistake.-shown { display: block; }
    """

    class Typed(Message):
        """The text is `text`, stripped; empty: no filter."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Done(Message):
        """The user submits the text; it may be invalid."""

    def __init__(
        self,
        placeholder: str,
        *,
        title: str = "filter",
        keys: str = "enter keeps · esc lists all",
        suggester: Suggester | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._placeholder, self._title, self._keys = placeholder, title, keys
        self._suggester = suggester

    def compose(self) -> ComposeResult:
        field = PlainInput(placeholder=self._placeholder, suggester=self._suggester, select_on_focus=False)
        field.border_title, field.border_subtitle = self._title, self._keys
        yield field
        yield Static(classes="mistake")

    @property
    def is_open(self) -> bool:
        """True if the field is visible."""
        return self.has_class("-shown")

    @property
    def is_wrong(self) -> bool:
        """True if an error message is shown."""
        return self.query_one(Static).has_class("-shown")

    @property
    def text(self) -> str:
        """The typed text, stripped."""
        return self.query_one(Input).value.strip()

    def open(self, text: str) -> None:
        """Show the field with `text` and focus it."""
        self.add_class("-shown")
        field = self.query_one(Input)
        field.value = text
        field.cursor_position = len(text)
        field.focus()

    def close(self) -> None:
        """Hide the field."""
        self.show_error("")
        self.remove_class("-shown")

    def show_error(self, message: str) -> None:
        """Show an error message below the field; an empty one hides it."""
        mistake = self.query_one(Static)
        mistake.update(Content(message))
        mistake.set_class(bool(message), "-shown")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(event.value.strip()))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Typed(event.value.strip()))
        self.post_message(self.Done())
