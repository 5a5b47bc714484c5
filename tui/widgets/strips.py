"""A widget that shows strips drawn by a function, and what drawing functions share."""

from collections.abc import Callable, Sequence

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

Draw = Callable[[int, int], Sequence[Strip]]
"""Draws strips in a width and a height, in cells."""


CURSOR_STYLE = Style(color="#000000", bgcolor="#56B4E9", bold=True)
"""Style of the line under the cursor."""


def text_strip(text: str, width: int, style: Style) -> Strip:
    """Return `text` as one line of exactly `width` cells, cut or padded."""
    return Strip([Segment(set_cell_size(text, width), style)], width)


class StripView(Widget):
    """Draws with a function of its size, and again when the size changes."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "StripView { height: 1fr; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._draw: Draw | None = None
        self._strips: Sequence[Strip] = ()
        self._drawn_for: tuple[Size, Style] | None = None

    def draw_with(self, draw: Draw | None) -> None:
        """Set the drawing function; None: nothing is drawn."""
        self._draw, self._drawn_for = draw, None
        self.refresh()

    def notify_style_update(self) -> None:
        """Draw again: the theme may have changed."""
        super().notify_style_update()
        self._drawn_for = None

    def render_line(self, y: int) -> Strip:
        """Return one line; draw all lines first if the size or the style has changed."""
        base, width = self.rich_style, self.size.width
        if self._drawn_for != (self.size, base):
            self._drawn_for = (self.size, base)
            strips = self._draw(width, self.size.height) if self._draw else ()
            self._strips = [strip.apply_style(base).crop_extend(0, width, base) for strip in strips]
        return self._strips[y] if y < len(self._strips) else Strip.blank(width, base)
