"""The network as an editable list of layers."""

from collections.abc import Sequence
from dataclasses import replace

from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive

from tui.charts.tones import MUTED
from tui.draft.field import Field
from tui.draft.tables import ALL_HIDDEN
from tui.draft.views import LayerRow
from tui.widgets.cells import cell_text
from tui.widgets.field_grid import FieldGrid

_WIDTHS = (9, 13, 18)
"""Widths of the columns units, activation and init, in cells."""
_SLOTS = {"units": 0, "rate": 0, "activation": 1, "init": 2, "momentum": 2}
"""The column of a field, by the last part of its key."""
_HEADED = {"units", "activation", "init"}
"""Fields that the heading of their column names."""
_FIRST = 13
_OUTPUT = 8
_PARAMETERS = 11

Row = tuple[Field, ...]


class LayerTable(FieldGrid):
    """One row per layer: its editable fields, then its output shape and number of parameters.

    Above them, if there are two hidden layers or more, a row whose fields set all hidden layers at once. A dense layer
    fills all three columns; other kinds fill some of them, or have a field of their own there.
    """

    figures: reactive[Sequence[LayerRow]] = reactive(())
    """The derived figures of each row."""
    input_text: reactive[str] = reactive("")
    """The input: dataset, shape and number of features."""

    @property
    def shift(self) -> int:
        """The number of rows above the first layer: 1 with the row for all hidden layers."""
        return int(bool(self.rows) and self.rows[0][0].key.startswith(ALL_HIDDEN))

    @property
    def is_on_all(self) -> bool:
        """True if the cursor is on the row for all hidden layers."""
        return self.cursor[0] < self.shift

    @property
    def selected_layer(self) -> int:
        """The layer under the cursor; the first one on the row for all hidden layers."""
        return max(0, self.cursor[0] - self.shift)

    def show(self, all_hidden: Row, layers: Sequence[Row], selected: int) -> None:
        """Show these rows; the cursor stays on the row for all hidden layers, or goes to layer `selected`."""
        was_on_all, column = self.is_on_all, self.cursor[1]
        self.rows = (*((all_hidden,) if all_hidden else ()), *layers)
        row = 0 if was_on_all and all_hidden else selected + self.shift
        self.cursor = (row, min(column, len(self.rows[row]) - 1))

    def watch_figures(self) -> None:
        self._redraw()

    def watch_input_text(self) -> None:
        self._redraw()

    def cell_region(self, row: int, column: int) -> Region:
        """Return a cell's region; two lines of heading come first."""
        slot = _slots(self.rows[row])[column]
        return Region(_FIRST + sum(_WIDTHS[:slot]), row + 2, _WIDTHS[slot] - 1, 1)

    def draw(self) -> list[Content]:
        """Return heading, input and one line per layer."""
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
        label, figures = self._label(index)
        cells = [Content(" " * width) for width in _WIDTHS]
        for i, (field, slot) in enumerate(zip(self.rows[index], _slots(self.rows[index]), strict=True)):
            cells[slot] = cell_text(
                _with_name(field, _WIDTHS[slot] - 1),
                _WIDTHS[slot],
                is_current=is_here and i == column,
                has_cursor=self.shows_cursor,
            )
        mark = "▸" if is_here else " "
        return Content.assemble(
            (f"{mark}{label}".ljust(_FIRST), "bold" if is_here and self.has_focus else ""),
            *cells,
            (figures.output.rjust(_OUTPUT - 1) + figures.parameters.rjust(_PARAMETERS), MUTED),
        )

    def _label(self, row: int) -> tuple[str, LayerRow]:
        """Return a row's name and the derived figures of its layer."""
        layer = row - self.shift
        if layer < 0:
            return "all hidden", LayerRow("", "", "")
        figures = self.figures[layer] if layer < len(self.figures) else LayerRow("dense", "", "")
        return f"{layer} {figures.kind}", figures


def _slots(row: Sequence[Field]) -> list[int]:
    """The column of each field of a row: its own one, else the first that is left."""
    names = [field.key.rpartition(".")[2] for field in row]
    left = [slot for slot in range(len(_WIDTHS)) if slot not in {_SLOTS.get(name) for name in names}]
    return [_SLOTS[name] if name in _SLOTS else left.pop(0) for name in names]


def _with_name(field: Field, width: int) -> Field:
    """Return a field with its name before the value, if the heading lacks it and there is room."""
    name = field.key.rpartition(".")[2]
    shown = f"{name} {field.shown}"
    return replace(field, shown=shown) if name not in _HEADED and len(shown) <= width else field
