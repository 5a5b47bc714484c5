"""The table of datasets."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import DataTable

from tui.actions import MOVE

if TYPE_CHECKING:
    from engine.data import DatasetInfo

_COLUMNS = (("dataset", 12), ("task", 14), ("samples", 8), ("features", 8), ("classes", 7), ("size", 8))
"""Head and width of each column; numbers are aligned to the right."""
_FIRST_NUMBER = 2


class DatasetTable(DataTable[Content], inherit_bindings=False):
    """Lists datasets; reports the one under the cursor and the selected one."""

    HELP = "A line a dataset: what is to be learnt, from how many samples of how many numbers, their size in memory."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "select_cursor", "take it, build", tooltip="take this dataset and build a network for it"
        ),
        Binding("up,k", "cursor_up", "up", show=False, group=MOVE),
        Binding("down,j", "cursor_down", "down", show=False, group=MOVE),
        Binding("pageup", "page_up", "a page up", show=False, group=MOVE),
        Binding("pagedown", "page_down", "a page down", show=False, group=MOVE),
        Binding("home", "scroll_top", "to the first", show=False, group=MOVE),
        Binding("end", "scroll_bottom", "to the last", show=False, group=MOVE),
        Binding("left,h", "cursor_left", show=False),
        Binding("right,l", "cursor_right", show=False),
    ]

    class Highlighted(Message):
        """The cursor is on the dataset `name`."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Selected(Message):
        """The user selects the dataset `name`."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes, cursor_type="row")
        self._infos: dict[str, DatasetInfo] = {}
        self._word = self._sought = ""

    def on_mount(self) -> None:
        """Add the columns."""
        for i, (head, width) in enumerate(_COLUMNS):
            self.add_column(Text(head, justify="right" if i >= _FIRST_NUMBER else "left"), width=width)

    def show(self, infos: "Sequence[DatasetInfo]") -> None:
        """List these datasets, as far as they pass the filter."""
        self._infos = {info.name: info for info in infos}
        self._fill()
        if self._sought:
            self.go_to(self._sought)

    def add(self, info: "DatasetInfo") -> None:
        """Append a dataset, or replace the one of its name, clear the filter, and move the cursor there."""
        self._infos[info.name] = info
        self._word = ""
        self._fill()
        self.move_cursor(row=self.get_row_index(info.name))

    def go_to(self, name: str) -> None:
        """Put the cursor on the dataset `name` as soon as it is listed; a filter that hides it is cleared."""
        self._sought = name
        if name in self._infos:
            if name not in self.names:
                self.filter("")
            self._sought = ""
            self.move_cursor(row=self.get_row_index(name))

    def filter(self, word: str) -> None:
        """List only datasets whose row or title contains `word`; an empty word lists all."""
        self._word = word.strip().lower()
        self._fill()

    @property
    def names(self) -> list[str]:
        """Names of the listed datasets, from the top."""
        return [str(key.value) for key in self.rows]

    @property
    def filter_word(self) -> str:
        """The word by which the list is filtered; empty: no filter."""
        return self._word

    def info(self, name: str) -> "DatasetInfo":
        """Return the info of a dataset by its name."""
        return self._infos[name]

    def _fill(self) -> None:
        """Rebuild the rows; the cursor stays on its dataset if that is still listed."""
        names = self.names
        highlighted = names[self.cursor_row] if self.cursor_row < len(names) else ""
        self.clear()
        for info in self._infos.values():
            cells = row_of(info)
            if self._word in f"{' '.join(cells)} {info.title}".lower():
                self.add_row(*map(_cell, cells, range(len(cells))), key=info.name)
        if highlighted in self.names:
            self.move_cursor(row=self.get_row_index(highlighted))

    @on(DataTable.RowHighlighted)
    def _highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        if event.row_key.value is not None and event.row_key in self.rows:
            self.post_message(self.Highlighted(event.row_key.value))

    @on(DataTable.RowSelected)
    def _selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if event.row_key.value is not None:
            self.post_message(self.Selected(event.row_key.value))


def _cell(text: str, column: int) -> Content:
    width = _COLUMNS[column][1]
    fitted = Content(text).truncate(width, ellipsis=True)
    return fitted.pad_left(width - fitted.cell_length) if column >= _FIRST_NUMBER else fitted


def row_of(info: "DatasetInfo") -> tuple[str, ...]:
    """Return the cells of a dataset's row."""
    features = "×".join(str(size) for size in info.input_shape if size != 1) or "1"
    classes = str(len(info.class_names)) if info.class_names else "–"
    return Path(info.name).name, info.task, f"{info.samples:,}", features, classes, size_text(info.size_bytes)


def size_text(size_bytes: float) -> str:
    """Return a size with a decimal unit: `64 B`, `20.0 kB`, `123 MB`."""
    for unit in ("B", "kB", "MB"):
        if size_bytes < 1000:
            return (
                f"{size_bytes:.0f} {unit}" if unit == "B" or size_bytes >= 100 else f"{size_bytes:.1f} {unit}"
            )
        size_bytes /= 1000
    return f"{size_bytes:.1f} GB"
