"""The table of a machine's devices: a row per processor or GPU, with PyTorch's support for it."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.events import Resize
from textual.widgets import DataTable

from tui.actions import LIST_KEYS
from tui.theme import GREEN, VERMILION, YELLOW
from tui.words.devices import COLUMNS

_WIDTHS = {"device": 7, "memory": 15, "sm": 4, "load": 5, "temp": 6, "PyTorch": 9}
_STYLES = {"✓": GREEN, "✗": VERMILION, "hidden": YELLOW}
_FIGURES = ("memory", "sm", "load", "temp")
_CELL_PADDING = 2


class DeviceTable(DataTable[Text]):
    """A row per device with the cells of `COLUMNS`; the name column gets the remaining width."""

    BINDINGS: ClassVar[list[BindingType]] = [*LIST_KEYS]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes, cursor_type="row", zebra_stripes=False)
        self._rows: list[tuple[str, ...]] = []

    def show(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Replace the rows."""
        if list(rows) != self._rows:
            self._rows = list(rows)
            self._fill()

    def on_resize(self, event: Resize) -> None:
        """Redraw for the new size."""
        self._fill()

    def _fill(self) -> None:
        cursor = self.cursor_row
        self.clear(columns=True)
        for name in COLUMNS:
            width = _WIDTHS.get(name) or self._room_for_names()
            self.add_column(Text(name, justify="right" if name in _FIGURES else "left"), width=width)
        for row in self._rows:
            self.add_row(*(_cell(name, text) for name, text in zip(COLUMNS, row, strict=True)))
        self.move_cursor(row=cursor)

    def _room_for_names(self) -> int:
        taken = sum(_WIDTHS.values()) + _CELL_PADDING * len(COLUMNS)
        return max(12, self.size.width - taken - 1)


def _cell(column: str, text: str) -> Text:
    if column == "PyTorch":
        return Text(text, next((style for sign, style in _STYLES.items() if sign in text), "dim"))
    return Text(text, justify="right" if column in _FIGURES else "left", overflow="ellipsis", no_wrap=True)
