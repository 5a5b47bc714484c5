"""The Runs screen: a live list of all runs; open, steer, change or compare them."""

import asyncio
import time
from collections.abc import Callable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.timer import Timer
from textual.widgets import Input, Static

from engine.errors import NntermError
from engine.runs import Query, RunSummary
from engine.words import counted
from tui.runs.column_dialog import ColumnDialog
from tui.runs.columns import chosen_columns, keep_columns
from tui.runs.keys import RunKeys
from tui.runs.marks import RunMarkKeys
from tui.runs.preview_keys import PreviewKeys
from tui.runs.rows import Order, RowFilter, RunRow
from tui.runs.run_table import RunTable
from tui.runs.store import RunStore
from tui.widgets.filter_field import FilterField
from tui.widgets.no_run import no_runs_yet
from tui.widgets.set_text import set_title
from tui.words.errors import error_text
from tui.words.run_columns import BY_KEY

RELOAD_S = 1.0
"""Seconds between two updates of the list."""
_LEAST_ROWS = 6
"""Minimum height of the list, its frame and head included."""


class RunsScreen(RunMarkKeys, PreviewKeys):
    """Lists the runs; everything slower than a frame is done in threads."""

    MODE = "runs"
    PURPOSE = "Runs continue after you quit. Enter opens a run, v marks, b compares."
    HELP = (
        "A filter is words that a run must contain (in its name, dataset, network, tags, note), or conditions: lr>=1e-3 "
        "dataset=mnist tag=good. A run whose worker was killed shows as lost within a second, one on another machine "
        "when its heartbeat has stopped for a minute; space resumes it from its newest checkpoint."
    )
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "#table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="open the run on Train"),
        Binding("v", "mark", "mark", tooltip="mark or unmark the run"),
        Binding("b", "compare", "compare", tooltip="compare the marked runs: curves, settings, figures"),
        Binding(
            "slash",
            "filter",
            "filter",
            key_display="/",
            tooltip="list only what matches: words, or lr>=1e-3 dataset=mnist",
        ),
        *RunKeys.KEYS,
        Binding("greater_than_sign", "sort(1)", "sort", key_display=">", tooltip="sort by the next column"),
        Binding(
            "less_than_sign",
            "sort(-1)",
            "sort",
            key_display="<",
            show=False,
            tooltip="sort by the previous column",
        ),
        Binding(
            "vertical_line", "columns", "columns", key_display="|", tooltip="choose the columns of the table"
        ),
        Binding("T", "tree", "tree", show=False, tooltip="forks below their origin, or in the order of all"),
        Binding("V", "mark_all", "mark all", show=False, tooltip="mark all listed runs, or unmark them"),
        Binding(
            "tilde", "invert_marks", "invert marks", key_display="~", show=False, tooltip="invert the marks"
        ),
        Binding("escape", "back", "list all", tooltip="clear the filter, then the marks"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[RunSummary] = []
        self._order = Order()
        self._as_tree = True
        self._filter_text = ""
        self._test: Callable[[RunSummary], bool] | None = None
        self._timer: Timer | None = None
        self._go_to = ""
        self._needs_reload = self._is_reloading = False

    def body(self) -> ComposeResult:
        yield Static(no_runs_yet(), id="none")
        with Container(id="main"):
            with Vertical(id="list"):
                yield self.table
                yield FilterField("words, or conditions: lr>=1e-3 dataset=mnist tag=good", id="filter")
            yield self.preview

    def on_mount(self) -> None:
        """Update the list once a second while the screen is visible."""
        self._store = RunStore(self.session.home)
        self.table.chosen = chosen_columns(self.app)
        self._timer = self.set_interval(RELOAD_S, self.reload)

    def on_resize(self) -> None:
        """Show the preview beside itself where there is room, and brief where a plot does not fit."""
        self.preview.set_class(self.size.height < 35, "-brief")
        self.preview.set_class(self.size.width >= 120, "-beside")
        self._share_room()

    def _share_room(self) -> None:
        """Give the list the rows that it needs, and the rest to the preview."""
        height = self.query_one("#main").size.height
        if not height or self.size.height < 35:
            self.query_one("#list").styles.height = "1fr"
            return
        field = self.query_one(FilterField)
        needed = len(self.table.rows) + 3 + (4 if field.is_open else 0)
        most = height - (18 if self.size.width >= 120 else 20)
        self.query_one("#list").styles.height = max(_LEAST_ROWS, min(needed, most))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable a key only if it applies now."""
        if action == "back" and self.is_mounted:
            return self.query_one(FilterField).is_open or bool(self._filter_text or self._marked)
        if action == "filter" and self._filter_text:
            return True
        if action == "compare" and self.is_mounted and not isinstance(self.focused, Input):
            return len(self._comparable) > 1
        return super().check_action(action, parameters)

    # updating the list

    def on_screen_resume(self) -> None:
        """Update at once, and continue polling."""
        if self._timer is not None:
            self._timer.resume()
        self.show_preview(self.current)
        self.reload()

    def on_screen_suspend(self) -> None:
        """Stop polling while the screen is hidden."""
        if self._timer is not None:
            self._timer.pause()
        self.stop_preview()

    def reload(self, go_to: str = "") -> None:
        """Update the list, and put the cursor on the run `go_to`."""
        self._go_to = go_to or self._go_to
        self._needs_reload = True
        if not self._is_reloading:
            self._is_reloading = True
            self._load()

    @work(group="look")
    async def _load(self) -> None:
        """Read the runs, and once more if requested meanwhile, so that a slow disk gets one request at a time."""
        try:
            while self._needs_reload:
                self._needs_reload = False
                self._runs = await asyncio.to_thread(self._store.runs)
                self.has_trash = await asyncio.to_thread(self._store.has_trash)
                self._marked &= {run.name for run in self._runs}
                view = self._view
                rows = await asyncio.to_thread(view.rows, self._runs)
                self._show(rows if view == self._view else None)
        finally:
            self._is_reloading = False

    @property
    def _view(self) -> RowFilter:
        """The chosen filter, order, marks and form."""
        return RowFilter(self._test, self._order, frozenset(self._marked), self._as_tree)

    def _show(self, rows: list[RunRow] | None = None) -> None:
        if not self.table.is_attached:  # the app is closing
            return
        rows = self._view.rows(self._runs) if rows is None else rows
        self.set_class(not self._runs, "-empty")
        table = self.table
        table.order = self._order
        table.show(rows)
        if self._go_to in (row.name for row in rows):
            table.go_to(self._go_to)
            self._go_to = ""
        set_title(table, self._title(len(rows)), self._marks())
        self._share_room()
        self.refresh_bindings()

    def _title(self, n: int) -> str:
        n_all = len(self._runs)
        listed = f"{n:,} of {counted(n_all, 'run')}" if n != n_all else counted(n_all, "run")
        word = f" · “{self._filter_text}”" if self._filter_text else ""
        return f"{listed}{word} · by {BY_KEY[self._order.key].head}"

    def action_columns(self) -> None:
        """Choose the columns."""
        self.app.push_screen(ColumnDialog(self.table.chosen or self.table.shown, self._choose_columns))

    def _choose_columns(self, keys: tuple[str, ...]) -> None:
        self.table.chosen = keys
        try:
            keep_columns(self.app, keys)
        except NntermError as error:
            self.notify(error_text(error), title="the columns were not saved", severity="error")

    @on(RunTable.Highlighted)
    def _highlighted(self, event: RunTable.Highlighted) -> None:
        event.stop()
        self.show_preview(event.row.run if event.row else None)
        self.refresh_bindings()

    # order, filter, marks

    def action_sort(self, by: int) -> None:
        """Sort by the next or the previous column."""
        self._order = self._order.next(by, self.table.shown)
        self._show()

    @on(RunTable.HeadPressed)
    def _sort_by(self, event: RunTable.HeadPressed) -> None:
        event.stop()
        self._order = self._order.by(event.key)
        self._show()

    def action_tree(self) -> None:
        """Switch between the tree of forks and a flat list."""
        self._as_tree = not self._as_tree
        self._show()

    def action_filter(self) -> None:
        """Open the filter field."""
        self.query_one(FilterField).open(self._filter_text)
        self._share_room()

    @on(FilterField.Typed)
    def _filter_typed(self, event: FilterField.Typed) -> None:
        event.stop()
        self._filter(event.text)

    @on(FilterField.Done)
    def _filter_done(self, event: FilterField.Done) -> None:
        event.stop()
        if not self.query_one(FilterField).is_wrong:
            self._close_filter()

    def _filter(self, text: str) -> None:
        """Apply a filter; an invalid one leaves the list unchanged and shows an error."""
        field = self.query_one(FilterField)
        try:
            query = Query.parse(text) if text else None
        except NntermError as error:
            field.show_error(error_text(error))
            return
        field.show_error("")
        self._test = (lambda run: query.matches(run, time.time())) if query else None
        self._filter_text = text
        self._show()

    def _close_filter(self) -> None:
        self.query_one(FilterField).close()
        self.table.focus()
        self._share_room()

    def action_back(self) -> None:
        """Clear the filter; without a filter, clear the marks."""
        if self.query_one(FilterField).is_open or self._filter_text:
            self._close_filter()
            self._filter("")
        elif self._marked:
            self._marked = set()
            self._show()

    # leading to other screens

    @on(RunTable.Opened)
    async def _opened(self, event: RunTable.Opened) -> None:
        event.stop()
        await self.action_open()

    async def action_open(self) -> None:
        """Open the run under the cursor on the Train screen."""
        row = self.table.current
        if row is not None and row.run.state != "damaged":
            self.session.run = row.name
            await self.app.switch_mode("train")
