"""What all views of the Inspect screen share."""

from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.message import Message

from tui.actions import MOVE


class InspectView(Container, can_focus=True):
    """Shows one kind of answer; says what it wants to be asked for.

    Subclasses compose their widgets, take answers in `show`, and name in `OWN_FOCUS` the widget whose arrow keys move
    a cursor; without one, left and right move through time, and up and down scroll what there is to scroll.
    """

    DEFAULT_CSS = "InspectView { height: 1fr; }"
    LIVE_S: ClassVar[float] = 2.0
    """Seconds between two looks at a network that is being trained."""
    OWN_FOCUS: ClassVar[str] = ""
    """Selector of the widget that takes the focus when the view appears; "": the view itself."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_rows(-1)", "up", group=MOVE, show=False),
        Binding("down,j", "scroll_rows(1)", "down", group=MOVE, show=False),
        Binding("pageup", "scroll_rows(-10)", "page up", group=MOVE, show=False),
        Binding("pagedown", "scroll_rows(10)", "page down", group=MOVE, show=False),
    ]

    empty_reason: str = ""
    """Why there is nothing to show at the moment; "" where there is."""

    class OptionsChanged(Message):
        """The view's options have changed: it wants another answer."""

        def __init__(self, view: "InspectView") -> None:
            super().__init__()
            self.view = view

    class GoTo(Message):
        """Another view is to be opened."""

        def __init__(self, name: str, given: dict[str, Any]) -> None:
            super().__init__()
            self.name = name
            self.given = given

    @property
    def options(self) -> dict[str, Any]:
        """What the engine is asked for, beside the split."""
        return {}

    def show(self, answer: Any) -> None:
        """Show an answer of the engine's view of the same name."""
        raise NotImplementedError

    def accept(self, given: dict[str, Any]) -> None:
        """Take over what another view asks for with `GoTo`."""

    def request_answer(self) -> None:
        """Ask anew."""
        self.post_message(self.OptionsChanged(self))

    def action_scroll_rows(self, by: int) -> None:
        """Scroll what can be scrolled, by so many lines."""
        for scroll in self.query(VerticalScroll):
            scroll.scroll_relative(y=by, animate=False)

    @property
    def is_colourless(self) -> bool:
        """Whether shapes must carry what colours do."""
        return bool(self.app.no_color) or self.app.console.color_system in ("standard", "windows")
