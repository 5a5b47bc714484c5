"""Points in the plane."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.theme import MARKS, SERIES
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from textual.strip import Strip


class Scatter(StripView):
    """Points as marks, a colour and a mark a class."""

    def show(
        self,
        points: "ArrayLike",
        classes: "ArrayLike",
        *,
        marks: Sequence[str] = MARKS,
        colours: Sequence[str] = SERIES,
    ) -> None:
        """Show points (m, 2) of classes (m,) from now on; those of a class below 0 are left out."""

        def draw(width: int, height: int) -> "Sequence[Strip]":
            from tui.charts.scatter import scatter_strips

            return scatter_strips(points, classes, width, height, marks, colours)

        self.draw_with(draw)
