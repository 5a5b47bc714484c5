"""The dataset browser: the list of datasets, and a picture and a description of the one under the cursor."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.events import Resize
from textual.message import Message
from textual.widgets import Input
from textual.worker import get_current_worker

from tui.data.dataset_details import DatasetDetails
from tui.data.dataset_picture import DatasetPicture
from tui.data.dataset_table import DatasetTable
from tui.shell.threads import call_in_app
from tui.widgets.file_dialog import FileDialog
from tui.widgets.filter_field import FilterField
from tui.widgets.set_text import set_title

if TYPE_CHECKING:
    from engine.data import DatasetInfo, Preview

SUFFIXES = (".npz",)
"""Suffixes of the data files that can be opened."""
_LOADING_AFTER_S = 0.15
"""Seconds before a loading message replaces the picture; most previews take less."""
_WIDE, _TALL = 120, 30
"""Minimum columns and lines for the full layout."""


class DatasetBrowser(Container):
    """Lists the datasets and reports the selected one.

    The list is loaded in a thread after mounting; each preview is loaded once, in a thread.

    Args:
        wanted: the dataset that the cursor is on at first; empty: the first one.
    """

    DEFAULT_CSS = """
    DatasetBrowser {  /* wide: the list and the words at the left, the picture at the right */
        height: 1fr;
        layout: grid; grid-size: 2 2; grid-columns: 74 1fr; grid-rows: auto 1fr;

        #choose { height: auto; max-height: 60vh; }
        #datasets { height: auto; padding: 0; }
        #picture { row-span: 2; height: 1fr; }
        #about { height: 1fr; }

        &.-narrow {  /* the list above, picture and words below it, side by side */
            grid-columns: 1fr 40;
            #choose { column-span: 2; }
            #picture { row-span: 1; }
        }
        &.-narrow.-short #datasets { max-height: 10; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "slash",
            "filter",
            "filter",
            key_display="/",
            tooltip="list only the datasets with a word in their row",
        ),
        Binding("o", "open", "open file", tooltip="open an .npz file of your own"),
        Binding("escape", "back", "show all", tooltip="clear the filter"),
    ]

    class Selected(Message):
        """The user selects the dataset `name`, a registered name or a path."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, wanted: str = "") -> None:
        super().__init__()
        self._previews: dict[str, Preview] = {}
        self._previewed = ""
        self._wanted = wanted

    def compose(self) -> ComposeResult:
        with Vertical(id="choose"):
            table = DatasetTable(id="datasets", classes="panel")
            table.border_title = "datasets"
            yield table
            yield FilterField(
                "a word: binary, images, 2 …", keys="enter keep · tab next panel · esc show all", id="filter"
            )
        yield DatasetPicture(id="picture", classes="panel")
        about = DatasetDetails(id="about", classes="panel")
        about.border_title = "about"
        yield about

    def on_mount(self) -> None:
        """Load the list."""
        self._table.focus()
        self._picture.show_message("reading the list of datasets …")
        self._load()

    def on_resize(self, event: Resize) -> None:
        """Choose the layout, and a brief description if there is little room."""
        narrow, short = event.size.width < _WIDE, event.size.height < _TALL
        self.set_class(narrow, "-narrow")
        self.set_class(short, "-short")
        self._about.brief = narrow or short

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable the letters while text is typed, and escape if there is nothing to leave."""
        if action in ("filter", "open"):
            return not isinstance(self.screen.focused, Input)
        if action == "back":
            return self.is_mounted and (self._filter_field.is_open or bool(self._table.filter_word))
        return True

    @property
    def _table(self) -> DatasetTable:
        return self.query_one(DatasetTable)

    @property
    def _picture(self) -> DatasetPicture:
        return self.query_one(DatasetPicture)

    @property
    def _about(self) -> DatasetDetails:
        return self.query_one(DatasetDetails)

    @property
    def _filter_field(self) -> FilterField:
        return self.query_one("#filter", FilterField)

    @work(thread=True, group="list")
    def _load(self) -> None:
        from engine.data import dataset_infos

        infos = dataset_infos()
        if not get_current_worker().is_cancelled:
            call_in_app(self, self._show_list, infos)

    def _show_list(self, infos: "list[DatasetInfo]") -> None:
        self._table.show(infos)
        self._go_to_wanted()

    # preview

    @on(DatasetTable.Highlighted)
    def _show_highlighted(self, event: DatasetTable.Highlighted) -> None:
        event.stop()
        name = self._previewed = event.name
        info = self._table.info(name)
        set_title(self._picture, info.title)
        if name in self._previews:
            self._show(name, self._previews[name])
            return
        self._about.show_info(info)
        self.set_timer(_LOADING_AFTER_S, lambda: self._show_loading(name))
        self._read_preview(name)

    def _show_loading(self, name: str) -> None:
        if name == self._previewed and name not in self._previews:
            self._picture.show_message("reading the samples …")

    @work(thread=True, exclusive=True, group="preview")
    def _read_preview(self, name: str) -> None:
        found = read_preview(name)
        if not get_current_worker().is_cancelled:
            call_in_app(self, self._show, name, found)

    def _show(self, name: str, found: "Preview | str") -> None:
        """Show a preview or an error message, unless the cursor has moved on."""
        if not isinstance(found, str):
            self._previews[name] = found
        if name != self._previewed:
            return
        if isinstance(found, str):
            self._previewed = ""
            self._picture.show_message("no preview")
            self._about.show_message(found)
        else:
            self._picture.show(found)
            self._about.show(found)

    @on(DatasetTable.Selected)
    def _report_selected(self, event: DatasetTable.Selected) -> None:
        event.stop()
        self.post_message(self.Selected(event.name))

    # the filter

    def action_filter(self) -> None:
        """Let the user type a word; the list follows while it is typed."""
        self._filter_field.open(self._table.filter_word)
        self.refresh_bindings()

    @on(FilterField.Typed)
    def _typed(self, event: FilterField.Typed) -> None:
        event.stop()
        if self._filter_field.is_open:
            self._filter(event.text)

    def _filter(self, word: str) -> None:
        self._table.filter(word)
        self.refresh_bindings()
        set_title(self._table, f"datasets · “{word}”" if word else "datasets")
        if not self._table.row_count:
            self._previewed = self._picture.border_title = ""
            self._picture.show_message("no dataset matches")
            self._about.show_message(f"No dataset has “{word}” in its row; escape shows all.")

    @on(FilterField.Done)
    def _done(self, event: FilterField.Done) -> None:
        event.stop()
        self._close_filter()

    def action_back(self) -> None:
        """Close the filter and list all datasets again."""
        self._close_filter()
        if self._table.filter_word:
            self._filter("")

    def _close_filter(self) -> None:
        self._filter_field.close()
        self._table.focus()
        self.refresh_bindings()

    # the user's files

    @work(exclusive=True, group="open")
    async def action_open(self) -> None:
        """Ask for a file, add it to the list and preview it."""
        found = await self.app.push_screen_wait(FileDialog("open a data file", SUFFIXES, open_file))
        if found is not None:
            self._add(*found)

    def _add(self, name: str, found: "Preview") -> None:
        import msgspec

        info: DatasetInfo = msgspec.structs.replace(found.info, name=name)
        self._previews[name] = found
        self._close_filter()
        self._table.border_title = "datasets"
        self._table.add(info)

    def go_to(self, dataset: str) -> None:
        """Move the cursor to a dataset by its name, with all of them listed; a path is added to the list."""
        self._wanted = dataset
        if self.is_mounted:
            self._go_to_wanted()

    def _go_to_wanted(self) -> None:
        wanted, table = self._wanted, self._table
        if not wanted or not table.row_count:
            return
        self._wanted = ""
        self.action_back()
        if wanted in table.names:
            table.move_cursor(row=table.get_row_index(wanted))
        else:
            self._open_path(wanted)

    @work(exclusive=True, group="open")
    async def _open_path(self, text: str) -> None:
        from engine.errors import NntermError

        try:
            found = await asyncio.to_thread(open_file, Path(text))
        except NntermError as error:
            self.notify(error.message, severity="error", markup=False)
        else:
            self._add(*found)


def open_file(path: Path, _replace: bool = False) -> tuple[str, "Preview"]:
    """Return a file's absolute path, the name of its dataset, and its preview. Reads it: not for the event loop.

    Raises:
        DataError: the file is missing, damaged or of another format.
    """
    from engine.data import preview
    from engine.data.spec import DataSpec

    name = str(path.expanduser().absolute())
    return name, preview(DataSpec(dataset=name))


def read_preview(name: str) -> "Preview | str":
    """Return the preview of a dataset, or an error message. Reads files: not for the event loop."""
    from engine.data import preview
    from engine.data.spec import DataSpec
    from engine.errors import NntermError
    from tui.words.errors import error_text

    try:
        return preview(DataSpec(dataset=name))
    except NntermError as error:
        return error_text(error)
