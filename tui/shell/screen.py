"""What all top-level screens share: the top line, the line of purpose, the footer of keys."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.messages import Prune
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static

from tui.shell.key_bar import KeyBar
from tui.shell.lab import LabApp
from tui.shell.top_bar import TopBar

if TYPE_CHECKING:
    from tui.session import Session


_WIDTHS = [(0, "-narrow"), (120, "-wide")]
_HEIGHTS = [(0, "-short"), (35, "-tall")]


class LabScreen(Screen[None]):
    """A top-level screen: subclasses name their MODE and PURPOSE and yield their widgets in `body`.

    Classes tell the size: `-narrow` below 120 columns, else `-wide`; `-short` below 35 rows, else `-tall`. A screen is
    never smaller than 80x24.
    """

    MODE: ClassVar[str] = ""
    PURPOSE: ClassVar[str] = ""
    """What the screen is for, in a line of at most 78 characters."""
    HELP: ClassVar[str | None] = None
    """What help says beyond the purpose, a paragraph."""
    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS

    status: reactive[str] = reactive("")
    """What stands at the right of the top line; empty: how the session's run stands."""

    def compose(self) -> ComposeResult:
        yield TopBar(self.mode).data_bind(status=LabScreen.status)
        yield Static(self.PURPOSE, id="purpose")
        yield from self.body()
        yield KeyBar()

    def body(self) -> ComposeResult:
        """Yield the screen's own widgets."""
        yield from ()

    async def on_prune(self, event: Prune) -> None:
        """Stop what runs in the background while the widgets that it writes to are still there."""
        self.workers.cancel_node(self)

    @property
    def mode(self) -> str:
        """The screen's mode; its tab is marked."""
        return self.MODE

    @property
    def lab(self) -> LabApp:
        """The app, by its own type."""
        if not isinstance(self.app, LabApp):
            raise TypeError(f"{type(self).__name__} belongs in the nnterm app")
        return self.app

    @property
    def session(self) -> "Session":
        """What the app has chosen so far."""
        return self.lab.session
