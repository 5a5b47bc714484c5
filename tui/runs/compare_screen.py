"""The comparison screen: the curves and scores of several runs, and the differences of their experiments."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from engine.errors import NntermError
from engine.runs import Comparison, Run, RunSummary, compare, runs_folder
from engine.runs.listing import summarise
from tui.follow.reader import RunReader
from tui.follow.run_figures import RunFigures
from tui.runs.comparison import WHICH, Scale, accuracy_series, end_of, loss_series, read_off
from tui.runs.comparison_table import ComparisonTable
from tui.shell.screen import LabScreen
from tui.widgets.curve_panel import SMOOTHING
from tui.widgets.loss_plot import LossPlot

POLL_S = 1.0
"""Seconds between two reads of the runs."""
CURSOR_STEPS = 64
"""Key presses that move the cursor from one end of the x axis to the other."""


class CompareScreen(LabScreen):
    """Compares runs; pushed over the list of runs.

    Args:
        names: of the runs, in the order of their colours.
        home: where the runs are stored; None: the default home.
    """

    MODE = "runs"
    PURPOSE = "Lines: train. Markers: validation. ←/→ read values."
    HELP = (
        "Each run has a colour and a mark. Its training loss is a plain line; its loss on the validation split is a line "
        "with its mark. A step is one update of the weights: with another batch size an epoch has another number of "
        "steps, so X changes the x axis to epochs or to seconds of training. Left and right move a cursor, and the table "
        "shows the values of every run there."
    )
    DEFAULT_CSS = """
    CompareScreen {
        #plots { height: 1fr; layout: horizontal; }
        #plots .panel { width: 1fr; height: 1fr; padding: 0; }
        #compared { height: auto; max-height: 55%; }
        &.-narrow #plots .-behind { display: none; }
    }
    """
    AUTO_FOCUS = "#compared"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", tooltip="back to the list of runs"),
        Binding("left,h", "cursor(-1)", "read values", key_display="← →", tooltip="read earlier values"),
        Binding("right,l", "cursor(1)", "later", show=False, tooltip="read later values"),
        Binding("home", f"cursor({-CURSOR_STEPS - 1})", "first", show=False, tooltip="read the first values"),
        Binding("end", "newest", "newest", tooltip="the newest values again"),
        Binding(
            "right_curly_bracket,left_curly_bracket",
            "swap",
            "loss/accuracy",
            key_display="{ }",
            tooltip="accuracy instead of loss, or back",
        ),
        Binding("X", "scale", "x axis", tooltip="x axis: steps, epochs or seconds"),
        Binding("Y", "axis", "log/linear", tooltip="logarithmic or linear loss axis"),
        Binding("Z", "smooth(1)", "smoothing", tooltip="smoothing of the training curves: the next one"),
        Binding("n", "which", "curves", tooltip="curves: train and validation, or one of them"),
    ]

    def __init__(self, names: Sequence[str], home: Path | None) -> None:
        super().__init__()
        self._names, self._home = list(names), home
        self.plots = (LossPlot(id="loss", classes="panel"), LossPlot(id="accuracy", classes="panel -behind"))
        """The plots of the losses and of the accuracies."""
        self._table = ComparisonTable(id="compared", classes="panel")
        self._readers: dict[str, RunReader] = {}
        self._figures = {name: RunFigures(name) for name in names}
        self._runs: dict[str, RunSummary] = {}
        self._comparison: Comparison | None = None
        self._trouble = ""
        self._at: float | None = None
        self._scale, self._which, self._smoothing = Scale(), WHICH[0], SMOOTHING.index(0.9)

    def body(self) -> ComposeResult:
        with Container(id="plots"):
            yield from self.plots
        yield self._table

    def on_mount(self) -> None:
        """Start with a logarithmic loss axis, which still shows late progress."""
        for plot in self.plots:
            plot.legend = False
        self.plots[0].log_scale = True
        self._restyle()

    # following the runs

    def on_screen_resume(self) -> None:
        """Poll while the screen is visible."""
        self._follow()

    def on_screen_suspend(self) -> None:
        """Stop polling while the screen is hidden."""
        self.workers.cancel_group(self, "follow")

    def on_resize(self) -> None:
        """Redraw for the new size."""
        self.call_after_refresh(self._show)

    @work(exclusive=True, group="follow")
    async def _follow(self) -> None:
        await asyncio.to_thread(self._compare)
        while True:
            self._runs, news = await asyncio.to_thread(self._poll)
            self._figures |= news
            self._show()
            if not any(reader.is_behind for reader in self._readers.values()):
                await asyncio.sleep(POLL_S)

    def _compare(self) -> None:
        """Compare the experiments; in a thread."""
        try:
            self._comparison = compare([Run.open(name, self._home) for name in self._names])
        except NntermError as error:
            self._trouble = f"{error.message}. {error.hint}"

    def _poll(self) -> tuple[dict[str, RunSummary], dict[str, RunFigures]]:
        """Return the states of the runs, and the figures of those that have changed; in a thread."""
        news = {}
        for name in self._names:
            try:
                reader = self._readers.get(name) or RunReader.open(name, self._home)
            except NntermError:  # it was removed: the last figures are kept
                continue
            self._readers[name] = reader
            figures = reader.look()
            if figures is not None:
                news[name] = figures
        folder = runs_folder(self._home)
        return {name: summarise(folder / name) for name in self._names}, news

    def _show(self) -> None:
        if not (self._runs and self._table.is_attached):
            return
        figures = list(self._figures.values())
        for plot in self.plots:
            plot.grow = not all(run.is_over for run in figures)
        loss, accuracy = self.plots
        loss.show(loss_series(figures, self._scale, self._which))
        accuracy.show(accuracy_series(figures, self._scale, self._which))
        readings = [read_off(run, self._scale, self._at) for run in figures]
        self._table.show(list(self._runs.values()), readings, self._place_words())
        self._table.show_differences(self._comparison, self._trouble)

    def _place_words(self) -> str:
        if self._at is None:
            return "newest"
        return self._scale.words(self._at)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        if action == "swap":  # only where one plot fits
            return self.has_class("-narrow")
        return self._at is not None if action == "newest" else True

    def action_leave(self) -> None:
        """Return to the list."""
        self.dismiss()

    def action_cursor(self, by: int) -> None:
        """Move the cursor along the x axis; the first press to the left starts at the end."""
        end = end_of(list(self._figures.values()), self._scale)
        now = end if self._at is None else self._at
        at = now + by * max(end / CURSOR_STEPS, 1e-9)
        self._at = None if at > end else max(0.0, at)
        self._show_cursor()
        self.refresh_bindings()

    def action_newest(self) -> None:
        """Show the newest figures again."""
        self._at = None
        self._show_cursor()
        self.refresh_bindings()

    def _show_cursor(self) -> None:
        for plot in self.plots:
            plot.cursor = self._at
        self._show()

    def action_axis(self) -> None:
        """Switch between a linear and a logarithmic loss axis."""
        self.plots[0].log_scale = not self.plots[0].log_scale
        self._restyle()

    def action_smooth(self, by: int) -> None:
        """Smooth the training curves more or less, wrapping around."""
        self._smoothing = (self._smoothing + by) % len(SMOOTHING)
        self._restyle()

    def action_which(self) -> None:
        """Show the training curves, the validation curves, or both."""
        self._which = WHICH[(WHICH.index(self._which) + 1) % len(WHICH)]
        self._restyle()

    def action_scale(self) -> None:
        """Switch the x axis between steps, epochs and seconds."""
        self._scale = self._scale.next
        self.action_newest()
        self._restyle()

    def action_swap(self) -> None:
        """Switch between the losses and the accuracies."""
        for plot in self.plots:
            plot.toggle_class("-behind")

    def _restyle(self) -> None:
        loss, accuracy = self.plots
        smoothing = SMOOTHING[self._smoothing]
        mean = f"smoothing {smoothing:g}" if smoothing else "no smoothing"
        loss.border_title = f"{'loss · logarithmic' if loss.log_scale else 'loss'} · {self._which}"
        loss.border_subtitle = f"{mean} · by {self._scale.unit}"
        accuracy.border_title = f"accuracy in % · {self._which}"
        accuracy.border_subtitle = f"by {self._scale.unit}"
        loss.smoothing = smoothing
        self._show()
