"""The step-through screen: one sample through the network, forward and backward, one step per key press."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from engine.errors import NntermError
from engine.glassbox.steps import ExplainFinished, ExplainStarted, WalkFlow, WalkStep
from tui.charts.tones import MUTED
from tui.gradients.walk_drawing import InputDrawing, WalkDrawing
from tui.gradients.walk_moment import moment_at
from tui.gradients.walk_steps import WalkBar, WalkList
from tui.gradients.walk_text import WalkText
from tui.gradients.walk_words import about, input_title, verdict_words
from tui.processes import check as check_process
from tui.processes.check import CheckError, ExplainLine
from tui.processes.check_subject import CheckSubject, source_of
from tui.shell.screen import LabScreen

SETTLE_S = 0.15
"""Seconds that a chosen sample must stay chosen before a process is started for it."""
Explain = Callable[[Sequence[str]], AsyncGenerator[ExplainLine, None]]


class WalkScreen(LabScreen):
    """Steps through the network of `subject`; pushed over the screen that escape returns to.

    Args:
        subject: a run at its newest weights, one step that a run has made, or the draft at its initial weights.
        explain: computes the steps of a sample.
    """

    MODE = "gradients"
    PURPOSE = "Forward pass, loss, backward pass and update, with the numbers of each step."
    HELP = (
        "Forward: each layer's sums and activations with their numbers; then the loss; then backward, where each "
        "gradient is a local derivative times the gradient from above: the chain rule. All numbers are computed from the "
        "formulas in float64 and compared with the network's own backward pass and with finite differences. dz is short "
        "for dL/dz; z[k] is value k of the sample. The result of each line is bold. From Train, s opens the update that "
        "the run has just made: its batch, its weights, and its optimizer's state."
    )
    DEFAULT_CSS = """
    WalkScreen {
        #about { height: auto; padding: 0 1; }
        #walk { height: 1fr; }
        #left { width: 46; display: none; }
        #list { height: 1fr; padding: 0 1; }
        #input-panel { height: 16; }
        #right { width: 1fr; }
        #drawing-panel { height: 20; display: none; }
        #drawing-row { height: 1fr; }
        #small-input { width: 30; display: none; }
        #step { padding: 0 1; }
        &.-wide.-tall { #left { display: block; } #drawing-panel { display: block; } }
        &.-drawn.-narrow, &.-drawn.-short {
            #drawing-panel { display: block; height: 1fr; }
            #step-panel { display: none; }
        }
        &.-drawn.-narrow.-at-input, &.-drawn.-short.-at-input { #small-input { display: block; } }
    }
    """
    AUTO_FOCUS = "#step"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1)", "step", key_display="← →", tooltip="the previous step"),
        Binding("right,l", "move(1)", "next", show=False, tooltip="the next step"),
        Binding("up,k", "sample(-1)", "sample", key_display="↑ ↓", tooltip="the previous sample"),
        Binding("down,j", "sample(1)", "next sample", show=False, tooltip="the next sample"),
        Binding("home", "jump(0)", "first", show=False, tooltip="the first step"),
        Binding("end", "jump(-1)", "last", show=False, tooltip="the last step"),
        Binding("n", "drawing", "drawing", tooltip="show the drawing instead of the numbers, or the reverse"),
        Binding("pagedown", "scroll(1)", "scroll", key_display="pgdn", tooltip="scroll down"),
        Binding("pageup", "scroll(-1)", "up", show=False, tooltip="scroll up"),
        Binding("ctrl+l", "reload", "refresh", show=False, tooltip="compute again with the newest weights"),
        Binding("escape", "leave", "back", tooltip="back to the previous screen"),
    ]

    def __init__(self, subject: CheckSubject, explain: Explain = check_process.explain) -> None:
        super().__init__()
        self._subject, self._explain = subject, explain
        self._started: ExplainStarted | None = None
        self._flow: WalkFlow | None = None
        self._finished: ExplainFinished | None = None
        self._error = ""
        self._steps: tuple[WalkStep, ...] = ()
        self._sample: int | None = None  # until one is chosen: a sample that shows most
        self._current = 0

    def body(self) -> ComposeResult:
        yield Static(id="about")
        yield WalkBar(id="bar")
        with Horizontal(id="walk"):
            with Vertical(id="left"):
                yield WalkList(id="list")
                with Vertical(id="input-panel", classes="panel"):
                    yield InputDrawing(id="input")
            with Vertical(id="right"):
                with Vertical(id="drawing-panel", classes="panel"), Horizontal(id="drawing-row"):
                    yield InputDrawing(id="small-input")
                    yield WalkDrawing(id="map")
                with Vertical(id="step-panel", classes="panel"):
                    yield WalkText(id="step")

    def on_mount(self) -> None:
        """Compute the steps of a sample."""
        self.action_reload()

    # computing and choosing steps

    def action_reload(self, delay_s: float = 0.0) -> None:
        """Compute the steps of the chosen sample with the newest weights."""
        self._error = ""
        chosen = "a sample" if self._sample is None else f"sample {self._sample:,}"
        what = "" if self._subject.step is not None else f"{chosen} of "
        self._show_about(Content.styled(f"computing {what}{self._subject.words} …", MUTED))
        self._walk(delay_s)

    @work(exclusive=True, group="walk")
    async def _walk(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        steps: list[WalkStep] = []
        started = flow = finished = None
        try:
            with tempfile.TemporaryDirectory(prefix="nnterm-") as folder:
                source = await asyncio.to_thread(source_of, self._subject, Path(folder))
                async with aclosing(self._explain(self._arguments(source))) as events:
                    async for event in events:
                        match event:
                            case ExplainStarted():
                                started = event
                            case WalkFlow():
                                flow = event
                            case WalkStep():
                                steps.append(event)
                            case ExplainFinished():
                                finished = event
                            case CheckError():
                                self._error = f"{event.message}  {event.hint}".strip()
        except (NntermError, OSError) as error:
            self._error = str(error)
        if started is not None and not self._error:
            self._started, self._flow, self._finished, self._steps = started, flow, finished, tuple(steps)
        self._current = max(0, min(self._current, len(self._steps) - 1))
        self._show()
        self.refresh_bindings()

    def _arguments(self, source: Sequence[str]) -> list[str]:
        if self._subject.step is not None:
            return check_process.made_step_arguments(source, self.session.home)
        return check_process.explain_arguments(source, self.session.home, self._sample)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        if action == "sample":
            return self._subject.step is None and self._started is not None
        if action == "drawing":
            return not (self.has_class("-wide") and self.has_class("-tall"))
        if action in ("move", "jump", "scroll"):
            return bool(self._steps)
        return True

    def action_move(self, by: int) -> None:
        """Go `by` steps forward or back."""
        self._go_to(self._current + by)

    def action_jump(self, to: int) -> None:
        """Go to the first (0) or the last (-1) step."""
        self._go_to(to % max(1, len(self._steps)))

    def _go_to(self, position: int) -> None:
        position = max(0, min(position, len(self._steps) - 1))
        if position != self._current:
            self._current = position
            self._show()

    def action_sample(self, by: int) -> None:
        """Choose the next or the previous sample, and keep the step."""
        last = self._started.of_samples - 1 if self._started else 0
        now = self._started.samples[0] if self._sample is None and self._started else self._sample or 0
        chosen = max(0, min(now + by, last))
        if chosen != now:
            self._sample = chosen
            self.action_reload(SETTLE_S)

    def action_drawing(self) -> None:
        """Switch between the numbers and the drawing where both do not fit."""
        self.toggle_class("-drawn")

    def on_resize(self) -> None:
        """Update the keys, which depend on the size."""
        self.refresh_bindings()

    def action_scroll(self, pages: int) -> None:
        """Scroll the step's text."""
        text = self.query_one(WalkText)
        text.scroll_relative(y=pages * max(1, text.size.height - 2), animate=False)

    def action_leave(self) -> None:
        """Return to the previous screen."""
        self.dismiss()

    # showing

    def _show(self) -> None:
        """Show the current step."""
        self._show_about(about(self._started, self._subject, self._error))
        step = self._steps[self._current] if self._steps else None
        for view in (self.query_one(WalkBar), self.query_one(WalkList)):
            view.steps, view.current = self._steps, self._current
        self.query_one(WalkText).show(step)
        panel = self.query_one("#step-panel")
        panel.border_title = Content(step.title) if step else ""
        panel.border_subtitle = Content("" if self._error else verdict_words(self._finished))
        self._show_drawings()

    def _show_drawings(self) -> None:
        for drawing in self.query(InputDrawing):
            drawing.flow = self._flow
        panel = self.query_one("#drawing-panel")
        if self._started is None or self._flow is None or not self._steps:
            self.query_one(WalkDrawing).moment = None
            return
        moment = moment_at(self._started, self._flow, self._steps, self._current)
        self.set_class(self._current == 0, "-at-input")
        self.query_one(WalkDrawing).moment = moment
        panel.border_title = Content(moment.words)
        self.query_one("#input-panel").border_title = Content(input_title(self._started))

    def _show_about(self, words: Content) -> None:
        self.query_one("#about", Static).update(words)
