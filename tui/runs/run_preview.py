"""The preview of a run beside the table: curve, experiment, state, scores and newest events."""

import time

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine.runs import RunSummary
from engine.words import counted
from tui.charts.bars import sparkline
from tui.charts.tones import FAINT, MUTED
from tui.follow.advice import trouble
from tui.follow.run_figures import RunFigures
from tui.runs.rows import STATES
from tui.widgets.curve_panel import CurvePanel
from tui.widgets.difference import difference
from tui.widgets.event_log import MARKS
from tui.widgets.set_text import set_title
from tui.words.changes import Changes
from tui.words.figures import count, duration, figure, percent

TONES = {
    "good": "$text-success",
    "warning": "$text-warning",
    "error": "$text-error",
    "accent": "$text-accent",
}
ADVICE = {
    "lost": "space resumes it from its newest checkpoint",
    "stopped": "space resumes it, f forks it",
    "failed": "space tries again from its newest checkpoint",
    "diverged": "space resumes from the best checkpoint with a lower learning rate",
    "finished": "enter opens it, f forks it, space continues with more epochs",
    "damaged": "look at its folder, or move it to the trash with del",
    "running": "enter opens it, x stops it",
    "paused": "space continues it, enter opens it",
    "starting": "its worker is reading the data",
}
"""Advice on a run in each state."""
MOST_FINDINGS = 4


class RunPreview(Vertical):
    """Shows one run; with `brief`, in three lines without a plot; with `beside`, the plot beside the words."""

    DEFAULT_CSS = """
    RunPreview { height: 1fr; }
    RunPreview #preview-curve { height: 1fr; min-height: 8; max-height: 18; }
    RunPreview #preview-words { height: 1fr; }
    RunPreview.-brief #preview-curve { display: none; }
    RunPreview.-beside { layout: horizontal; }
    RunPreview.-beside #preview-curve { width: 1fr; height: 1fr; max-height: 100%; }
    RunPreview.-beside #preview-words { width: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._run: RunSummary | None = None
        self._figures: RunFigures | None = None
        self._changes: Changes = {}
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
            self._figures, self._changes = None, {}
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

    def show_changes(self, name: str, changes: Changes) -> None:
        """Show the settings in which the fork `name` differs from its origin."""
        if self._run is not None and self._run.name == name:
            self._changes = changes
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
        sections = [
            [self._state(run), *self._experiment(run), *_notes(run)],
            _figures_table(run),
            self._differences(run),
            self._findings(width),
            [*self._trouble(run), Content.styled(ADVICE[run.state], MUTED)],
        ]
        lines = [line for section in sections if section for line in (*section, Content(""))]
        used = sum(line.get_height({}, width) for line in lines)
        return [*lines, *self._events(max(0, self._words.content_size.height - used), width)]

    def _brief_lines(self, run: RunSummary, width: int) -> list[Content]:
        first = Content.assemble(self._state(run), "  ", *self._experiment(run)[:1])
        advice = Content.styled(ADVICE[run.state], MUTED)
        third = Content.styled(" · ", FAINT).join([*self._trouble(run), advice])
        curve = self._sparkline(max(8, width - 34))
        second = Content.assemble(*curve, "  ", *_best(run))
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
        if self.brief:
            return lines
        parts = [counted(run.n_parameters, "parameter")] if run.n_parameters else []
        if run.seconds:
            parts.append(f"{counted(run.step, 'step')} in {duration(run.seconds)}")
        return [*lines, Content.styled(" · ".join(parts), MUTED)] if parts else lines

    def _differences(self, run: RunSummary) -> list[Content]:
        """The origin of a fork, and the settings that it changed."""
        if not run.parent:
            return []
        where = f"forked from {run.parent} at epoch {run.parent_epoch}" if run.parent_epoch else ""
        head = Content.styled(where or f"forked from the initial weights of {run.parent}", MUTED)
        return [head, *difference(self._changes).split("\n")] if self._changes else [head]

    def _findings(self, width: int) -> list[Content]:
        found = self._figures.findings if self._figures else ()
        lines = []
        for finding in found[:MOST_FINDINGS]:
            sign, style = MARKS[finding.severity]
            text = Content.assemble((sign, style), f" {finding.code}: {finding.message}")
            lines.append(text.truncate(width, ellipsis=True))
        more = len(found) - MOST_FINDINGS
        return [*lines, Content.styled(f"and {more} more", MUTED)] if more > 0 else lines

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
        lines = self._figures.lines[-n:] if self._figures and n else ()
        found = []
        for line in reversed(lines):
            sign, style = MARKS[line.kind]
            clock = time.strftime("%H:%M:%S", time.localtime(line.at))
            entry = Content.assemble((clock, FAINT), " ", (sign, style), " ", line.text)
            found.append(entry.truncate(width, ellipsis=True))
        return found


def _best(run: RunSummary) -> list[Content]:
    """The best validation figure, and the test figure if there is one, in a line."""
    parts = []
    if run.best_validation_accuracy is not None:
        parts.append(Content.assemble("best val acc ", (percent(run.best_validation_accuracy), "bold")))
    elif run.best_validation_loss is not None:
        parts.append(Content.assemble("best val loss ", (figure(run.best_validation_loss), "bold")))
    if run.test_accuracy is not None:
        parts.append(Content.assemble("test ", (percent(run.test_accuracy), "bold")))
    elif run.test_loss is not None:
        parts.append(Content.assemble("test loss ", (figure(run.test_loss), "bold")))
    return [Content.styled(" · ", FAINT).join(parts)] if parts else []


def _figures_table(run: RunSummary) -> list[Content]:
    """The figures of the splits: one row each for loss and accuracy, one column each for best, final and test."""
    final = "final val" if run.is_over else "latest val"
    heads = ("best val", final, "test", "train")
    rows = [
        (
            "accuracy",
            [
                percent(run.best_validation_accuracy),
                percent(run.validation_accuracy),
                percent(run.test_accuracy),
                percent(run.train_accuracy),
            ],
        ),
        (
            "loss",
            [
                figure(run.best_validation_loss),
                figure(run.validation_loss),
                figure(run.test_loss),
                figure(run.train_loss),
            ],
        ),
    ]
    known = [(name, values) for name, values in rows if set(values) != {"-"}]
    if not known:
        return []
    head = Content.styled(" " * 10 + "".join(text.rjust(12) for text in heads), MUTED)
    lines = [Content(name.ljust(10) + "".join(value.rjust(12) for value in values)) for name, values in known]
    return [head, *lines]


def _notes(run: RunSummary) -> list[Content]:
    tags = [Content.styled(f"#{tag}", "$text-accent") for tag in run.tags]
    lines = [Content(" ").join(tags)] if tags else []
    return [*lines, Content(run.note)] if run.note else lines
