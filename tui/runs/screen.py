"""The Runs screen: a live list of all runs; open, steer, change or compare them."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.timer import Timer
from textual.widgets import Static

from engine.errors import NntermError
from engine.runs import Query, RunSummary
from tui.runs.keys import RunKeys
from tui.runs.preview_keys import PreviewKeys
from tui.runs.rows import BY_KEY, Order, RowFilter, RunRow
from tui.runs.run_table import RunTable
from tui.runs.store import RunStore
from tui.widgets.filter_field import FilterField
from tui.widgets.no_run import no_runs_yet
from tui.widgets.set_text import set_title
from tui.words.errors import error_text

RELOAD_S = 1.0
"""Seconds between two updates of the list."""


class RunsScreen(RunKeys, PreviewKeys):
    """Lists the runs; everything slower than a frame is done in threads."""

    MODE = "runs"
    PURPOSE = "Your runs go on without nnterm. Enter opens one; v marks several, b compares."
    HELP = (
        "A filter is words that the line of a run must hold, or conditions: lr>=1e-3 dataset=mnist. Space pauses a run "
        "or lets it go on; one that is over it takes up where its newest checkpoint stands. A run whose worker was "
        "killed shows as lost within a second; one on another machine, when its heartbeat has stopped for a minute."
    )
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "#table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="watch this run, or look at it when it is over"),
        Binding("v", "mark", "mark", tooltip="mark this run, or take its mark away"),
        Binding("b", "compare", "compare", tooltip="the marked runs side by side: curves and differences"),
        Binding(
            "slash",
            "filter",
            "filter",
            key_display="/",
            tooltip="list only some: words, or lr>=1e-3 dataset=mnist",
        ),
        *RunKeys.KEYS,
        Binding("greater_than_sign", "sort(1)", "sort", key_display=">", tooltip="sort by the next column"),
        Binding(
            "less_than_sign",
            "sort(-1)",
            "sort",
            key_display="<",
            show=False,
            tooltip="sort by the column before",
        ),
        Binding("I", "invert", "invert", show=False, tooltip="sort the other way round"),
        Binding(
            "T",
            "tree",
            "tree",
            show=False,
            tooltip="forks below their parents, or in their own place",
        ),
        Binding("V", "mark_all", "mark all", show=False, tooltip="mark all runs that are listed, or none"),
        Binding("escape", "back", "all", show=False, tooltip="list all runs again, take all marks away"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.table = RunTable(id="table", classes="panel")
        self._runs: list[RunSummary] = []
        self._marked: set[str] = set()
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
                yield FilterField("words, or conditions: lr>=1e-3 dataset=mnist", id="filter")
            yield self.preview

    def on_mount(self) -> None:
        """Update the list once a second while the screen is visible."""
        self._store = RunStore(self.session.home)
        self._timer = self.set_interval(RELOAD_S, self.reload)

    def on_resize(self) -> None:
        """Choose a brief preview if a plot does not fit."""
        narrow = self.size.width < 120
        self.preview.set_class(narrow and self.size.height < 35, "-brief")

    @property
    def current(self) -> RunSummary | None:
        """The run under the cursor."""
        row = self.table.current
        return row.run if row else None

    @property
    def chosen(self) -> Sequence[RunSummary]:
        """The marked runs; the one under the cursor if none are marked."""
        marked = [run for run in self._runs if run.name in self._marked]
        return marked or ([self.current] if self.current else [])

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
        marked = f"{len(self._marked)} marked · b compares" if self._marked else ""
        set_title(table, self._title(len(rows)), marked)

    def _title(self, n: int) -> str:
        n_all = len(self._runs)
        listed = f"{n:,} of {n_all:,} runs" if n != n_all else f"{n_all:,} run{'s' if n_all != 1 else ''}"
        word = f" · “{self._filter_text}”" if self._filter_text else ""
        return f"{listed}{word} · by {BY_KEY[self._order.key].head}"

    @on(RunTable.Highlighted)
    def _highlighted(self, event: RunTable.Highlighted) -> None:
        event.stop()
        self.show_preview(event.row.run if event.row else None)
        self.refresh_bindings()

    # order, filter, marks

    def action_sort(self, by: int) -> None:
        """Sort by the next or the previous column."""
        self._order = self._order.next(by)
        self._show()

    @on(RunTable.HeadPressed)
    def _sort_by(self, event: RunTable.HeadPressed) -> None:
        event.stop()
        self._order = self._order.by(event.key)
        self._show()

    def action_invert(self) -> None:
        """Invert the order."""
        self._order = self._order.inverted()
        self._show()

    def action_tree(self) -> None:
        """Switch between the tree of forks and a flat list."""
        self._as_tree = not self._as_tree
        self._show()

    def action_mark(self) -> None:
        """Mark or unmark the run under the cursor, and move to the next."""
        row = self.table.current
        if row is not None:
            self._marked ^= {row.name}
            self._show()
            self.table.cursor += 1
            self.refresh_bindings()

    def action_mark_all(self) -> None:
        """Mark all listed runs, or unmark them if all are marked."""
        listed = {row.name for row in self.table.rows}
        self._marked = self._marked - listed if listed <= self._marked else self._marked | listed
        self._show()

    def action_filter(self) -> None:
        """Open the filter field."""
        self.query_one(FilterField).open(self._filter_text)

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

    def action_compare(self) -> None:
        """Compare the marked runs; if only one is marked, with the one under the cursor."""
        from tui.runs.compare_screen import CompareScreen
        from tui.runs.comparison import MOST

        names = [
            row.name for row in self.table.rows if row.name in self._marked and row.run.state != "damaged"
        ]
        if len(names) == 1 and self.current is not None and self.current.name not in names:
            names.append(self.current.name)
        if len(names) < 2:
            self.notify("mark two runs or more with v, then b compares them")
        elif len(names) > MOST:
            self.notify(f"{len(names)} are marked; {MOST} at most can be told apart", severity="warning")
        else:
            self.app.push_screen(CompareScreen(names, self.session.home))

    async def action_open(self) -> None:
        """Open the run under the cursor on the Train screen."""
        row = self.table.current
        if row is not None and row.run.state != "damaged":
            self.session.run = row.name
            await self.app.switch_mode("train")
