"""The first lines of the Train screen: the run, its state and its progress."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from engine.words import counted
from tui.charts.tones import FAINT, MUTED
from tui.follow.run_figures import RunFigures
from tui.words.events import pace_words
from tui.words.figures import clock, count, duration, figure, percent

STATES = {
    "starting": ("◌", "$text-accent"),
    "running": ("●", "$text-success"),
    "paused": ("‖", "$text-warning"),
    "stopped": ("■", "$text-warning"),
    "finished": ("✓", "$text-success"),
    "diverged": ("✗", "$text-error"),
    "failed": ("✗", "$text-error"),
    "lost": ("?", "$text-error"),
}
"""Sign and colour of each state; no state is shown by colour alone."""
TAIL = 34
"""Columns of the text to the right of a bar."""


class RunHeader(Widget):
    """Shows `figures`, and a command that the worker has not answered yet."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "RunHeader { height: 3; padding: 0 1; }"

    figures: reactive[RunFigures | None] = reactive(None)
    pending: reactive[str] = reactive("")
    """A command in progress, such as `pausing …`, shown instead of the state."""
    pace: reactive[float | None] = reactive(None)
    """Steps per second of a training in slow motion, also if only requested; None: full speed."""

    def render(self) -> Content:
        """Return the lines."""
        figures = self.figures
        if figures is None:
            return Content("")
        rows = [self._state_row(figures), self._epoch_row(figures)]
        if figures.is_over:
            rows.append(_outcome(figures))
        elif figures.steps_per_epoch > 1:
            rows.append(self._batch_row(figures))
        else:
            rows.append(_speed_row(figures))
        return Content("\n").join(row.truncate(self.size.width, ellipsis=True) for row in rows)

    def _state_row(self, figures: RunFigures) -> Content:
        sign, style = STATES[figures.state]
        state = self.pending or (
            "stopping …" if figures.is_stopping and not figures.is_over else figures.state
        )
        facts = figures.description
        if figures.n_parameters:
            facts += f" · {counted(figures.n_parameters, 'parameter')}"
        slow = "" if self.pace is None or figures.is_over else f"  {pace_words(self.pace)}"
        return Content.assemble(
            (f"{sign} {state}", f"bold {style}"),
            (slow, "$text-accent"),
            f"  {figures.name}  ",
            (facts, MUTED),
        )

    def _epoch_row(self, figures: RunFigures) -> Content:
        if not figures.total_steps:
            return Content.styled("starting the worker and reading the data …", MUTED)
        label = f"epoch {figures.epoch:,}/{figures.epochs:,}"
        left = f"{clock(figures.seconds_left)} left" if figures.state == "running" else ""
        tail = f"step {figures.step:,}".ljust(16) + left
        return self._bar_row(figures, label, figures.step / figures.total_steps, tail)

    def _batch_row(self, figures: RunFigures) -> Content:
        label = f"batch {figures.batch:,}/{figures.steps_per_epoch:,}"
        return self._bar_row(figures, label, figures.batch / figures.steps_per_epoch, _speeds(figures))

    def _bar_row(self, figures: RunFigures, label: str, share: float, tail: str) -> Content:
        """`label ━━━━━━━╸───── 61 %  tail`; the bars of both rows are aligned."""
        per_epoch = f"batch {figures.steps_per_epoch:,}/{figures.steps_per_epoch:,}"
        epochs = f"epoch {figures.epochs:,}/{figures.epochs:,}"
        label_width = max(len(per_epoch), len(epochs)) + 2
        width = max(4, self.size.width - label_width - TAIL - 7)
        return Content.assemble(
            label.ljust(label_width), *_line(share, width), f"{int(100 * share):>4} %  ", (tail, MUTED)
        )


def _line(share: float, width: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """A thin bar with a resolution of half a cell."""
    halves = round(min(1.0, max(0.0, share)) * width * 2)
    done = "━" * (halves // 2) + "╸" * (halves % 2)
    return (done, "$primary"), ("─" * (width - len(done)), "$foreground 25%")


def _speeds(figures: RunFigures) -> str:
    if not figures.steps_per_s or figures.state != "running":
        return ""
    return f"{count(figures.steps_per_s)} steps/s".ljust(16) + f"{count(figures.samples_per_s)} samples/s"


def _speed_row(figures: RunFigures) -> Content:
    """The speeds alone, for epochs of a single step, which need no bar of batches."""
    return Content.styled(_speeds(figures), MUTED)


def _outcome(figures: RunFigures) -> Content:
    """The final scores, test first."""
    splits = (("test", figures.test), ("validation", figures.validation), ("train", figures.train))
    parts: list[Content] = []
    if figures.state == "diverged":
        of = "" if figures.kept_step is None else f", step {figures.kept_step:,}"
        parts.append(Content.styled(f"last finite weights{of}", MUTED))
    for name, split in splits:
        if split.accuracy is not None:
            parts.append(Content.assemble(f"{name} ", (percent(split.accuracy), "bold")))
        elif split.loss is not None:
            parts.append(Content.assemble(f"{name} loss ", (figure(split.loss), "bold")))
    if figures.seconds is not None:
        parts.append(Content.styled(f"{counted(figures.step, 'step')} in {duration(figures.seconds)}", MUTED))
    return Content.styled("  ·  ", FAINT).join(parts)
