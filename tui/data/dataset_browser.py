"""Datasets to look at and to choose from: the list, a picture of the one under the cursor, and what it is."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.events import Resize
from textual.message import Message
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from tui.data.dataset_details import DatasetDetails
from tui.data.dataset_picture import DatasetPicture
from tui.data.dataset_table import DatasetTable
from tui.data.path_suggester import PathSuggester

if TYPE_CHECKING:
    from engine.data import DatasetInfo, Preview

_PATIENCE_S = 0.15
"""How long a preview may take before a word says that it is coming: most are there sooner."""
_WIDE, _TALL = 120, 30
"""Columns and lines from which there is room for everything."""


class DatasetBrowser(Container):
    """Lists what there is to learn from; reports the dataset that is taken.

    The list comes from the engine in a thread after mounting, and so does each preview, once.
    """

    DEFAULT_CSS = """
    DatasetBrowser {  /* wide: the list and the words at the left, the picture at the right */
        height: 1fr;
        layout: grid; grid-size: 2 2; grid-columns: 74 1fr; grid-rows: auto 1fr;

        #choose { height: auto; max-height: 60vh; }
        #datasets { height: auto; padding: 0; }
        #entry {
            border: round $accent; height: 3; padding: 0 1; background: $background; background-tint: transparent;
            border-subtitle-color: $text-muted;
        }
        #mistake { display: none; }
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

    class Taken(Message):
        """The user takes the dataset called `name`, a registered name or a path."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        super().__init__()
        self._previews: dict[str, Preview] = {}
        self._looked_at = ""
        self._entry_opens = False

    def compose(self) -> ComposeResult:
        with Vertical(id="choose"):
            table = DatasetTable(id="datasets", classes="panel")
            table.border_title = "datasets"
            yield table
            yield Static(id="mistake", classes="mistake", markup=False)
        yield DatasetPicture(id="picture", classes="panel")
        about = DatasetDetails(id="about", classes="panel")
        about.border_title = "about"
        yield about

    def on_mount(self) -> None:
        """Ask the engine for the list."""
        self._table.focus()
        self._picture.say("reading the list of datasets …")
        self._load()

    def on_resize(self, event: Resize) -> None:
        """Say less where there is little room."""
        narrow, short = event.size.width < _WIDE, event.size.height < _TALL
        self.set_class(narrow, "-narrow")
        self.set_class(short, "-short")
        self._about.brief = narrow or short

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters do nothing while text is typed; escape does something when there is something to leave."""
        if action in ("filter", "open"):
            return not isinstance(self.screen.focused, Input)
        if action == "back":
            return self._entry is not None or bool(self.is_mounted and self._table.filter_word)
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
    def _entry(self) -> Input | None:
        """The field below the list; None until it is needed."""
        return next(iter(self.query("#entry").results(Input)), None)

    @work(thread=True, group="list")
    def _load(self) -> None:
        from engine.data import dataset_infos

        infos = dataset_infos()
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._table.show, infos)

    # looking

    @on(DatasetTable.Looked)
    def _look(self, event: DatasetTable.Looked) -> None:
        event.stop()
        name = self._looked_at = event.name
        info = self._table.info(name)
        self._picture.border_title = info.title
        if name in self._previews:
            self._show(name, self._previews[name])
            return
        self._about.tell(info)
        self.set_timer(_PATIENCE_S, lambda: self._say_that_it_comes(name))
        self._read_preview(name)

    def _say_that_it_comes(self, name: str) -> None:
        if name == self._looked_at and name not in self._previews:
            self._picture.say("reading the samples …")

    @work(thread=True, exclusive=True, group="preview")
    def _read_preview(self, name: str) -> None:
        found = read_preview(name)
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._show, name, found)

    def _show(self, name: str, found: "Preview | str") -> None:
        """Show a preview, or what was wrong, unless the user has moved on."""
        if not isinstance(found, str):
            self._previews[name] = found
        if name != self._looked_at:
            return
        if isinstance(found, str):
            self._looked_at = ""
            self._picture.say("no picture of these data")
            self._about.say(found)
        else:
            self._picture.show(found)
            self._about.show(found)

    @on(DatasetTable.Taken)
    def _take(self, event: DatasetTable.Taken) -> None:
        event.stop()
        self.post_message(self.Taken(event.name))

    # the field: a filter, or a path

    async def action_filter(self) -> None:
        """Ask for a word; the list follows while it is typed."""
        await self._ask("filter", "a word: binary, images, 2 …", opens=False)

    async def action_open(self) -> None:
        """Ask for the path of an own file."""
        await self._ask("open", "path of an .npz file with arrays x and y", opens=True)

    async def _ask(self, title: str, placeholder: str, *, opens: bool) -> None:
        await self._close_entry()
        self._entry_opens = opens
        entry = Input(
            "" if opens else self._table.filter_word,
            placeholder,
            id="entry",
            suggester=PathSuggester(".npz") if opens else None,
            select_on_focus=False,
        )
        entry.border_title = title
        entry.border_subtitle = (
            "enter opens · → completes · esc back" if opens else "enter keeps · esc lists all"
        )
        await self.query_one("#choose").mount(entry, before="#mistake")
        entry.focus()

    @on(Input.Changed, "#entry")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._say_mistake("")
        if not self._entry_opens:
            self._filter(event.value)

    def _filter(self, word: str) -> None:
        self._table.filter(word)
        self.refresh_bindings()
        self._table.border_title = f"datasets · “{word.strip()}”" if word.strip() else "datasets"
        if not self._table.row_count:
            self._looked_at = self._picture.border_title = ""
            self._picture.say("nothing to look at")
            self._about.say(f"No dataset has “{word.strip()}” in its line; escape lists all again.")

    @on(Input.Submitted, "#entry")
    async def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if not self._entry_opens:
            await self._close_entry()
        elif event.value.strip():
            self._open_file(event.value.strip())
        else:
            self._say_mistake("a path is needed, for example ~/data/flowers.npz")

    @work(thread=True, exclusive=True, group="open")
    def _open_file(self, text: str) -> None:
        name = dataset_name(text)
        found = read_preview(name)
        if get_current_worker().is_cancelled:
            return
        if isinstance(found, str):
            self.app.call_from_thread(self._say_mistake, found)
        else:
            self.app.call_from_thread(self._add, name, found)

    @work
    async def _add(self, name: str, found: "Preview") -> None:
        """Put an own file at the end of the list, and look at it."""
        import msgspec

        info: DatasetInfo = msgspec.structs.replace(found.info, name=name)
        self._previews[name] = found
        await self._close_entry()
        self._table.border_title = "datasets"
        self._table.add(info)

    def _say_mistake(self, message: str) -> None:
        mistake = self.query_one("#mistake", Static)
        mistake.update(message)
        mistake.display = bool(message)

    async def action_back(self) -> None:
        """Leave the field and list all datasets again."""
        await self._close_entry()
        if self._table.filter_word:
            self._filter("")

    async def _close_entry(self) -> None:
        self._say_mistake("")
        if self._entry is not None:
            await self._entry.remove()
        self._table.focus()
        self.refresh_bindings()


def dataset_name(text: str) -> str:
    """Return what was typed as the engine takes it: a registered name, or an absolute path."""
    if not any(sign in text for sign in "./~\\"):
        return text
    try:
        return str(Path(text).expanduser().absolute())
    except RuntimeError:  # no such user
        return text


def read_preview(name: str) -> "Preview | str":
    """Return a look at a dataset, or why there is none, in words. Reads files: not for the event loop."""
    from engine.data import preview
    from engine.data.spec import DataSpec
    from engine.errors import NntermError

    try:
        return preview(DataSpec(dataset=name))
    except NntermError as error:
        return f"{error.message}\n{error.hint}".strip()
