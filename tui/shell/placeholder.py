"""The screen that stands for a top-level screen that cannot be opened."""

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tui.actions import TopScreen
from tui.shell.screen import LabScreen
from tui.words.plain import plain_lines


class Placeholder(LabScreen):
    """Shows why `screen` cannot be opened; the other screens stay available.

    Args:
        error: raised by importing the screen's module or by making the screen.
    """

    def __init__(self, screen: TopScreen, error: Exception) -> None:
        self._screen, self._error = screen, error
        super().__init__()

    @property
    def mode(self) -> str:
        """The mode of the screen that is missing."""
        return self._screen.mode

    def body(self) -> ComposeResult:
        """Yield the reason."""
        yield Static(Content(plain_lines(self.reason)), classes="empty")

    @property
    def reason(self) -> str:
        """The reason why the screen cannot be opened, in a sentence."""
        module = self._screen.home.partition(":")[0]
        error = self._error
        if isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}."):
            return f"{self._screen.title} is not part of this build of nnterm."
        return (
            f"{self._screen.title} cannot be opened: {type(error).__name__}: {error}\n"
            f'python -c "import {module}" shows the traceback.'
        )
