"""Tables for people: ruled on a terminal, bare columns in a pipe."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeGuard

from engine.printable import printable
from tui.cli import output

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text


def table(columns: Sequence[str], rows: "Iterable[Sequence[str | Text]]", left: int = 1) -> "Table":
    """Return a table; the first `left` columns are set to the left, the others (figures) to the right.

    Control characters in plain cells are spelt out.
    """
    from rich import box
    from rich.table import Table

    live = output.is_live()
    grid = Table(box=box.SIMPLE_HEAD if live else None, pad_edge=False, header_style="bold" if live else "")
    for position, name in enumerate(columns):
        side = "left" if position < left else "right"
        grid.add_column(name, justify=side, no_wrap=True, overflow="ellipsis")  # type: ignore[arg-type]
    cells = [[printable(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    if cells and _are_plain(cells):
        grid.add_row(*(_Stack(column, i < left) for i, column in enumerate(zip(*cells, strict=True))))
    else:
        for row in cells:
            grid.add_row(*row)
    return grid


def _are_plain(rows: "Sequence[Sequence[str | Text]]") -> TypeGuard[Sequence[Sequence[str]]]:
    return all(isinstance(cell, str) for row in rows for cell in row)


class _Stack:
    """The cells of a whole column as one cell, a line each: rich, which lays out every cell by itself, takes 2 s for
    a thousand rows of ten.
    """

    def __init__(self, cells: Sequence[str], is_left: bool) -> None:
        self._cells, self._is_left = cells, is_left

    def __rich_measure__(self, console: "Console", options: "ConsoleOptions") -> "Measurement":
        from rich.cells import cell_len
        from rich.measure import Measurement

        width = max(cell_len(cell) for cell in self._cells)
        return Measurement(width, width)

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        from rich.segment import Segment

        yield Segment("\n".join(self._fitted(cell, options.max_width) for cell in self._cells))

    def _fitted(self, cell: str, width: int) -> str:
        """Return a cell in exactly `width` terminal cells; what is too long ends in an ellipsis."""
        from rich.cells import cell_len, set_cell_size

        spare = width - cell_len(cell)
        if spare < 0:
            return set_cell_size(cell, width - 1) + "…"
        return cell + " " * spare if self._is_left else " " * spare + cell
