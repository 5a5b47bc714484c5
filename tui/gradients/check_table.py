"""The table of a gradient check: a row per tensor with the gradients of each method at its worst coordinate."""

import math
from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.widgets import DataTable

from engine.gradcheck.events import ParameterReport
from tui.actions import LIST_KEYS
from tui.theme import GREEN, VERMILION, YELLOW

VERDICTS = {
    "ok": ("✓ agrees", GREEN),
    "wrong": ("✗ wrong", VERMILION),
    "not_finite": ("✗ NaN/Inf", VERMILION),
    "kink": ("~ kink", YELLOW),
    "unchecked": ("– not yet", "dim"),
}
"""Text and colour of each verdict; no verdict is shown by colour alone."""
WIDE = 130
"""Minimum columns for shape, index and more digits."""


class CheckTable(DataTable[Text]):
    """A row per tensor; rows that change are updated in place."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *LIST_KEYS,
        Binding("enter", "select_cursor", "map", tooltip="show the error map of this tensor"),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes, cursor_type="row", zebra_stripes=False)
        self._rows: list[ParameterReport] = []
        self._is_wide: bool | None = None

    @property
    def selected(self) -> ParameterReport | None:
        """The row under the cursor."""
        return self._rows[self.cursor_row] if 0 <= self.cursor_row < len(self._rows) else None

    def show(self, rows: Sequence[ParameterReport]) -> None:
        """Show these rows; the cursor keeps its position if the names are the same."""
        before, self._rows = self._rows, list(rows)
        if [row.name for row in before] != [row.name for row in self._rows]:
            self._fill()
            return
        for y, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            if old != new:
                for x, cell in enumerate(self._cells(new)):
                    self.update_cell_at((y, x), cell)  # type: ignore[arg-type]

    def go_to_wrong(self) -> None:
        """Move the cursor to the first tensor with a wrong gradient."""
        wrong = (y for y, row in enumerate(self._rows) if row.verdict in ("wrong", "not_finite"))
        self.move_cursor(row=next(wrong, self.cursor_row))

    def on_resize(self, event: Resize) -> None:
        """Redraw for the new size."""
        wide = event.size.width >= WIDE
        if wide != self._is_wide:
            self._is_wide = wide
            self._fill()

    def _fill(self) -> None:
        cursor = self.cursor_row
        self.clear(columns=True)
        for name, width in self._columns():
            self.add_column(name, width=width)
        for row in self._rows:
            self.add_row(*self._cells(row))
        self.move_cursor(row=cursor)

    def _columns(self) -> list[tuple[str, int]]:
        wide = self._is_wide
        places = [("shape", 12), ("at", 12)] if wide else []
        width = 17 if wide else 11
        values = [(name.rjust(width), width) for name in ("analytic", "differences", "PyTorch")]
        error = 11 if wide else 8
        return [
            ("parameter", 20 if wide else 15),
            *places,
            *values,
            ("error".rjust(error), error),
            ("verdict", 9),
        ]

    def _cells(self, row: ParameterReport) -> list[Text]:
        digits = 9 if self._is_wide else 4
        places = [Text(shape_text(row.shape)), Text(index_text(row.index))] if self._is_wide else []
        values = (row.analytic, row.finite_difference, row.torch)
        word, style = VERDICTS.get(row.verdict, (row.verdict, ""))
        error = row.relative_error
        figure = "–" if row.verdict == "unchecked" or math.isnan(error) else f"{error:.1e}"
        return [
            Text(row.name),
            *places,
            *(Text(number(value, digits), justify="right") for value in values),
            Text(figure, justify="right"),
            Text(word, style),
        ]


def number(value: float | None, digits: int) -> str:
    """Return a gradient in scientific notation of a fixed width; `–` for None."""
    return "–" if value is None else f"{value: .{digits}e}"


def shape_text(shape: Sequence[int]) -> str:
    """Return a shape such as `128 × 784`."""
    return " × ".join(str(size) for size in shape)


def index_text(index: Sequence[int]) -> str:
    """Return an index such as `[3, 411]`; `–` if no coordinate was checked."""
    return f"[{', '.join(str(i) for i in index)}]" if index else "–"
