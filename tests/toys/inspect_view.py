"""The toy view `size` on the Inspect screen."""

from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.widgets import Static

from tui.inspect.registry import Entry
from tui.inspect.view import InspectView

if TYPE_CHECKING:
    from tests.toys.view import ParameterCount

ENTRY = Entry("size", "y", "Size", "The number of parameters.", option="Number of parameters.")
"""The entry in `tui/inspect/registry.py`."""


class SizeView(InspectView):
    """Shows the number of parameters."""

    def compose(self) -> ComposeResult:
        yield Static()

    def show(self, answer: "ParameterCount | Any") -> None:
        """Show the number of parameters."""
        self.query_one(Static).update(f"{answer.parameters:,} parameters")
