"""The last line of a form: enter applies it."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from engine.words import counted
from tui.charts.tones import MUTED


class ApplyLine(Widget, can_focus=True):
    """Shows what enter does; a number that is typed here goes to the field under the form's cursor."""

    DEFAULT_CSS = """
    ApplyLine { height: 1; margin-top: 1; padding: 0 1; }
    ApplyLine:focus { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "apply", "apply"),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
    ]

    changes: reactive[int] = reactive(0)
    """Number of changed settings."""

    class Applied(Message):
        """The user applies the form."""

    class Left(Message):
        """The user moves up (`direction` -1) or down (1) from the line."""

        def __init__(self, direction: int) -> None:
            super().__init__()
            self.direction = direction

    class Typed(Message):
        """The user typed a digit, a point or a sign."""

        def __init__(self, character: str) -> None:
            super().__init__()
            self.character = character

    def __init__(self, verb: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._verb = verb

    def render(self) -> Content:
        """Return the line."""
        n = self.changes
        words = "without changes" if not n else f"with {counted(n, 'change')}"
        rest = f"  {words}" + ("  ↑ back to the form" if self.has_focus else "")
        return Content.assemble(f"⏎ {self._verb}", (rest, "" if self.has_focus else MUTED))

    def action_apply(self) -> None:
        """Report that the form is applied."""
        self.post_message(self.Applied())

    def action_move(self, by: int) -> None:
        """Report that the line is left."""
        self.post_message(self.Left(by))

    def on_key(self, event: Key) -> None:
        """Report what begins a number."""
        if event.character and event.character in "0123456789.":
            event.stop()
            self.post_message(self.Typed(event.character))

    def on_click(self) -> None:
        """Apply on a click."""
        self.action_apply()
