"""The details of one trial: its state, its live plot, its answer, and the suggested setting."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine.trials.registry import Trial
from tui.charts.bars import line_bar
from tui.charts.tones import FAINT, MUTED
from tui.trials.trial_list import SIGNS
from tui.trials.view import TrialView
from tui.widgets.difference import difference
from tui.widgets.loss_plot import LossPlot
from tui.widgets.set_text import set_text, set_title
from tui.words.changes import Changes


class TrialDetails(Vertical):
    """Shows a trial with the results so far."""

    DEFAULT_CSS = """
    TrialDetails { width: 1fr; height: 1fr; }
    TrialDetails Static { height: auto; }
    TrialDetails #trial-plot-title { margin: 1 0 0 0; text-wrap: nowrap; text-overflow: ellipsis; }
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
        set_text(self._head, _head(trial, view, max(20, self.content_size.width), remark))
        set_text(self._after, _after(view, changes, is_short=self.screen.has_class("-short")))
        plot = view.plot if view else None
        self.set_class(plot is None, "-bare")
        if plot is not None and view is not None:
            set_text(self._title, Content.assemble((plot.title, MUTED)))
            self._plot.log_scale, self._plot.grow, self._plot.reach = plot.log_y, plot.grows, plot.reach
            self._plot.x_label = plot.x_label if self.size.height >= 20 else ""
            self._plot.cursor = view.mark
            self._plot.show(view.series())


def _head(trial: Trial, view: TrialView | None, width: int, remark: str) -> Content:
    """The answer of the trial; its progress while it runs; its question before."""
    if view is None:
        return Content.assemble(trial.question, "\n\n", ("enter", "bold $text-accent"), (" tries it.", MUTED))
    sign, style = SIGNS[view.state]
    lines = [Content.assemble((f"{sign} {_state(view)}", style), (f"  {remark}" if remark else "", MUTED))]
    if view.is_running:
        lines[0] = Content.assemble(lines[0], "  ", (f"{view.phase} …", MUTED))
        lines.append(Content.assemble(*line_bar(view.share, width - 6), f" {view.share:4.0%}"))
    else:
        lines.append(Content(f"{view.message}  {view.hint}".strip()))
    return Content("\n").join(lines)


def _state(view: TrialView) -> str:
    """The state in a word or two."""
    if view.finished is not None:
        return view.finished.outcome.replace("-", " ")
    return {"running": "under way", "broken": "no answer"}.get(view.state, view.state)


def _after(view: TrialView | None, changes: Changes, *, is_short: bool) -> Content:
    """The suggested setting, notes on the method, and the source."""
    lines = []
    if view is not None and view.finished is not None and changes:
        lines.append(Content.assemble(("m", "bold $text-accent"), ("  puts it into the draft:", MUTED)))
        lines.append(difference(changes))
    if view is not None and view.started is not None and not (is_short and (view.is_running or lines)):
        about = "; ".join([view.started.beginning, *view.notes])
        lines.append(Content.styled(about, MUTED))
    if view is not None and view.finished is not None and not is_short:
        lines.append(Content.styled(f"source: {view.finished.source}", FAINT))
    return Content("\n").join(lines)
