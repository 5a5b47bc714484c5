"""The Train screen: follows a run by reading its folder, and steers it by writing commands into that folder."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from engine.errors import RunError
from tui.findings.finding_strip import FindingStrip
from tui.follow.advice import advice, trouble
from tui.follow.pending_commands import PendingCommands
from tui.follow.relaunch import relaunch
from tui.follow.run_figures import RunFigures
from tui.processes.check_subject import CheckSubject
from tui.train.gpu_meter import GpuMeter
from tui.train.health_table import HealthTable
from tui.train.layer_monitor import LayerMonitor
from tui.train.rate_panel import RatePanel
from tui.train.run_header import RunHeader
from tui.train.score_panel import ScorePanel
from tui.train.steering_keys import StartAgain
from tui.trials.key import TRY_OUT, TrialKey
from tui.widgets.curve_panel import CURSOR_KEYS, CURVE_KEYS, CurvePanel
from tui.widgets.event_log import EventLog
from tui.widgets.no_run import NoRun

if TYPE_CHECKING:
    from tui.follow.reader import RunReader

FRAME_S = 0.25
"""Seconds between two reads of a running run: four frames a second."""
REST_S = 1.0
"""Seconds between two reads of a run that has ended."""


class TrainScreen(TrialKey, LayerMonitor):
    """Shows the session's run while it trains, and sends the commands of the keys."""

    MODE = "train"
    PURPOSE = "Watch a training and steer it."
    HELP = (
        "A training is a process of its own that writes all it does into a folder; this screen reads the folder and "
        "writes your keys into it as commands, which the worker obeys between two steps. Leaving nnterm stops nothing. "
        "The curve of the training loss shows single batches, which scatter; w smooths it. Validation is measured on "
        "held-out samples after each epoch: where it rises while the training loss falls, the network overfits. While "
        "it is looked inside, the layers are measured now and then (at most 3 % of the speed), and the doctor says what "
        "is wrong as soon as it shows; h has the layers, d the findings."
    )
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pause", "pause", tooltip="pause the training, or let it go on, also after its end"),
        Binding("s", "step", "step", tooltip="make a single step and stay paused"),
        Binding("plus,equals_sign", "rate(1)", "rate", key_display="+", tooltip="raise the learning rate"),
        Binding("minus", "rate(-1)", "rate", key_display="-", tooltip="lower the learning rate"),
        Binding("d", "doctor", "doctor", tooltip="what the doctor found, with its evidence and the remedy"),
        Binding("h", "health", "layers", tooltip="to the health of the layers; again: hide it"),
        TRY_OUT,
        Binding("enter", "forward", "go on", tooltip="go on: watch the newest run, or prove the gradients"),
        Binding("g", "gradients", "check", tooltip="check the gradients at the weights of this moment"),
        Binding("x", "stop", "stop", tooltip="stop the training; its weights are kept"),
        Binding("r", "restart", "restart", tooltip="train the same again from the same first weights"),
        Binding("l", "measure", "look inside", tooltip="measure the layers and ask the doctor, or no longer"),
        Binding("c", "checkpoint", "save", tooltip="keep the weights of this moment as a checkpoint"),
        *CURVE_KEYS,
        *CURSOR_KEYS,
    ]

    def __init__(
        self,
        open_reader: "Callable[[str, Path | None], RunReader] | None" = None,
        start_again: StartAgain = relaunch,
    ) -> None:
        super().__init__(start_again)
        self._open_reader = open_reader or _open_reader
        self._lines_shown = 0

    def body(self) -> ComposeResult:
        yield NoRun(id="nothing")
        with Vertical(id="run"):
            yield RunHeader(id="header")
            yield FindingStrip(id="findings")
            yield Static(id="trouble")
            yield GpuMeter(id="gpus")
            yield HealthTable(id="health", classes="panel")
            with Container(id="main"):
                yield CurvePanel(reads=True, id="curve", classes="panel")
                with Container(id="side"):
                    with Vertical(id="figures"):
                        yield ScorePanel(id="scores", classes="panel")
                        yield RatePanel(id="rate", classes="panel")
                    yield EventLog(id="events", classes="panel")

    def on_mount(self) -> None:
        """Set the panel titles, and follow the run of the session whenever it changes."""
        self.session.subscribe(self, self._session_changed)
        self.add_class("-empty")
        self.query_one("#events").border_title = "events"
        rate = self.query_one(RatePanel)
        rate.border_title, rate.border_subtitle = "learning rate", "+ raise  - lower"
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

    def _session_changed(self, name: str) -> None:
        if name == "run" and self.is_current:
            self.on_screen_resume()

    def on_screen_suspend(self) -> None:
        """Stop reading while the screen is hidden; the training continues."""
        self.workers.cancel_group(self, "follow")

    def _watch(self, name: str | None) -> None:
        """Reset the screen for another run."""
        self._watched, self._reader, self._figures = name, None, None
        self._pending, self._lines_shown = PendingCommands(), 0
        self.query_one(EventLog).clear()
        self.query_one(RatePanel).requested = None
        self.set_class(name is None, "-empty")
        if name is None:
            self._set_purpose(self.PURPOSE)
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
        self.query_one(RunHeader).figures = figures
        self.query_one(FindingStrip).findings = figures.findings
        self.query_one(ScorePanel).figures = figures
        rate = self.query_one(RatePanel)
        rate.rate, rate.base, rate.schedule = figures.learning_rate, figures.base_rate, figures.schedule
        self.query_one(CurvePanel).show(figures)
        log = self.query_one(EventLog)
        new = min(len(figures.lines), figures.n_lines - self._lines_shown)
        for line in figures.lines[len(figures.lines) - new :]:
            log.add(line.text, line.kind, line.at)
        self._lines_shown = figures.n_lines
        if before is None or _state_key(before) != _state_key(figures):
            self._show_state(figures)

    def _show_state(self, figures: RunFigures) -> None:
        self._set_purpose(advice(figures))
        why = self.query_one("#trouble", Static)
        why.update(Content(trouble(figures)))
        why.set_class(bool(trouble(figures)), "-shown")
        self.refresh_bindings()

    def _set_purpose(self, text: str) -> None:
        self.query_one("#purpose", Static).update(Content(text), layout=False)

    def show_pending(self) -> None:
        """Show the commands that the worker has not answered yet."""
        self.query_one(RunHeader).pending = self._pending.words
        self.query_one(RatePanel).requested = self._pending.rate
        if self._figures is not None:
            self.show_health(self._figures)

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
        """Show a key only if it applies now."""
        figures = self._figures
        if action == "forward":
            return figures.is_over if figures else self.query_one(NoRun).newest is not None
        if action in ("axis", "smooth", "cursor", "newest", "gradients", "health"):
            return figures is not None
        if action == "trials":
            return self.trial_subject is not None
        if action == "doctor":
            return self._reader is not None
        return super().check_action(action, parameters)

    # leading to other screens

    async def action_gradients(self) -> None:
        """Check the gradients of this run at its newest weights, while it trains."""
        self.session.check_run = True
        await self.app.switch_mode("gradients")
        await self.app.screen.run_action("check")

    async def action_forward(self) -> None:
        """Follow the newest run if none is followed, else check the gradients."""
        if self._figures is not None:
            await self.action_gradients()
        elif (newest := self.query_one(NoRun).newest) is not None:
            self.session.run = newest.name

    # without a run

    @work(exclusive=True, group="newest")
    async def _find_newest(self) -> None:
        """Offer the newest running run, or else the newest run."""
        from engine.runs import list_runs

        runs = await asyncio.to_thread(list_runs, self.session.home)
        known = [run for run in runs if run.state != "damaged"]
        found = next((run for run in known if not run.is_over), next(iter(known), None))
        self.query_one(NoRun).newest = found
        self.refresh_bindings()


def _state_key(figures: RunFigures) -> tuple[object, ...]:
    """The values that determine the texts and keys of the screen."""
    return figures.state, figures.note, figures.measuring


def _open_reader(name: str, home: Path | None) -> "RunReader":
    from tui.follow.reader import RunReader

    return RunReader.open(name, home)
