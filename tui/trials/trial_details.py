"""The details of one trial: its plot and its answer, or what it would do and a sketch of its plot."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine.trials.registry import Trial
from tui.charts.bars import line_bar
from tui.charts.tones import FAINT, MUTED
from tui.trials.sketches import sketch_of
from tui.trials.trial_list import SIGNS
from tui.trials.view import TrialView
from tui.widgets.difference import difference
from tui.widgets.loss_plot import LossPlot
from tui.widgets.set_text import set_text, set_title
from tui.words.changes import Changes
from tui.words.wrapping import wrapped

OUTCOMES = {
    "edge": "close to divergence",
    "by-heart": "memorised",
    "partly": "partly memorised",
    "no-memory": "not memorised",
}
"""Words for outcomes that do not say it themselves."""

_NAME = 9
"""Columns of the names in front of what a trial does."""


class TrialDetails(Vertical):
    """Shows a trial with the results so far."""

    DEFAULT_CSS = """
    TrialDetails { width: 1fr; height: 1fr; }
    TrialDetails Static { height: auto; }
    TrialDetails #trial-plot-title { margin: 1 0 0 0; }
    TrialDetails LossPlot { height: 1fr; }
    TrialDetails #trial-after { height: auto; margin: 1 0 0 0; }
    .-short TrialDetails #trial-plot-title, .-short TrialDetails #trial-after { margin: 0; }
    TrialDetails.-bare LossPlot, TrialDetails.-bare #trial-plot-title { display: none; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._head, self._title = Static(), Static(id="trial-plot-title")
        self._after = Static(id="trial-after")
        self._plot = LossPlot()

    def compose(self) -> ComposeResult:
        yield self._head
        yield self._title
        yield self._plot
        yield self._after

    def show(self, trial: Trial, view: TrialView | None, changes: Changes, remark: str = "") -> None:
        """Show the current state of a trial.

        Args:
            view: None if the trial was not started.
            changes: the changes to the draft that it suggests.
            remark: a note beside the state.
        """
        set_title(self, trial.title)
        is_short = self.screen.size.height < 35
        set_text(self._head, _head(trial, view, max(20, self.content_size.width), remark, is_short=is_short))
        set_text(self._after, _after(view, changes, is_short=is_short))
        if view is None:
            self._show_sketch(trial)
        else:
            self._show_plot(view)

    def _show_plot(self, view: TrialView) -> None:
        plot = view.plot
        self.set_class(plot is None, "-bare")
        if plot is not None:
            set_text(self._title, Content.styled(plot.title, MUTED))
            self._plot.log_scale, self._plot.grow, self._plot.reach = plot.log_y, plot.grows, plot.reach
            self._plot.x_label = self._label(plot.x_label)
            self._plot.cursor = view.mark
            self._plot.show(view.series())

    def _show_sketch(self, trial: Trial) -> None:
        sketch = sketch_of(trial.name)
        self.set_class(sketch is None, "-bare")
        if sketch is not None:
            words = Content.assemble(("sketch: ", FAINT), (sketch.words, MUTED))
            set_text(self._title, words)
            self._plot.log_scale, self._plot.grow, self._plot.reach = sketch.log, sketch.grows, None
            self._plot.x_label = self._label(sketch.x_label)
            self._plot.cursor = None
            self._plot.show(sketch.series)

    def _label(self, text: str) -> str:
        return text if self.size.height >= 20 else ""


def _head(trial: Trial, view: TrialView | None, width: int, remark: str, *, is_short: bool) -> Content:
    """The answer of the trial; its progress while it runs; what it would do before."""
    if view is None:
        return _offer(trial, width, is_short=is_short)
    sign, style = SIGNS[view.state]
    lines = [Content.assemble((f"{sign} {_state(view)}", style), (f"  {remark}" if remark else "", MUTED))]
    if view.is_running:
        lines[0] = Content.assemble(lines[0], "  ", (f"{view.phase} …", MUTED))
        lines.append(Content.assemble(*line_bar(view.share, width - 6), f" {view.share:4.0%}"))
    else:
        lines.append(Content(f"{view.message}  {view.hint}".strip()))
    return Content("\n").join(lines)


def _offer(trial: Trial, width: int, *, is_short: bool) -> Content:
    """The question of a trial, its procedure, its cost, and the meaning of its answer."""
    start = Content.assemble(("enter", "bold $text-accent"), (" runs it", MUTED))
    if is_short:
        offer = Content.assemble((trial.question, "bold"), " ", trial.method)
        return Content("\n").join([offer, Content.assemble(start, f" · {trial.cost}")])
    lines = [Content.styled(trial.question, "bold"), Content("")]
    for name, text in (("method", trial.method), ("answer", trial.about), ("cost", trial.cost)):
        for i, part in enumerate(wrapped(text, width - _NAME)):
            lines.append(Content.assemble(((name if i == 0 else "").ljust(_NAME), MUTED), part))
    return Content("\n").join([*lines, Content(""), start])


def _state(view: TrialView) -> str:
    """The state in a word or two."""
    if view.finished is not None:
        return OUTCOMES.get(view.finished.outcome, view.finished.outcome.replace("-", " "))
    return {"broken": "no answer"}.get(view.state, view.state)


def _after(view: TrialView | None, changes: Changes, *, is_short: bool) -> Content:
    """The suggested setting, notes on the method, and the source."""
    lines = []
    if view is not None and view.finished is not None and changes:
        lines.append(
            Content.assemble(("m", "bold $text-accent"), ("  applies it to the network on Build:", MUTED))
        )
        lines.append(difference(changes))
    if view is not None and view.started is not None and not (is_short and (view.is_running or lines)):
        about = "; ".join([view.started.beginning, *view.notes])
        lines.append(Content.styled(about, MUTED))
    if view is not None and view.finished is not None and not is_short:
        lines.append(Content.styled(f"source: {view.finished.source}", FAINT))
    return Content("\n").join(lines)
