"""The drawing of a network."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.charts.network_map import NetworkColumn, draw_network


class NetworkDrawing(Widget):
    """Draws `columns` in the size of the widget."""

    DEFAULT_CSS = "NetworkDrawing { height: 1fr; width: 1fr; }"

    columns: reactive[tuple[NetworkColumn, ...]] = reactive(())
    """The input and each layer; empty: nothing is drawn."""

    def render(self) -> Content:
        """Return the drawing."""
        if not self.columns:
            return Content("")
        return Content("\n").join(draw_network(self.columns, self.size.width, self.size.height))
