"""The preview of a run beside the table: curve, experiment, state, scores and newest events."""

import time

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine.runs import RunSummary
from tui.charts.bars import sparkline
from tui.charts.tones import FAINT, MUTED
from tui.follow.advice import trouble
from tui.follow.run_figures import RunFigures
from tui.runs.rows import STATES
from tui.widgets.curve_panel import CurvePanel
from tui.widgets.event_log import MARKS
from tui.widgets.set_text import set_title
from tui.words.figures import count, duration, figure, percent

TONES = {
    "good": "$text-success",
    "warning": "$text-warning",
    "error": "$text-error",
    "accent": "$text-accent",
}
ADVICE = {
    "lost": "space takes it up where its newest checkpoint stands",
    "stopped": "space goes on where it stopped, f forks it",
    "failed": "space tries again from its newest checkpoint",
    "diverged": "space goes back to its best weights with a lower learning rate",
    "finished": "enter opens it; space trains on, with more epochs",
    "damaged": "its folder can be looked at by hand; del puts it into the trash",
    "running": "enter watches and steers it; x stops it",
    "paused": "space lets it go on; enter opens it",
    "starting": "its worker reads the data",
}
"""Advice on a run in each state."""


class RunPreview(Vertical):
    """Shows one run; with `brief`, in three lines without a plot."""

    DEFAULT_CSS = """
    RunPreview { height: 1fr; }
    RunPreview #preview-curve { height: 1fr; min-height: 8; max-height: 18; }
    RunPreview #preview-words { height: 1fr; }
    RunPreview.-brief #preview-curve { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._run: RunSummary | None = None
        self._figures: RunFigures | None = None
        self.curve = CurvePanel(id="preview-curve", classes="panel")
        """The loss curves."""
        self._words = Static(id="preview-words", classes="panel")

    def compose(self) -> ComposeResult:
        yield self.curve
        yield self._words

    @property
    def brief(self) -> bool:
        """True if a plot does not fit."""
        return self.has_class("-brief")

    def show_run(self, run: RunSummary | None) -> None:
        """Show a run, or a newer state of the same run; figures from its events come by `show`."""
        if run is None or self._run is None or run.name != self._run.name:
            self._figures = None
            self.curve.clear()
        self._run = run
        self._write()

    def show(self, figures: RunFigures) -> None:
        """Show the figures of the run."""
        if self.is_attached and self._run is not None and figures.name == self._run.name:
            self._figures = figures
            if not self.brief:
                self.curve.show(figures)
            self._write()

    def on_resize(self) -> None:
        """Redraw for the new size."""
        if self._figures is not None and not self.brief:
            self.curve.show(self._figures)
        self._write()

    def _write(self) -> None:
        words, run = self._words, self._run
        set_title(words, run.name if run else "")
        if run is None:
            words.update("", layout=False)
            return
        width = max(10, words.content_size.width or self.size.width - 4)
        lines = self._brief_lines(run, width) if self.brief else self._lines(run, width)
        words.update(Content("\n").join(lines), layout=False)

    def _lines(self, run: RunSummary, width: int) -> list[Content]:
        return [
            self._state(run),
            *self._experiment(run),
            *_best(run),
            *self._trouble(run),
            Content.styled(ADVICE[run.state], MUTED),
            *self._events(max(3, self.size.height - 30), width),
        ]

    def _brief_lines(self, run: RunSummary, width: int) -> list[Content]:
        first = Content.assemble(self._state(run), "  ", *self._experiment(run)[:1])
        advice = Content.styled(ADVICE[run.state], MUTED)
        third = Content.styled(" · ", FAINT).join([*self._trouble(run), advice])
        curve = self._sparkline(max(8, width - 34))
        second = Content.assemble(*curve, "  ", *_best(run)[:1])
        return [line.truncate(width, ellipsis=True) for line in (first, second, third)]

    def _state(self, run: RunSummary) -> Content:
        sign, tone = STATES[run.state]
        where = f" · on {run.host}" if run.host else ""
        speed = f" · {count(run.steps_per_s)} steps/s" if run.steps_per_s and not run.is_over else ""
        state = Content.styled(f"{sign} {run.state}", f"bold {TONES.get(tone, MUTED)}")
        return Content.assemble(state, (f"{speed}{where}", MUTED))

    def _experiment(self, run: RunSummary) -> list[Content]:
        figures = self._figures
        described = figures.description if figures and figures.description else ""
        described = described or " · ".join(part for part in (run.dataset, run.network) if part)
        rate = f" · lr {figure(run.learning_rate)}" if run.learning_rate else ""
        lines = [Content(f"{described}{rate}")] if described else []
        if run.parent:
            lines.append(Content.styled(f"forked from {run.parent}", MUTED))
        if not self.brief and run.seconds:
            lines.append(Content.styled(f"{run.step:,} steps in {duration(run.seconds)}", MUTED))
        return lines

    def _trouble(self, run: RunSummary) -> list[Content]:
        figures = self._figures
        message = (trouble(figures) if figures else "") or run.message.replace(f"{run.path}/", "")
        return [Content.styled(line, "$text-error") for line in message.split("\n") if line]

    def _sparkline(self, width: int) -> list[Content]:
        from tui.charts.curves import smooth

        losses = self._figures.losses if self._figures else None
        if losses is None or not len(losses.mean):
            return [Content.styled("no losses yet", FAINT)]
        values = smooth(losses.steps, losses.mean, 0.5, max(1, width // 2))[:, 1].tolist()[-width:]
        return [Content.styled(sparkline(values, len(values)), "$primary")]

    def _events(self, n: int, width: int) -> list[Content]:
        lines = self._figures.lines[-n:] if self._figures else ()
        found = []
        for line in reversed(lines):
            sign, style = MARKS[line.kind]
            clock = time.strftime("%H:%M:%S", time.localtime(line.at))
            entry = Content.assemble((clock, FAINT), " ", (sign, style), " ", line.text)
            found.append(entry.truncate(width, ellipsis=True))
        return [Content(""), *found] if found else []


def _best(run: RunSummary) -> list[Content]:
    """The best validation scores, and the test scores if there are any."""
    parts = []
    if run.best_validation_accuracy is not None:
        parts.append(Content.assemble("best ", (percent(run.best_validation_accuracy), "bold")))
    if run.best_validation_loss is not None:
        parts.append(Content.assemble("loss ", (figure(run.best_validation_loss), "bold")))
    if run.test_accuracy is not None:
        parts.append(Content.assemble("test ", (percent(run.test_accuracy), "bold")))
    elif run.test_loss is not None:
        parts.append(Content.assemble("test loss ", (figure(run.test_loss), "bold")))
    return [Content.styled(" · ", FAINT).join(parts)] if parts else []
