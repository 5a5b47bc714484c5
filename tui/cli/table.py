"""Tables for people: ruled on a terminal, bare columns in a pipe."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tui.cli import output

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


def table(columns: Sequence[str], rows: "Iterable[Sequence[str | Text]]", left: int = 1) -> "Table":
    """Return a table; the first `left` columns are set to the left, the others (figures) to the right."""
    from rich import box
    from rich.table import Table

    live = output.is_live()
    grid = Table(box=box.SIMPLE_HEAD if live else None, pad_edge=False, header_style="bold" if live else "")
    for position, name in enumerate(columns):
        side = "left" if position < left else "right"
        grid.add_column(name, justify=side, no_wrap=True, overflow="ellipsis")  # type: ignore[arg-type]
    for row in rows:
        grid.add_row(*row)
    return grid
