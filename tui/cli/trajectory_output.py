"""`nnterm check --steps N` on stdout: our training and PyTorch's side by side, as a table and a verdict."""

from collections.abc import Iterable, Iterator

from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from engine.gradcheck.events import CheckProgress
from engine.torch.trajectory.drift import GrowthPoint
from engine.torch.trajectory.events import (
    TrajectoryEvent,
    TrajectoryFinished,
    TrajectoryRow,
    TrajectoryStarted,
)
from engine.words import counted
from tui.cli import output
from tui.cli.table import table
from tui.words.figures import figure

FRAMES_PER_S = 8
COLUMNS = ("parameter", "at", "ours", "PyTorch", "rel. diff.", "rounding", "differs from", "verdict")
STYLES = {"ok": "green", "wrong": "bold red"}
"""Colour of a verdict; any other is yellow."""


def show_trajectory(events: Iterable[TrajectoryEvent]) -> Iterator[TrajectoryEvent]:
    """Show a trajectory check while it runs, then its table and verdict; yield its events."""
    view = _View()
    with output.redrawn(view.render, FRAMES_PER_S, view.words):
        for event in events:
            view.add(event)
            yield event
    if view.started is not None and view.finished is not None:
        output.line(headline(view.started))
        output.show(table(COLUMNS, [_row(row) for row in view.rows], left=2))
        for text in verdict(view.finished):
            output.prose(text)


class _View:
    """The events of the stream so far."""

    def __init__(self) -> None:
        self.started: TrajectoryStarted | None = None
        self.progress: CheckProgress | None = None
        self.finished: TrajectoryFinished | None = None
        self.rows: list[TrajectoryRow] = []

    def add(self, event: TrajectoryEvent) -> None:
        """Add the next event."""
        match event:
            case TrajectoryStarted():
                self.started = event
            case CheckProgress():
                self.progress = event
            case TrajectoryRow():
                self.rows.append(event)
            case TrajectoryFinished():
                self.finished = event

    def render(self) -> Group | Text:
        """Return the header and the progress."""
        if self.started is None or self.progress is None:
            return Text("loading the data ...", style="dim")
        done, total = self.progress.done, self.progress.total
        row = Table.grid(padding=(0, 1))
        row.add_column(width=40)
        row.add_row(ProgressBar(total=total, completed=done, width=40), f"step {done:,}/{total:,}")
        phase = Text(f"{self.progress.phase} ...", style="dim")
        return Group(Text(headline(self.started)), row, phase)

    def words(self) -> str:
        """Return what is being computed, and how far."""
        if self.progress is None:
            return "preparing both trainings"
        return f"{self.progress.phase}: step {self.progress.done:,}/{self.progress.total:,}"


def headline(started: TrajectoryStarted) -> str:
    """Return the training in one line: sizes, loss, optimizer, schedule, batch."""
    optimizer, schedule = started.optimizer, started.schedule
    parts = [
        started.architecture,
        started.loss,
        f"{optimizer['name']} {optimizer['lr']:g}",
        f"{schedule['name']} rate",
        f"batch {started.batch_size:,}",
        *([f"clipped to {started.clip_norm:g}"] if started.clip_norm else []),
        f"{counted(started.steps, 'step')} in float64",
    ]
    return ", ".join(parts)


def _row(row: TrajectoryRow) -> tuple[str | Text, ...]:
    at = ",".join(map(str, row.index)) or "-"
    bad = "-" if row.first_bad_step is None else f"{row.first_bad_step:,}"
    difference, rounding = f"{row.relative_difference:.1e}", f"{row.rounding:.1e}"
    word = Text(row.verdict, style=STYLES.get(row.verdict, "yellow"))
    return row.name, at, figure(row.ours, 8), figure(row.torch, 8), difference, rounding, bad, word


def verdict(finished: TrajectoryFinished) -> list[str]:
    """Return the verdict in sentences, the step at which the trainings diverge, the growth of the difference, notes."""
    lines = [f"{'PASSED' if finished.passed else 'FAILED'}: {finished.message}"]
    parted = finished.departure
    if parted is not None:
        rates = f"{parted.learning_rate:g}, PyTorch's {parted.torch_learning_rate:g}"
        lines.append(f"  at step {parted.step:,}: learning rate {rates}; differs first: {parted.cause}")
    if finished.growth:
        lines.append(f"  difference after step {_growth(finished.growth, 'difference')}")
        lines.append(f"  rounding   after step {_growth(finished.growth, 'rounding')}")
    return [*lines, *(f"  note: {text}" for text in finished.notes)]


def _growth(points: tuple[GrowthPoint, ...], name: str) -> str:
    """Return a figure after 1, 10, 100, ... steps and after the last one."""
    chosen = [point for point in points if _is_power_of_ten(point.step) or point is points[-1]]
    return ", ".join(f"{point.step:,}: {getattr(point, name):.0e}" for point in chosen)


def _is_power_of_ten(step: int) -> bool:
    return step in (1, 10, 100, 1_000, 10_000, 100_000)
