"""The Data screen: choose a dataset, and see the data themselves."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from tui.screens.base import LabScreen
from tui.widgets.dataset_about import DatasetAbout
from tui.widgets.dataset_picture import DatasetPicture
from tui.widgets.dataset_table import DatasetTable
from tui.widgets.path_suggester import PathSuggester

if TYPE_CHECKING:
    from engine.data import DatasetInfo, Preview

_PATIENCE_S = 0.15
"""How long a preview may take before a word says that it is coming: most are there sooner."""


class DataScreen(LabScreen):
    """Lists what there is to learn from; the highlighted set is shown beside the list, or below it."""

    MODE = "data"
    PURPOSE = "What should the network learn? Look at the data, take a set with enter."
    HELP = "A file of your own is an .npz with arrays x (samples first) and y, as numpy.savez(path, x=x, y=y) writes it."
    CSS_PATH = "data.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "slash", "filter", "filter", key_display="/", tooltip="list only datasets whose line holds a word"
        ),
        Binding("o", "open", "open a file", tooltip="take an .npz file of your own"),
        Binding("escape", "back", "back", tooltip="leave the field, list all again"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._previews: dict[str, Preview] = {}
        self._looked_at = ""
        self._entry_opens = False

    def body(self) -> ComposeResult:
        """Yield the list with a field below it, and beside it picture and words."""
        with Container(id="data"):
            with Vertical(id="choose"):
                table = DatasetTable(id="datasets", classes="panel")
                table.border_title = "datasets"
                yield table
                yield Input(id="entry", compact=True, suggester=None)
                yield Static(id="mistake", classes="mistake", markup=False)
            picture = DatasetPicture(id="picture", classes="panel")
            yield picture
            about = DatasetAbout(id="about", classes="panel")
            about.border_title = "about"
            yield about

    def on_mount(self) -> None:
        """Show the frame first; the engine is loaded after the first paint."""
        self._close_entry()
        self._picture.say("reading the list of datasets …")
        self.call_after_refresh(self._load)

    def on_resize(self) -> None:
        """Say less where there is little room."""
        self.query_one(DatasetAbout).brief = self.size.height < 35 or self.size.width < 120

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters do nothing while text is typed; escape does something when there is something to leave."""
        if not self.is_mounted:
            return True
        if action in ("filter", "open"):
            return not self._entry.has_focus
        if action == "back":
            return bool(self._entry.display or self._table.filter_word)
        return True

    @property
    def _table(self) -> DatasetTable:
        return self.query_one(DatasetTable)

    @property
    def _picture(self) -> DatasetPicture:
        return self.query_one(DatasetPicture)

    @property
    def _entry(self) -> Input:
        return self.query_one("#entry", Input)

    @work(thread=True, group="list")
    def _load(self) -> None:
        from engine.data import dataset_infos

        infos = dataset_infos()
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._table.show, infos)

    # looking

    @on(DatasetTable.Looked)
    def _look(self, event: DatasetTable.Looked) -> None:
        name = self._looked_at = event.name
        info = self._table.info(name)
        self._picture.border_title = info.title
        if name in self._previews:
            self._show(name, self._previews[name])
            return
        self.query_one(DatasetAbout).tell(info)
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
            self._picture.say("no picture of these data")
            self.query_one(DatasetAbout).say(found)
        else:
            self._picture.show(found)
            self.query_one(DatasetAbout).show(found)

    # choosing

    @on(DatasetTable.Taken)
    async def _take(self, event: DatasetTable.Taken) -> None:
        self.session.dataset = event.name
        self.session.draft = None
        await self.app.switch_mode("build")

    # the field: a filter, or a path

    def action_filter(self) -> None:
        """Ask for a word; the list follows while it is typed."""
        self._ask("filter", "a word: binary, images, 2 …", opens=False)

    def action_open(self) -> None:
        """Ask for the path of an own file."""
        self._ask("open", "path of an .npz file with arrays x and y", opens=True)

    def _ask(self, title: str, placeholder: str, *, opens: bool) -> None:
        entry, self._entry_opens = self._entry, opens
        entry.border_title, entry.placeholder = title, placeholder
        entry.border_subtitle = (
            "enter opens · → completes · esc back" if opens else "enter keeps · esc lists all"
        )
        entry.suggester = PathSuggester(".npz") if opens else None
        with entry.prevent(Input.Changed):
            entry.value = "" if opens else self._table.filter_word
        entry.display = True
        entry.focus()
        self.refresh_bindings()

    @on(Input.Changed, "#entry")
    def _typed(self, event: Input.Changed) -> None:
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
            self.query_one(DatasetAbout).say(
                f"No dataset has “{word.strip()}” in its line; escape lists all again."
            )

    @on(Input.Submitted, "#entry")
    def _entered(self, event: Input.Submitted) -> None:
        if not self._entry_opens:
            self._entry.display = False
            self._table.focus()
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

    def _add(self, name: str, found: "Preview") -> None:
        """Put an own file at the end of the list, and look at it."""
        import msgspec

        info: DatasetInfo = msgspec.structs.replace(found.info, name=name)
        self._previews[name] = found
        self._close_entry()
        self._table.border_title = "datasets"
        self._table.add(info)

    def _say_mistake(self, message: str) -> None:
        mistake = self.query_one("#mistake", Static)
        mistake.update(message)
        mistake.display = bool(message)

    def action_back(self) -> None:
        """Leave the field and list all datasets again."""
        self._close_entry()
        if self._table.filter_word:
            self._filter("")

    def _close_entry(self) -> None:
        self._say_mistake("")
        self._entry.display = False
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
    from engine.errors import NntermError
    from engine.specs import DataSpec

    try:
        return preview(DataSpec(dataset=name))
    except NntermError as error:
        return f"{error.message}\n{error.hint}".strip()
