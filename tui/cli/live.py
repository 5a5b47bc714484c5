"""The live display of a training in a terminal: bars, loss curve, accuracies, speeds, time left."""

import contextlib
import math
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from engine.events import Event, Finding
from tui.charts.bars import block_row
from tui.cli.brief_lines import BriefLines
from tui.cli.finding_lines import finding_rows
from tui.cli.progress import Progress
from tui.cli.terminal_echo import without_echo
from tui.words.figures import clock, count, figure, percent

TAIL = 13
"""Columns reserved for the text right of a bar."""


class LiveDisplay:
    """Redraws a few lines in place; epochs, commands and findings are kept as lines above them.

    Args:
        frame_s: minimum seconds between two redraws.
    """

    def __init__(self, console: Console, run: str, hint: str = "", frame_s: float = 0.0) -> None:
        self._console, self._hint = console, hint
        self._lines = BriefLines(run)
        self._frame_s, self._drawn_at = frame_s, -frame_s
        self._progress = Progress()
        self._open = contextlib.ExitStack()
        self._live = Live(console=console, auto_refresh=False, transient=True, redirect_stderr=False)

    def __enter__(self) -> Self:
        self._open.enter_context(without_echo())
        self._open.enter_context(self._live)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)
        self._keep(self._lines.end())
        if self._progress.curve.points:
            self._console.print(_loss_row(self._progress, self._console.width))

    def show(self, event: Event) -> None:
        """Add the next event; an epoch, a command or a finding is kept as a line."""
        self._progress.add(event)
        self._keep(self._lines.add(event))

    def _keep(self, lines: Iterable[str | Finding]) -> None:
        for line in lines:
            if isinstance(line, Finding):
                for row in finding_rows(line):
                    self._console.print(row, soft_wrap=isinstance(row, Text))
            else:
                self._console.print(Text(line, overflow="ellipsis", no_wrap=True))

    def say(self, text: str) -> None:
        """Keep a message as a line above the display."""
        self._console.print(Text(text))

    def refresh(self) -> None:
        """Draw the newest figures, unless the last ones were drawn less than `frame_s` ago."""
        now = time.monotonic()
        if now - self._drawn_at < self._frame_s:
            return
        self._drawn_at = now
        self._live.update(render(self._progress, self._console.width, self._hint), refresh=True)


def render(progress: Progress, width: int, hint: str = "") -> Group:
    """Return the display's lines for a terminal of `width` columns."""
    if progress.started is None:
        return Group(Text("starting the worker and reading the data ...", style="dim"))
    rows: list[Table | Text] = [_epoch_row(progress, width)]
    if progress.steps_per_epoch > 1:
        rows.append(_batch_row(progress, width))
    rows += [_loss_row(progress, width), _accuracy_row(progress), _speed_row(progress)]
    if progress.paused:
        hint = f"paused · resume with: nnterm unpause {progress.started.run} · {hint}"
    return Group(*rows, Text(hint, style="dim", no_wrap=True, overflow="ellipsis"))


def _label_width(progress: Progress) -> int:
    """Return the width of the labels on the left: that of the widest label of this training."""
    batch = f"batch {progress.steps_per_epoch:,}/{progress.steps_per_epoch:,}"
    return max(10, len(f"epoch {progress.epochs}/{progress.epochs}"), len(batch))


def _label(text: str, progress: Progress) -> Text:
    """Return the label that starts a row of text."""
    return Text(f"{text:<{_label_width(progress)}} ", no_wrap=True, overflow="ellipsis")


def _epoch_row(progress: Progress, width: int) -> Table:
    share = progress.step / max(1, progress.total_steps)
    tail = "paused" if progress.paused else f"{clock(progress.seconds_left)} left"
    return _bar_row(f"epoch {progress.epoch}/{progress.epochs}", share, tail, progress, width)


def _batch_row(progress: Progress, width: int) -> Table:
    share = progress.batch / progress.steps_per_epoch
    return _bar_row(f"batch {progress.batch:,}/{progress.steps_per_epoch:,}", share, "", progress, width)


def _bar_row(label: str, share: float, tail: str, progress: Progress, width: int) -> Table:
    row = Table.grid(padding=(0, 1))
    row.add_column(width=_label_width(progress), no_wrap=True)
    row.add_column(width=max(4, width - _label_width(progress) - TAIL - 8))
    row.add_column(width=5, justify="right")
    row.add_column(no_wrap=True)
    bar = ProgressBar(total=1.0, completed=share, complete_style="cyan", finished_style="green")
    row.add_row(label, bar, f"{math.floor(100 * share)} %", tail)
    return row


def _loss_row(progress: Progress, width: int) -> Text:
    row = _label("loss", progress)
    points = progress.curve.resampled(max(4, width - _label_width(progress) - 12))
    if not points:
        return row
    log = min(points) > 0
    values = [math.log10(value) for value in points] if log else points
    row.append(f"{figure(points[-1]):<10} ")
    return row.append(block_row(values), style="cyan")


def _accuracy_row(progress: Progress) -> Text:
    epoch, started = progress.last_epoch, progress.started
    chance = started.chance if started else None
    if chance is None:  # regression: show the losses of the last epoch
        values = (figure(epoch.train_loss), figure(epoch.validation_loss)) if epoch else ("-", "-")
    else:
        values = (percent(epoch.train_accuracy), percent(epoch.validation_accuracy)) if epoch else ("-", "-")
    row = _label("epoch loss" if chance is None else "accuracy", progress)
    row.append("train ").append(f"{values[0]:<9}", style="cyan")
    row.append("  validation ").append(f"{values[1]:<9}", style="yellow")
    return row if chance is None else row.append(f"  chance {percent(chance)}", style="dim")


def _speed_row(progress: Progress) -> Text:
    steps, samples = count(progress.steps_per_s), count(progress.samples_per_s)
    row = _label("speed", progress).append(f"{steps + ' steps/s':<15}  {samples + ' samples/s':<18}")
    return row.append(f"  learning rate {figure(progress.learning_rate)}")
