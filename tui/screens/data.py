"""The Data screen: choose a dataset, and see the data themselves."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import DataTable, Input, Static
from textual.worker import get_current_worker

from tui.screens.base import LabScreen
from tui.widgets.preview import DatasetAbout, DatasetPicture

if TYPE_CHECKING:
    from engine.data import DatasetInfo, Preview

COLUMNS = ("dataset", "task", "samples", "features", "classes", "size")


class DataScreen(LabScreen):
    """Lists what there is to learn from; the highlighted set is shown beside the list."""

    MODE = "data"
    PURPOSE = "What should the network learn? Enter takes a dataset and goes on to Build."
    CSS_PATH = "data.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "take this dataset", tooltip="take this dataset and build a network for it"),
        Binding("slash", "filter", "filter", key_display="/", tooltip="show only datasets whose line holds a word"),
        Binding("o", "open", "open a file", tooltip="use your own .npz file with arrays x and y"),
        Binding("j", "move('cursor_down')", "down", show=False),
        Binding("k", "move('cursor_up')", "up", show=False),
        Binding("escape", "back", "back", show=False, tooltip="leave the field, clear the filter"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._infos: dict[str, DatasetInfo] = {}
        self._opening = False

    def body(self) -> ComposeResult:
        with Horizontal(id="data"):
            with Vertical(id="choose"):
                table: DataTable[str] = DataTable(id="datasets", cursor_type="row")
                table.border_title = "datasets"
                yield table
                yield Input(id="entry", compact=True)
                yield Static("", id="mistake")
                about = DatasetAbout(id="about")
                about.border_title = "about"
                yield about
            yield DatasetPicture(id="picture")

    def on_mount(self) -> None:
        """Show the frame first; the engine is loaded after the first paint."""
        table = self._table
        for name in COLUMNS:
            table.add_column(name, width=8 if name == "size" else None)
        table.focus()
        self.query_one("#entry").display = False
        self._say("loading", "reading the list of datasets ...")
        self.call_after_refresh(self._load)

    @property
    def _table(self) -> "DataTable[str]":
        table: DataTable[str] = self.query_one("#datasets", DataTable)
        return table

    @work(thread=True)
    def _load(self) -> None:
        from engine.data import dataset_infos

        infos = dataset_infos()
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._fill, infos)

    def _fill(self, infos: "list[DatasetInfo]") -> None:
        self._infos = {info.name: info for info in infos}
        self._show_rows("")

    def _show_rows(self, word: str) -> None:
        table = self._table
        table.clear()
        for info in self._infos.values():
            row = row_of(info)
            if word.lower() in f"{' '.join(row)} {info.title}".lower():
                table.add_row(*row, key=info.name)
        if not table.row_count:
            self._say("nothing", f"no dataset with “{word}”; escape shows all again")

    # looking

    @on(DataTable.RowHighlighted)
    def _look(self, event: DataTable.RowHighlighted) -> None:
        if event.row_key.value is not None:
            self._look_at(event.row_key.value)

    @work(thread=True, exclusive=True, group="preview")
    def _look_at(self, name: str) -> None:
        from engine.data import preview
        from engine.errors import NntermError
        from engine.specs import DataSpec

        try:
            found = preview(DataSpec(dataset=name))
        except NntermError as error:
            self._call(lambda message=str(error), hint=error.hint: self._cannot_show(name, message, hint))
        else:
            self._call(lambda: self._show(found))

    def _call(self, function: Any) -> None:
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(function)

    def _cannot_show(self, name: str, message: str, hint: str) -> None:
        self._say(name, f"{message}\n{hint}".rstrip())

    def _show(self, found: "Preview") -> None:
        self.query_one(DatasetPicture).show_preview(found)
        self.query_one(DatasetAbout).show_preview(found)

    def _say(self, title: str, message: str) -> None:
        self.query_one(DatasetPicture).clear(title)
        self.query_one(DatasetAbout).say(message)

    # choosing

    @on(DataTable.RowSelected)
    async def _choose(self, event: DataTable.RowSelected) -> None:
        if event.row_key.value is not None:
            await self._take(event.row_key.value)

    async def _take(self, name: str) -> None:
        self.session.dataset = name
        self.session.draft = None
        await self.app.switch_mode("build")

    def action_take(self) -> None:
        """Take the highlighted dataset."""
        self._table.action_select_cursor()

    def action_move(self, action: str) -> None:
        """Move the cursor with a letter."""
        getattr(self._table, f"action_{action}")()

    # filtering and opening

    def action_filter(self) -> None:
        """Ask for a word; the list follows while it is typed."""
        self._ask("filter", "a word of the dataset's line", opening=False)

    def action_open(self) -> None:
        """Ask for the path of an own file."""
        self._ask("open a .npz file", "path/to/file.npz with arrays x and y", opening=True)

    def _ask(self, title: str, placeholder: str, *, opening: bool) -> None:
        self._opening = opening
        entry = self.query_one("#entry", Input)
        entry.border_title, entry.placeholder = title, placeholder
        entry.display = True
        with entry.prevent(Input.Changed):
            entry.value = ""
        entry.focus()

    @on(Input.Changed, "#entry")
    def _typed(self, event: Input.Changed) -> None:
        self._say_mistake("")
        if not self._opening:
            self._show_rows(event.value)

    @on(Input.Submitted, "#entry")
    def _entered(self, event: Input.Submitted) -> None:
        if not self._opening:
            self._table.focus()
        elif event.value.strip():
            self._open_file(event.value.strip())

    @work(thread=True, exclusive=True, group="open")
    def _open_file(self, text: str) -> None:
        from engine.data import preview
        from engine.errors import NntermError
        from engine.specs import DataSpec

        path = Path(text).expanduser().resolve() if "." in text or "/" in text else text
        try:
            found = preview(DataSpec(dataset=str(path)))
        except NntermError as error:
            message = f"{error.message}" + (f"; {error.hint}" if error.hint else "")
            self._call(lambda: self._say_mistake(message))
        else:
            self._call(lambda: self._add(str(path), found))

    def _say_mistake(self, message: str) -> None:
        mistake = self.query_one("#mistake", Static)
        mistake.update(message)
        mistake.set_class(bool(message), "-shown")

    def _add(self, key: str, found: "Preview") -> None:
        """Put an own file at the end of the list, and look at it."""
        import msgspec

        self._infos[key] = msgspec.structs.replace(found.info, name=key)
        self._close_entry()
        self._show_rows("")
        self._table.move_cursor(row=self._table.get_row_index(key))

    def action_back(self) -> None:
        """Leave the entry field and show all datasets again."""
        if self.query_one("#entry").display:
            self._close_entry()
            if self._table.row_count != len(self._infos):
                self._show_rows("")

    def _close_entry(self) -> None:
        self._say_mistake("")
        self.query_one("#entry").display = False
        self._table.focus()


def row_of(info: "DatasetInfo") -> tuple[str, ...]:
    """Return a dataset's line of the table."""
    features = "×".join(str(size) for size in info.input_shape if size != 1) or "1"
    classes = str(len(info.class_names)) if info.class_names else "–"
    name = Path(info.name).name
    return name, info.task, f"{info.samples:,}", features, classes, size_text(info.size_bytes)


def size_text(size_bytes: float) -> str:
    """Return a number of bytes in the unit that suits it."""
    for unit in ("B", "kB", "MB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "B" or size_bytes >= 100 else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} GB"
