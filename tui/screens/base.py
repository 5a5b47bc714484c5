"""What all top-level screens share: the line of tabs, the line of purpose, the footer of keys."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from tui.actions import SCREENS

if TYPE_CHECKING:
    from tui.app import NntermApp
    from tui.session import Session


class LabScreen(Screen[None]):
    """A top-level screen: subclasses name their MODE and PURPOSE and yield their widgets in `body`."""

    MODE: ClassVar[str] = ""
    PURPOSE: ClassVar[str] = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (35, "-tall")]

    def compose(self) -> ComposeResult:
        yield Static(tabs(self.MODE), id="tabs")
        yield Static(self.PURPOSE, id="purpose")
        yield from self.body()
        yield Footer(show_command_palette=False)

    def body(self) -> ComposeResult:
        """Yield the screen's own widgets."""
        yield from ()

    @property
    def lab(self) -> "NntermApp":
        """The app, by its own type."""
        from tui.app import NntermApp

        if not isinstance(self.app, NntermApp):
            raise TypeError(f"{type(self).__name__} belongs in the nnterm app")
        return self.app

    @property
    def session(self) -> "Session":
        """What the app has chosen so far."""
        return self.lab.session


def tabs(current: str) -> Content:
    """Return the line ` nnterm  1 Data  2 Build ...` with the current screen marked."""
    line = Content.from_markup("[bold $accent] nnterm [/] ")
    for mode, title, digit, *_ in SCREENS:
        style = "bold reverse $primary" if mode == current else "$text-muted"
        line += Content.from_markup(f"[{style}] {digit} {title} [/] ")
    return line
