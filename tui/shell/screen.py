"""The base of all top-level screens: top line, line of purpose, key bar."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.events import ScreenResume
from textual.messages import Prune
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static

from tui.config.keys import name_actions
from tui.shell.key_bar import KeyBar
from tui.shell.lab import LabApp
from tui.shell.top_bar import TopBar

if TYPE_CHECKING:
    from tui.session import Session


_WIDTHS = [(0, "-narrow"), (120, "-wide")]
_HEIGHTS = [(0, "-short"), (35, "-tall")]


class LabScreen(Screen[None]):
    """A top-level screen: subclasses set MODE and PURPOSE and yield their widgets in `body`.

    CSS classes tell the size: `-narrow` below 120 columns, else `-wide`; `-short` below 35 rows, else `-tall`. A screen
    is never smaller than 80x24.
    """

    MODE: ClassVar[str] = ""
    PURPOSE: ClassVar[str] = ""
    """The screen's purpose in a line of at most 78 characters."""
    HELP: ClassVar[str | None] = None
    """A paragraph for the help, after the purpose."""
    KEY_STATES: ClassVar[Mapping[str, str]] = {}
    """For actions that are disabled at times, by name: when they are available, for the help (`while it trains`)."""
    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS

    status: reactive[str] = reactive("")
    """The text at the right of the top line; empty: the state of the session's run."""

    def __init__(self) -> None:
        super().__init__()
        name_actions(self._bindings, self.MODE)
        self._was_shown = False

    @on(ScreenResume)
    def _resumed(self, event: ScreenResume) -> None:
        """Tell the session what the user looks at, and keep the styles; a subclass's own handler is called as well.

        Textual applies all styles again, a quarter of the time that a change of screens takes. They are right already: a
        change of the theme, the size or a class applies its own.
        """
        self.session.look_at(self.MODE)
        event.refresh_styles = not self._was_shown
        self._was_shown = True

    def compose(self) -> ComposeResult:
        yield TopBar(self.mode).data_bind(status=LabScreen.status)
        yield Static(self.PURPOSE, id="purpose")
        yield from self.body()
        yield KeyBar()

    def body(self) -> ComposeResult:
        """Yield the screen's own widgets."""
        yield from ()

    def show_target(self, target: str) -> None:
        """Go to the dataset, view or setting `target` of this screen, chosen in the palette; subclasses override it."""

    @property
    def is_shown(self) -> bool:
        """True if the user sees the screen: nothing lies above it, or dialogs alone, behind which it stays visible."""
        stack = self.app.screen_stack
        return self in stack and all(above.is_modal for above in stack[stack.index(self) + 1 :])

    async def on_prune(self, event: Prune) -> None:
        """Cancel the workers while the widgets that they write to still exist."""
        self.workers.cancel_node(self)

    @property
    def mode(self) -> str:
        """The screen's mode; the top line marks its tab."""
        return self.MODE

    @property
    def lab(self) -> LabApp:
        """The app, typed as LabApp."""
        if not isinstance(self.app, LabApp):
            raise TypeError(f"{type(self).__name__} belongs in the nnterm app")
        return self.app

    @property
    def session(self) -> "Session":
        """The user's choices so far."""
        return self.lab.session
