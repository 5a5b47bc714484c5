"""The cover shown while the terminal is too small."""

from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

MIN_WIDTH, MIN_HEIGHT = 80, 24


def is_too_small(size: Size) -> bool:
    """Return whether a terminal of this size is too small for the screens."""
    return size.width < MIN_WIDTH or size.height < MIN_HEIGHT


class TooSmall(ModalScreen[None]):
    """Covers everything while the terminal is smaller than the screens need, and closes itself when it is not."""

    DEFAULT_CSS = """
    TooSmall { background: $background; }
    #too-small { width: 100%; height: 100%; content-align: center middle; text-align: center; color: $text-warning; }
    """

    def compose(self) -> ComposeResult:
        yield Static("", id="too-small")

    def on_screen_resume(self) -> None:
        """Close at once if the terminal was enlarged while another screen was shown."""
        self.on_resize()

    def on_resize(self) -> None:
        """Show the terminal's size and the size needed, or close."""
        size = self.app.size
        if is_too_small(size):
            self.query_one("#too-small", Static).update(
                f"nnterm needs {MIN_WIDTH}×{MIN_HEIGHT}, this terminal is {size.width}×{size.height}.\n"
                "Enlarge it to continue. ctrl+q quits."
            )
        elif self.is_current:
            self.dismiss()
