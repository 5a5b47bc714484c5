"""The base of all views of the Inspect screen."""

from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.message import Message

from tui.actions import MOVE


class InspectView(Container, can_focus=True):
    """Shows one kind of answer; its `options` are the options of its requests.

    Subclasses compose their widgets, show answers in `show`, and name in `OWN_FOCUS` the widget whose arrow keys move
    a cursor; without one, left and right move through the checkpoints, and up and down scroll.
    """

    DEFAULT_CSS = "InspectView { height: 1fr; }"
    LIVE_S: ClassVar[float] = 2.0
    """Seconds between two requests for a network that is being trained."""
    OWN_FOCUS: ClassVar[str] = ""
    """Selector of the widget that gets the focus when the view is opened; "": the view itself."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_rows(-1)", "up", group=MOVE, show=False),
        Binding("down,j", "scroll_rows(1)", "down", group=MOVE, show=False),
        Binding("pageup", "scroll_rows(-10)", "page up", group=MOVE, show=False),
        Binding("pagedown", "scroll_rows(10)", "page down", group=MOVE, show=False),
    ]

    empty_reason: str = ""
    """The reason why there is nothing to show; "" if there is an answer."""

    class OptionsChanged(Message):
        """The options of the view have changed, so that it needs another answer."""

        def __init__(self, view: "InspectView") -> None:
            super().__init__()
            self.view = view

    class GoTo(Message):
        """Another view is to be opened; `given` is passed to its `accept`.

        Args:
            origin: the view that opens it, to which escape returns; "": another screen does.
        """

        def __init__(self, name: str, given: dict[str, Any], origin: str = "") -> None:
            super().__init__()
            self.name = name
            self.given = given
            self.origin = origin

    @property
    def options(self) -> dict[str, Any]:
        """Options of a request, without the split."""
        return {}

    def show(self, answer: Any) -> None:
        """Show an answer of the engine's view of the same name."""
        raise NotImplementedError

    def accept(self, given: dict[str, Any]) -> None:
        """Apply the values that another view passes with `GoTo`; empty ones restore what the view shows at first."""

    def request_answer(self) -> None:
        """Request a new answer."""
        self.post_message(self.OptionsChanged(self))

    def action_scroll_rows(self, by: int) -> None:
        """Scroll by `by` lines."""
        for scroll in self.query(VerticalScroll):
            scroll.scroll_relative(y=by, animate=False)

    @property
    def is_colourless(self) -> bool:
        """True if characters must be drawn instead of colours."""
        return bool(self.app.no_color) or self.app.console.color_system in ("standard", "windows")


def previous_and_next(action: str, what: str) -> tuple[Binding, Binding]:
    """Return the bindings of } and {, the next and the previous of what a view shows one at a time."""
    return (
        Binding("right_curly_bracket", f"{action}(1)", what, key_display="{ }", tooltip=f"next {what}"),
        Binding(
            "left_curly_bracket",
            f"{action}(-1)",
            what,
            key_display="{",
            show=False,
            tooltip=f"previous {what}",
        ),
    )
