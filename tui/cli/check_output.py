"""The stream of a gradient check on stdout: JSON lines, or a table that fills and a verdict."""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from engine.gradcheck.events import CheckEvent, CheckFinished, CheckProgress, ParameterReport
from tui.cli import output
from tui.cli.table import table
from tui.words.figures import figure

FRAMES_PER_S = 8
COLUMNS = ("parameter", "at", "analytic", "finite diff.", "PyTorch", "rel. error", "verdict")
STYLES = {"ok": "green", "wrong": "bold red", "not_finite": "bold red"}
"""Colour of a verdict; any other is yellow."""


def show_check(events: Iterable[CheckEvent], as_json: bool) -> int:
    """Show a check while it runs, then its verdict; return the exit code."""
    finished = _pass_on(events) if as_json else show_events(events)
    return output.ExitCode.DONE if finished is not None and finished.passed else output.ExitCode.NO


def _pass_on(events: Iterable[CheckEvent]) -> CheckFinished | None:
    finished = None
    for event in events:
        output.json_line(event)
        finished = event if isinstance(event, CheckFinished) else None
    return finished


def show_events(events: Iterable[CheckEvent]) -> CheckFinished | None:
    """Show a check as a table and a verdict, and return the verdict."""
    view = CheckPrinter()
    live: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
    if output.is_live():
        console = output.console()
        live = Live(
            console=console, refresh_per_second=FRAMES_PER_S, transient=True, get_renderable=view.render
        )
    with live:
        for event in events:
            view.add(event)
    if view.finished is not None:
        output.show(view.table())
        for text in verdict(view.finished):
            output.line(text)
    return view.finished


class CheckPrinter:
    """The rows of a check so far; owns them."""

    def __init__(self) -> None:
        self.progress: CheckProgress | None = None
        self.finished: CheckFinished | None = None
        self._rows: dict[str, ParameterReport] = {}

    def add(self, event: CheckEvent) -> None:
        """Take in the next event; a row that comes again replaces the one before."""
        match event:
            case CheckProgress():
                self.progress = event
            case ParameterReport():
                self._rows[event.name] = event
            case CheckFinished():
                self.finished = event

    def table(self) -> RenderableType:
        """Return a row a parameter: the gradients at its worst coordinate, the error, the verdict."""
        return table(COLUMNS, [_row(row) for row in self._rows.values()], left=2)

    def render(self) -> Group:
        """Return the table so far, and how far the check is."""
        if self.progress is None:
            return Group(Text("reading the data ...", style="dim"))
        done, total = self.progress.done, self.progress.total
        return Group(self.table(), Text(f"{self.progress.phase}: {done}/{total}", style="dim"))


def _row(row: ParameterReport) -> tuple[str | Text, ...]:
    at = ",".join(str(i) for i in row.index) if row.index else "-"
    values = [figure(value) for value in (row.analytic, row.finite_difference, row.torch)]
    error = "-" if row.verdict == "unchecked" else f"{row.relative_error:.1e}"
    word = row.verdict.replace("_", " ")
    return row.name, at, *values, error, Text(word, style=STYLES.get(row.verdict, "yellow"))


def verdict(finished: CheckFinished) -> list[str]:
    """Return the verdict in sentences, then every fault, what the check could not see, and remarks."""
    first = f"{'PASSED' if finished.passed else 'FAILED'}: {finished.message}"
    others = [problem for problem in finished.problems if problem != finished.message]
    return [
        first,
        *(f"  {problem}" for problem in others),
        *(f"  not seen: {text}" for text in finished.blind_spots),
        *(f"  note: {text}" for text in finished.notes),
    ]


def keep_report(events: Iterable[CheckEvent], run_folder: Path, step: int) -> Iterator[CheckEvent]:
    """Pass the events on, and keep the rows and the verdict as `checks/step-XXXXXXXX.json` of a run.

    A folder that cannot be written loses the report, not the check.
    """
    rows: dict[str, ParameterReport] = {}
    for event in events:
        if isinstance(event, ParameterReport):
            rows[event.name] = event
        elif isinstance(event, CheckFinished):
            report = {"step": step, "parameters": list(rows.values()), "result": event}
            with contextlib.suppress(OSError):
                _write(run_folder / "checks" / f"step-{step:08}.json", msgspec.json.encode(report))
        yield event


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
