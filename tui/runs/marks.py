"""The marked runs of the Runs screen; a key acts on the marked ones that are listed."""

from collections.abc import Sequence

from engine.runs import RunSummary
from engine.words import counted
from tui.runs.keys import RunKeys
from tui.runs.run_table import RunTable


class RunMarkKeys(RunKeys):
    """A screen with a table of runs that can be marked; subclasses implement `_show`."""

    def __init__(self) -> None:
        super().__init__()
        self.table = RunTable(id="table", classes="panel")
        """The listed runs."""
        self._marked: set[str] = set()

    def _show(self) -> None:
        """Show the marks."""
        raise NotImplementedError

    @property
    def current(self) -> RunSummary | None:
        """The run under the cursor."""
        row = self.table.current
        return row.run if row else None

    @property
    def chosen(self) -> Sequence[RunSummary]:
        """The marked runs that are listed; the one under the cursor if there are none."""
        marked = [row.run for row in self.table.rows if row.name in self._marked]
        return marked or ([self.current] if self.current else [])

    @property
    def n_hidden_marks(self) -> int:
        """Number of marked runs that the filter hides; no key acts on them."""
        return len(self._marked - {row.name for row in self.table.rows})

    def _marks(self) -> str:
        """Return how many runs are marked, in words; empty for none."""
        n, hidden = len(self._marked), self.n_hidden_marks
        if not n:
            return ""
        return f"{n} marked, {hidden} hidden by the filter" if hidden else f"{n} marked"

    def action_mark(self) -> None:
        """Mark or unmark the run under the cursor."""
        row = self.table.current
        if row is not None:
            self._marked ^= {row.name}
            self._show()

    def action_mark_all(self) -> None:
        """Mark all listed runs, or unmark them if all are marked."""
        listed = {row.name for row in self.table.rows}
        self._marked = self._marked - listed if listed <= self._marked else self._marked | listed
        self._show()

    def action_invert_marks(self) -> None:
        """Mark the listed runs that are not marked, and unmark the others."""
        self._marked ^= {row.name for row in self.table.rows}
        self._show()

    @property
    def _comparable(self) -> list[str]:
        """The names of the marked runs that are listed; of a single one, with the run under the cursor."""
        rows = [row for row in self.table.rows if row.run.state != "damaged"]
        names = [row.name for row in rows if row.name in self._marked]
        here = self.table.current
        if len(names) == 1 and here is not None and here.name not in names and here.run.state != "damaged":
            names.append(here.name)
        return names

    def action_compare(self) -> None:
        """Compare the marked runs; if only one is marked, with the one under the cursor."""
        from tui.runs.compare_screen import CompareScreen
        from tui.runs.comparison import MOST

        names = self._comparable
        if len(names) > MOST:
            self.notify(
                f"{counted(len(names), 'run')} marked; at most {MOST} can be compared", severity="warning"
            )
        else:
            self.app.push_screen(CompareScreen(names, self.session.home))
