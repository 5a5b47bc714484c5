"""The network as an editable list of layers."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive

from tui.charts.tones import MUTED
from tui.widgets.cells import cell_text
from tui.widgets.field_grid import FieldGrid

_WIDTHS = (8, 14, 20)
"""Of units, activation and init."""
_FIRST = 9
_OUTPUT = 8
_PARAMETERS = 12


@dataclass(frozen=True)
class LayerFigures:
    """What follows from a layer's choices; texts, empty where unknown."""

    kind: str
    output: str
    parameters: str


class LayerTable(FieldGrid):
    """A row a layer: units, activation and init to edit; output shape and parameters as they follow."""

    figures: reactive[Sequence[LayerFigures]] = reactive(())
    """A row's figures, in the order of `rows`."""
    input_text: reactive[str] = reactive("")
    """What goes in: dataset, shape and number of features."""

    def watch_figures(self) -> None:
        self._redraw()

    def watch_input_text(self) -> None:
        self._redraw()

    def cell_region(self, row: int, column: int) -> Region:
        """Return where a cell lies; two lines of heading come first."""
        return Region(_FIRST + sum(_WIDTHS[:column]), row + 2, _WIDTHS[column] - 1, 1)

    def draw(self) -> list[Content]:
        """Return heading, input and a line a layer."""
        return [self._heading(), self._input(), *(self._row(row) for row in range(len(self.rows)))]

    def _heading(self) -> Content:
        names = ("units", "activation", "init")
        left = "  layer".ljust(_FIRST) + "".join(
            name.ljust(width) for name, width in zip(names, _WIDTHS, strict=True)
        )
        right = "output".rjust(_OUTPUT - 1) + "parameters".rjust(_PARAMETERS)
        return Content.assemble((left + right, MUTED))

    def _input(self) -> Content:
        return Content.assemble(("  input  ", MUTED), (self.input_text, MUTED))

    def _row(self, index: int) -> Content:
        here, column = self.cursor
        is_here = index == here
        figures = self.figures[index] if index < len(self.figures) else LayerFigures("dense", "", "")
        cells = [
            cell_text(
                field,
                _WIDTHS[i],
                is_current=is_here and i == column,
                has_focus=self.has_focus,
                choosing=self.choosing,
            )
            for i, field in enumerate(self.rows[index])
        ]
        mark = "▸" if is_here else " "
        return Content.assemble(
            (f"{mark}{index} {figures.kind}".ljust(_FIRST), "bold" if is_here else ""),
            *cells,
            (figures.output.rjust(_OUTPUT - 1) + figures.parameters.rjust(_PARAMETERS), MUTED),
        )
