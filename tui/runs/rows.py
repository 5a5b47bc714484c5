"""The rows of the table of runs: cells, order, and the tree of forks."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tui.words.figures import age
from tui.words.run_columns import BY_KEY

if TYPE_CHECKING:
    from engine.runs import RunSummary

STATES = {
    "starting": ("◌", "accent"),
    "running": ("●", "good"),
    "paused": ("‖", "warning"),
    "stopped": ("■", "muted"),
    "finished": ("✓", "good"),
    "diverged": ("✗", "error"),
    "failed": ("✗", "error"),
    "lost": ("?", "error"),
    "damaged": ("!", "error"),
}
"""Sign and tone of each state; no state is shown by colour alone."""
_URGENCY = ("running", "paused", "starting", "lost", "failed", "diverged", "damaged", "stopped", "finished")
"""States in the order of their urgency."""


@dataclass(frozen=True)
class Order:
    """The order of the table: a column and a direction."""

    key: str = "age"
    descending: bool = False

    def next(self, by: int, keys: Sequence[str]) -> "Order":
        """Return the order by the next of the shown columns to the right (`by` 1) or the left (-1).

        To the left of the first column come the columns in the opposite direction, the last one first.
        """
        natural = [Order(key, BY_KEY[key].descending) for key in keys]
        everything = [*natural, *(order.inverted() for order in natural)]
        place = everything.index(self) if self in everything else (-1 if by > 0 else len(natural))
        if by > 0 and place == len(natural) - 1:
            return natural[0]
        return everything[(place + by) % len(everything)]

    def by(self, key: str) -> "Order":
        """Return the order by a column; inverted if that is the current column."""
        return self.inverted() if key == self.key else Order(key, BY_KEY[key].descending)

    def inverted(self) -> "Order":
        """Return the order in the opposite direction."""
        return Order(self.key, not self.descending)


@dataclass(frozen=True)
class RunRow:
    """A row: a run, its age as text, its place in the tree, and its mark."""

    run: "RunSummary"
    age: str = ""
    branch: str = ""
    """Tree lines before the name."""
    is_marked: bool = False

    @property
    def name(self) -> str:
        """The name of its run."""
        return self.run.name

    def cell(self, key: str) -> str:
        """Return the text of a column."""
        if key == "age":
            return self.age
        if key == "state":
            return f"{STATES[self.run.state][0]} {self.run.state}"
        return self.branch + self.name if key == "name" else BY_KEY[key].text(self.run)


class RowFilter(NamedTuple):
    """The chosen filter, order, marks and form of the table."""

    test: "Callable[[RunSummary], bool] | None"
    """True for a run that passes the filter; None: all pass."""
    order: Order
    marked: frozenset[str]
    as_tree: bool

    def rows(self, runs: "Iterable[RunSummary]") -> list[RunRow]:
        """Return the rows of the runs that pass, in order."""
        passing = [run for run in runs if self.test is None or self.test(run)]
        return arrange(passing, self.order, marked=self.marked, as_tree=self.as_tree)


def arrange(
    runs: "Iterable[RunSummary]",
    order: Order,
    *,
    marked: Iterable[str] = (),
    as_tree: bool = True,
    now: float | None = None,
) -> list[RunRow]:
    """Return the rows in order; with `as_tree`, forks are below their parent."""
    at, marks = time.time() if now is None else now, set(marked)
    ordered = in_order(runs, order)
    branches = _families(ordered) if as_tree else [(run, "") for run in ordered]
    return [
        RunRow(run, age(max(0.0, at - run.created)), branch, run.name in marks) for run, branch in branches
    ]


def in_order(runs: "Iterable[RunSummary]", order: Order) -> "list[RunSummary]":
    """Return the runs sorted; runs without a value come last in either direction, equal ones newest first."""
    from engine.runs.query import sort_runs

    newest_first = sort_runs(runs, "age")
    if order.key == "state":
        return sorted(newest_first, key=lambda run: _URGENCY.index(run.state), reverse=order.descending)
    return sort_runs(newest_first, f"{'-' * order.descending}{order.key}")


def _families(ordered: "Sequence[RunSummary]") -> "list[tuple[RunSummary, str]]":
    """Each run with its tree lines; a run whose parent is not listed is a root."""
    by_name = {run.name: run for run in ordered}
    children: dict[str, list[RunSummary]] = {}
    for run in ordered:
        children.setdefault(run.parent if run.parent in by_name else "", []).append(run)
    found: list[tuple[RunSummary, str]] = []
    seen: set[str] = set()
    stack = [(run, "", "") for run in reversed(children.get("", []))]
    while stack:
        run, branch, below = stack.pop()
        if run.name in seen:
            continue
        seen.add(run.name)
        found.append((run, branch))
        forks = children.get(run.name, [])
        for i, fork in reversed(list(enumerate(forks))):
            is_last = i == len(forks) - 1
            stack.append((fork, below + ("└ " if is_last else "├ "), below + ("  " if is_last else "│ ")))
    return [
        *found,
        *((run, "") for run in ordered if run.name not in seen),
    ]  # runs whose parents form a circle
