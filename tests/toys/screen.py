"""A toy screen with one line."""

from textual.app import ComposeResult
from textual.widgets import Static

from tui.actions import TopScreen
from tui.shell.screen import LabScreen


class ToyScreen(LabScreen):
    """Shows a line; it has a key in the top line and a place in the palette."""

    MODE = "toy"
    PURPOSE = "a screen to play with"

    def body(self) -> ComposeResult:
        """Yield the line."""
        yield Static("all toys")


ROW = TopScreen("toy", "Toy", "7", "f8", "play", "tests.toys.screen:ToyScreen")
"""The row of SCREENS."""
