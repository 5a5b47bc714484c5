"""Pictures side by side, as many as fit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from textual.strip import Strip

    from tui.charts.halfblock import Pixels


class ImageGrid(StripView):
    """Pictures in half blocks, each above its label; in characters where there is no colour."""

    def show(self, images: "Pixels", labels: Sequence[str] = ()) -> None:
        """Show pictures from now on.

        Args:
            images: (k, H, W) grey or (k, H, W, 3), uint8.
            labels: a text a picture, cut to its width; empty: none.
        """
        colourless = bool(self.app.no_color)

        def draw(width: int, height: int) -> "Sequence[Strip]":
            from tui.charts.halfblock import grid_strips

            return grid_strips(images, labels, width, height, colourless)

        self.draw_with(draw)
