"""A gradient check on stdout: a table that fills up, then a verdict; and its report in a run's folder."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from engine.files.atomic import replace_file
from engine.files.regular import own_folder
from engine.gradcheck.events import (
    USUAL_TOLERANCE,
    CheckEvent,
    CheckFinished,
    CheckProgress,
    HeatMap,
    ParameterReport,
)
from tui.cli import output
from tui.cli.table import table
from tui.words.figures import figure

Event = TypeVar("Event", bound=msgspec.Struct)

FRAMES_PER_S = 8
WIDE = 100
"""Columns of a terminal from which gradients are shown with four digits."""
COLUMNS = ("parameter", "at", "analytic", "finite diff.", "PyTorch", "error", "tolerance", "verdict")
STYLES = {"ok": "green", "wrong": "bold red", "not_finite": "bold red"}
"""Colour of a verdict; any other is yellow."""


def show_check(events: Iterable[CheckEvent]) -> Iterator[CheckEvent]:
    """Show a check while it runs, then its table and verdict; yield its events."""
    view = CheckPrinter()
    with output.redrawn(view.render, FRAMES_PER_S, view.words):
        for event in events:
            view.add(event)
            yield event
    if view.finished is not None:
        output.show(view.table())
        for text in verdict(view.finished):
            output.prose(text)


class CheckPrinter:
    """The rows of a check so far; owns them."""

    def __init__(self) -> None:
        self.progress: CheckProgress | None = None
        self.finished: CheckFinished | None = None
        self._rows: dict[str, ParameterReport] = {}

    def add(self, event: CheckEvent) -> None:
        """Add the next event; a repeated row replaces the earlier one."""
        match event:
            case CheckProgress():
                self.progress = event
            case ParameterReport():
                self._rows[event.name] = event
            case CheckFinished():
                self.finished = event

    def table(self) -> RenderableType:
        """Return one row per parameter: the gradients at its worst entry, the error, the verdict.

        The tolerance is shown where rounding raises it; a narrow terminal then has no room for the entry's index.
        """
        narrow = output.is_live() and output.console().width < WIDE
        rows = list(self._rows.values())
        cells = [_row(row, digits=3 if narrow else 4) for row in rows]
        hidden = set() if any((row.allowed or 0.0) >= 2 * USUAL_TOLERANCE for row in rows) else {"tolerance"}
        if narrow and not hidden:
            hidden = {"at"}
        shown = [i for i, name in enumerate(COLUMNS) if name not in hidden]
        return table(
            [COLUMNS[i] for i in shown],
            [[row[i] for i in shown] for row in cells],
            left=1 + ("at" not in hidden),
        )

    def render(self) -> Group:
        """Return the table so far and the check's progress."""
        if self.progress is None:
            return Group(Text("loading the data ...", style="dim"))
        return Group(self.table(), Text(self.words(), style="dim"))

    def words(self) -> str:
        """Return what is being checked, and how far."""
        if self.progress is None:
            return "checking the gradients"
        return f"{self.progress.phase}: {self.progress.done:,}/{self.progress.total:,}"


def _row(row: ParameterReport, digits: int) -> tuple[str | Text, ...]:
    at = ",".join(str(i) for i in row.index) if row.index else "-"
    values = [figure(value, digits) for value in (row.analytic, row.finite_difference, row.torch)]
    error = "-" if row.verdict == "unchecked" else f"{row.relative_error:.1e}"
    word = row.verdict.replace("_", " ")
    allowed = "-" if row.allowed is None or row.verdict == "unchecked" else f"{row.allowed:.1e}"
    return row.name, at, *values, error, allowed, Text(word, style=STYLES.get(row.verdict, "yellow"))


def verdict(finished: CheckFinished) -> list[str]:
    """Return the verdict in sentences, then further problems, blind spots and notes."""
    first = f"{'PASSED' if finished.passed else 'FAILED'}: {finished.message}"
    others = [problem for problem in finished.problems if problem not in finished.message]
    return [
        first,
        *(f"  {problem}" for problem in others),
        *(f"  not covered: {text}" for text in finished.blind_spots),
        *(f"  note: {text}" for text in finished.notes),
    ]


def with_run(events: Iterable[Event], run: str | None) -> Iterator[Event]:
    """Yield the events, the first one with the run's name, if there is a run."""
    for position, event in enumerate(events):
        yield event if position or not run else msgspec.structs.replace(event, run=run)


def final_rows(events: Iterable[CheckEvent]) -> Iterator[CheckEvent]:
    """Yield the events with each row and each map once, as they are at the end; the stream repeats them."""
    held: dict[tuple[str, str], ParameterReport | HeatMap] = {}
    for event in events:
        if isinstance(event, ParameterReport | HeatMap):
            held[type(event).__name__, event.name] = event
            continue
        if isinstance(event, CheckFinished):
            yield from sorted(held.values(), key=lambda one: isinstance(one, HeatMap))
        yield event


def keep_report(events: Iterable[CheckEvent], run_folder: Path, step: int) -> Iterator[CheckEvent]:
    """Yield the events, and write rows and verdict to `checks/step-XXXXXXXX.json` in a run's folder.

    A folder that cannot be written costs the report, not the check.
    """
    rows: dict[str, ParameterReport] = {}
    for event in events:
        if isinstance(event, ParameterReport):
            rows[event.name] = event
        elif isinstance(event, CheckFinished):
            report = {"step": step, "parameters": list(rows.values()), "result": event}
            with contextlib.suppress(OSError):
                folder = own_folder(run_folder / "checks")
                replace_file(folder / f"step-{step:08}.json", [msgspec.json.encode(report)])
        yield event
