"""The dataset browser: the list of datasets, and a picture and a description of the one under the cursor."""

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
from tui.data.path_suggester import PathSuggester
from tui.shell.threads import call_in_app
from tui.widgets.filter_field import FilterField
from tui.widgets.set_text import set_title

if TYPE_CHECKING:
    from engine.data import DatasetInfo, Preview

_LOADING_AFTER_S = 0.15
"""Seconds before a loading message replaces the picture; most previews take less."""
_WIDE, _TALL = 120, 30
"""Minimum columns and lines for the full layout."""


class DatasetBrowser(Container):
    """Lists the datasets and reports the selected one.

    The list is loaded in a thread after mounting; each preview is loaded once, in a thread.
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
            grid-columns: 1fr 32;
            #choose { column-span: 2; }
            #picture { row-span: 1; }
        }
        &.-narrow.-short #datasets { max-height: 10; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "slash", "filter", "filter", key_display="/", tooltip="list only datasets whose line holds a word"
        ),
        Binding("o", "open", "open a file", tooltip="take an .npz file of your own"),
        Binding("escape", "back", "back", tooltip="leave the field, list all again"),
    ]

    class Selected(Message):
        """The user selects the dataset `name`, a registered name or a path."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        super().__init__()
        self._previews: dict[str, Preview] = {}
        self._previewed = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="choose"):
            table = DatasetTable(id="datasets", classes="panel")
            table.border_title = "datasets"
            yield table
            yield FilterField("a word: binary, images, 2 …", id="filter")
            yield FilterField(
                "path of an .npz file with arrays x and y",
                title="open",
                keys="enter opens · → completes · esc back",
                suggester=PathSuggester(".npz"),
                id="path",
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
        if action == "back" and self.is_mounted:
            is_open = self._filter_field.is_open or self._path_field.is_open
            return is_open or bool(self._table.filter_word)
        return action != "back"

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

    @property
    def _path_field(self) -> FilterField:
        return self.query_one("#path", FilterField)

    @work(thread=True, group="list")
    def _load(self) -> None:
        from engine.data import dataset_infos

        infos = dataset_infos()
        if not get_current_worker().is_cancelled:
            call_in_app(self, self._table.show, infos)

    def go_to(self, name: str) -> None:
        """Put the cursor on the dataset `name`."""
        self._table.go_to(name)
        self._table.focus()

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
            self._picture.show_message("no picture of these data")
            self._about.show_message(found)
        else:
            self._picture.show(found)
            self._about.show(found)

    @on(DatasetTable.Selected)
    def _report_selected(self, event: DatasetTable.Selected) -> None:
        event.stop()
        self.post_message(self.Selected(event.name))

    # fields: a filter and a path

    def action_filter(self) -> None:
        """Let the user type a word; the list follows while it is typed."""
        self._filter_field.open(self._table.filter_word)

    def action_open(self) -> None:
        """Let the user type the path of a file."""
        self._path_field.open("")

    @on(FilterField.Typed)
    def _typed(self, event: FilterField.Typed) -> None:
        event.stop()
        if self._path_field.is_open:
            self._path_field.show_error("")
        else:
            self._filter(event.text)

    def _filter(self, word: str) -> None:
        self._table.filter(word)
        self.refresh_bindings()
        set_title(self._table, f"datasets · “{word}”" if word else "datasets")
        if not self._table.row_count:
            self._previewed = self._picture.border_title = ""
            self._picture.show_message("nothing to look at")
            self._about.show_message(f"No dataset has “{word}” in its line; escape lists all again.")

    @on(FilterField.Done)
    def _done(self, event: FilterField.Done) -> None:
        event.stop()
        if not self._path_field.is_open:
            self._close_fields()
        elif self._path_field.text:
            self._open_file(self._path_field.text)
        else:
            self._path_field.show_error("a path is needed, for example ~/data/flowers.npz")

    @work(thread=True, exclusive=True, group="open")
    def _open_file(self, text: str) -> None:
        name = dataset_name(text)
        found = read_preview(name)
        if get_current_worker().is_cancelled:
            return
        if isinstance(found, str):
            call_in_app(self, self._path_field.show_error, found)
        else:
            call_in_app(self, self._add, name, found)

    def _add(self, name: str, found: "Preview") -> None:
        """Append the user's file to the list and preview it."""
        import msgspec

        info: DatasetInfo = msgspec.structs.replace(found.info, name=name)
        self._previews[name] = found
        self._close_fields()
        self._table.border_title = "datasets"
        self._table.add(info)

    def action_back(self) -> None:
        """Close the field and list all datasets again."""
        self._close_fields()
        if self._table.filter_word:
            self._filter("")

    def _close_fields(self) -> None:
        self._filter_field.close()
        self._path_field.close()
        self._table.focus()
        self.refresh_bindings()


def dataset_name(text: str) -> str:
    """Return a typed text as the name of a dataset: a registered name, or an absolute path."""
    if not any(sign in text for sign in "./~\\"):
        return text
    try:
        return str(Path(text).expanduser().absolute())
    except RuntimeError:  # no such user
        return text


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
