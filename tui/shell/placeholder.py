"""What stands in for a top-level screen whose file does not exist."""

from textual.app import ComposeResult
from textual.widgets import Static

from tui.actions import TopScreen
from tui.shell.screen import LabScreen


class Placeholder(LabScreen):
    """Says that there is nothing here, and lets the user go on to other screens."""

    def __init__(self, screen: TopScreen) -> None:
        self._screen = screen
        super().__init__()

    @property
    def mode(self) -> str:
        """The mode of the screen that is missing."""
        return self._screen.mode

    def body(self) -> ComposeResult:
        """Yield one line."""
        yield Static(f"{self._screen.title} is not part of this build of nnterm.", classes="empty")
