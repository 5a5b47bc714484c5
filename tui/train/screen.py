"""The Train screen: follows a run by reading its folder, and steers it by writing commands into that folder."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.events import Key
from textual.widgets import Static

from engine.errors import RunError
from engine.runs import list_runs
from tui.findings.finding_strip import FindingStrip
from tui.follow.advice import advice, trouble
from tui.follow.pending_commands import PendingCommands
from tui.follow.relaunch import relaunch
from tui.follow.run_figures import RunFigures
from tui.inspect.client import OpenChannel, open_channel
from tui.processes.check_subject import CheckSubject
from tui.train.gpu_meter import GpuMeter
from tui.train.health_table import HealthTable
from tui.train.keys import TRAIN_KEYS
from tui.train.neighbours import no_boundary
from tui.train.onward import Onward
from tui.train.phases import TRAINING, why_not
from tui.train.rate_panel import RatePanel
from tui.train.run_header import RunHeader
from tui.train.score_panel import ScorePanel
from tui.train.steering_keys import StartAgain
from tui.trials.key import TrialKey
from tui.widgets.curve_panel import CURSOR_KEYS, CURVE_KEYS, CurvePanel
from tui.widgets.event_log import EventLog
from tui.widgets.no_run import NoRun

if TYPE_CHECKING:
    from tui.follow.reader import RunReader

FRAME_S = 0.25
"""Seconds between two reads of a running run: four frames a second."""
REST_S = 1.0
"""Seconds between two reads of a run that has ended."""


class TrainScreen(TrialKey, Onward):
    """Shows the session's run while it trains, and sends the commands of the keys."""

    MODE = "train"
    PURPOSE = "Watch a training and steer it."
    HELP = (
        "A training is a process of its own that writes everything into a folder; this screen reads the folder and "
        "writes your keys into it as commands, which the worker obeys between two steps. Leaving nnterm stops nothing. "
        "The curve of the training loss shows single batches, which scatter; Z smooths it. Validation is measured on "
        "held-out samples after each epoch: where it rises while the training loss falls, the network overfits. With "
        "layer stats on, the layers are measured now and then (at most 3 % of the speed), and the doctor reports "
        "problems as they arise; i shows the layers, d the findings. With one or two features the decision boundary or "
        "the fitted curve is drawn from the newest weights; ( slows the training down so that it can be watched, with "
        "the same result, bit for bit."
    )
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*TRAIN_KEYS, *CURVE_KEYS, *CURSOR_KEYS]

    def __init__(
        self,
        open_reader: "Callable[[str, Path | None], RunReader] | None" = None,
        start_again: StartAgain = relaunch,
        open_channel: OpenChannel = open_channel,
    ) -> None:
        super().__init__(start_again, open_channel)
        self._open_reader = open_reader or _open_reader
        self._state_shown: tuple[object, ...] = ()

    def body(self) -> ComposeResult:
        yield NoRun(id="nothing")
        with Vertical(id="run"):
            yield RunHeader(id="header")
            yield FindingStrip(id="findings")
            yield Static(id="trouble")
            yield GpuMeter(id="gpus")
            yield HealthTable(id="health", classes="panel")
            with Container(id="main"):
                with Horizontal(id="plots"):
                    yield CurvePanel(reads=True, id="curve", classes="panel")
                    yield self._boundary
                with Container(id="side"):
                    with Vertical(id="figures"):
                        yield ScorePanel(id="scores", classes="panel")
                        yield RatePanel(id="rate", classes="panel")
                    yield EventLog(id="events", classes="panel")

    def on_mount(self) -> None:
        """Set the panel titles, and follow the run of the session whenever it changes."""
        self.session.subscribe(self, self._session_changed)
        self.add_class("-empty", "-boundary")
        self.query_one("#events").border_title = "events"
        self.query_one(RatePanel).border_title = "learning rate"
        self.query_one("#health").border_title = "layers"

    # following a run

    def on_screen_resume(self) -> None:
        """Follow the session's run while the screen is visible."""
        name = self.session.run
        if name != self._watched:
            self._watch(name)
        if name is None:
            self._find_newest()
        else:
            self._follow(name)
            self._follow_boundary()

    def _session_changed(self, name: str) -> None:
        if name == "run" and self.is_current:
            self.on_screen_resume()

    def on_screen_suspend(self) -> None:
        """Stop reading while another screen hides this one; behind a dialog it continues, as the training does."""
        if not (self.app.screen.is_modal and self in self.app.screen_stack):
            self.workers.cancel_group(self, "follow")
            self._boundary.leave()

    def _watch(self, name: str | None) -> None:
        """Reset the screen for another run."""
        self._watched, self._reader, self._figures = name, None, None
        self._pending, self._dataset, self._state_shown = PendingCommands(), None, ()
        self._walks_from = None
        self.query_one(EventLog).show(())
        self.query_one(RatePanel).requested = None
        self._boundary.leave()
        self.remove_class("-flat")
        self.set_class(name is None, "-empty")
        if name is None:
            self._set_purpose(self.PURPOSE)
            self.status = ""
        else:
            self._show(RunFigures(name))
        self.refresh_bindings()

    @work(exclusive=True, group="follow")
    async def _follow(self, name: str) -> None:
        """Read the folder of the run in a thread at regular intervals; each frame shows everything new."""
        try:
            if self._reader is None:
                self._reader = await asyncio.to_thread(self._open_reader, name, self.session.home)
        except RunError as error:
            self._show(RunFigures(name, state="lost", message=error.message, hint=error.hint))
            return
        self.refresh_bindings()  # the run can be steered from now on
        reader = self._reader
        if reader.newest is not None:  # another screen may have read meanwhile
            self._show(reader.newest)
        while True:
            figures = await asyncio.to_thread(reader.look)
            if figures is not None:
                self._show(figures)
            if not reader.is_behind:
                await asyncio.sleep(REST_S if self._figures and self._figures.is_over else FRAME_S)

    def _show(self, figures: RunFigures) -> None:
        """Update the widgets."""
        before, self._figures = self._figures, figures
        self._pending.settle(figures)
        self.show_pending()
        if figures.experiment and not (before and before.experiment):
            self._find_dataset(figures.name, figures.experiment)
        self.status = f"{figures.name} · {figures.state}"  # the header has the progress
        self.query_one(RunHeader).figures = figures
        self.query_one(FindingStrip).findings = figures.findings
        self.query_one(ScorePanel).figures = figures
        rate = self.query_one(RatePanel)
        rate.rate, rate.base, rate.schedule = figures.learning_rate, figures.base_rate, figures.schedule
        self.query_one(CurvePanel).show(figures)
        self.query_one(EventLog).show(figures.lines)
        self._boundary.run_changed(is_over=figures.is_over)
        self.open_due_walk(figures)

    def _show_state(self, figures: RunFigures) -> None:
        """Update the texts and keys that depend on the state; done again only after a change."""
        state = (
            figures.state,
            figures.note,
            figures.measuring,
            self.phase,
            self.pace,
            self._draws,
            figures.seconds,
        )
        if state == self._state_shown:
            return
        self._state_shown = state
        self._set_purpose(advice(figures, pace=self.pace, draws=self._draws))
        self.query_one(RatePanel).steerable = self.phase in TRAINING
        why = self.query_one("#trouble", Static)
        why.update(Content(trouble(figures)))
        why.set_class(bool(trouble(figures)), "-shown")
        self.refresh_bindings()

    def _set_purpose(self, text: str) -> None:
        self.query_one("#purpose", Static).update(Content(text), layout=False)

    def show_pending(self) -> None:
        """Show the commands that the worker has not answered yet."""
        header = self.query_one(RunHeader)
        header.pending, header.pace = self._pending.words, self.pace
        self.query_one(RatePanel).requested = self._pending.rate
        if self._figures is not None:
            self.show_health(self._figures)
            self._show_state(self._figures)

    @property
    def trial_subject(self) -> tuple[CheckSubject, Mapping[str, Any]] | None:
        """The followed run with its experiment; None until the experiment is known."""
        figures = self._figures
        return (CheckSubject(figures.name), figures.experiment) if figures and figures.experiment else None

    def action_axis(self) -> None:
        """Switch between a linear and a logarithmic loss axis."""
        self.query_one(CurvePanel).turn_axis()

    def action_smooth(self, by: int) -> None:
        """Smooth the training curve more or less."""
        self.query_one(CurvePanel).smooth(by)

    def action_cursor(self, by: int) -> None:
        """Move the cursor that reads values from the curves."""
        self.query_one(CurvePanel).move_cursor(by)

    def action_newest(self) -> None:
        """Show the newest values again."""
        self.query_one(CurvePanel).leave_cursor()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable a key only if it applies now."""
        figures = self._figures
        if action == "open_newest":
            return figures is None and self.query_one(NoRun).newest is not None
        if action in ("axis", "smooth", "cursor", "newest", "health"):
            return figures is not None
        if action == "trials":
            return self.trial_subject is not None
        if action == "doctor":
            return self._reader is not None
        return super().check_action(action, parameters)

    # keys that can do nothing now

    def on_key(self, event: Key) -> None:
        """Say why a key can do nothing now."""
        if event.key in self.active_bindings:
            return
        reason = no_boundary(self._dataset) if event.key == "B" and self._figures else ""
        reason = reason or why_not(event.key, self.phase, self._figures)
        if reason:
            event.stop()
            self.notify(reason, timeout=4, markup=False)

    # without a run

    @work(exclusive=True, group="newest")
    async def _find_newest(self) -> None:
        """Offer the newest running run, or else the newest run."""
        runs = await asyncio.to_thread(list_runs, self.session.home)
        known = [run for run in runs if run.state != "damaged"]
        found = next((run for run in known if not run.is_over), next(iter(known), None))
        self.query_one(NoRun).newest = found
        self.refresh_bindings()


def _open_reader(name: str, home: Path | None) -> "RunReader":
    from tui.follow.reader import RunReader

    return RunReader.open(name, home)
