"""Shows strips that somebody else has drawn: pictures, points, whatever is a list of lines."""

from collections.abc import Callable, Sequence

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

Draw = Callable[[int, int], Sequence[Strip]]
"""Draws into a width and a height, in cells."""


class StripView(Widget):
    """Calls `draw` for its size, and again when the size changes."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "StripView { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._draw: Draw | None = None
        self._strips: Sequence[Strip] = ()
        self._drawn_for: Size | None = None

    def show(self, draw: Draw | None) -> None:
        """Show what `draw` draws from now on; None shows nothing."""
        self._draw, self._drawn_for = draw, None
        self.refresh()

    def on_resize(self) -> None:
        """Draw anew in the new size."""
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line, drawing all of them first if the size is new."""
        if self._drawn_for != self.size:
            self._drawn_for = self.size
            self._strips = self._draw(self.size.width, self.size.height) if self._draw else ()
        base, width = self.rich_style, self.size.width
        if y >= len(self._strips):
            return Strip.blank(width, base)
        return self._strips[y].apply_style(base).crop_extend(0, width, base)
