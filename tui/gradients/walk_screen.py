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
from engine.glassbox.steps import ExplainFinished, ExplainStarted, WalkStep
from tui.charts.network_map import HIDDEN, INPUT, OUTPUT, NetworkColumn
from tui.charts.tones import FAINT, MUTED
from tui.gradients.walk_steps import WalkBar, WalkList
from tui.gradients.walk_text import WalkText
from tui.processes import check as check_process
from tui.processes.check import CheckError, ExplainLine
from tui.processes.check_subject import CheckSubject, source_of
from tui.shell.screen import LabScreen
from tui.widgets.network_drawing import NetworkDrawing

SETTLE_S = 0.15
"""Seconds that a chosen sample must stay chosen before a process is started for it."""
Explain = Callable[[Sequence[str]], AsyncGenerator[ExplainLine, None]]


class WalkScreen(LabScreen):
    """Steps through the network of `subject`; pushed over the Gradients screen.

    Args:
        subject: a run at its newest weights, or the draft at its initial weights.
        explain: computes the steps of a sample.
    """

    MODE = "gradients"
    PURPOSE = "One sample through the network, step by step: ← → walk, ↑ ↓ another sample."
    HELP = (
        "Forward, every layer's sums and activations with their numbers; then the loss; then backward, where each "
        "gradient is a local derivative times the gradient from above: the chain rule. The numbers are computed from "
        "the formulas alone, in float64, and the network's own backward pass is held against them. dz is short for "
        "∂L/∂z; z[k] is value k. Of a run, the newest weights are taken when the sample is chosen."
    )
    DEFAULT_CSS = """
    WalkScreen {
        #about { height: auto; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #map { height: 11; padding: 0 1; margin: 1 0; display: none; }
        &.-tall #map { display: block; }
        #walk { height: 1fr; }
        #list { display: none; height: 1fr; padding: 1 0; }
        &.-wide #list { display: block; }
        #step { padding: 0 1; }
    }
    """
    AUTO_FOCUS = "#step"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h,p", "move(-1)", "step", key_display="← →", tooltip="the step before"),
        Binding("right,l,n", "move(1)", "next", show=False, tooltip="the next step"),
        Binding("up,k", "sample(-1)", "sample", key_display="↑ ↓", tooltip="the sample before"),
        Binding("down,j", "sample(1)", "next sample", show=False, tooltip="the next sample"),
        Binding("home", "jump(0)", "first", show=False, tooltip="the first step"),
        Binding("end", "jump(-1)", "last", show=False, tooltip="the last step"),
        Binding("pagedown", "scroll(1)", "scroll", key_display="pgdn", tooltip="what stands further down"),
        Binding("pageup", "scroll(-1)", "up", show=False, tooltip="what stands further up"),
        Binding("g", "reload", "again", show=False, tooltip="walk again, at the newest weights"),
        Binding("escape", "leave", "back", tooltip="back to the gradients"),
    ]

    def __init__(self, subject: CheckSubject, explain: Explain = check_process.explain) -> None:
        super().__init__()
        self._subject, self._explain = subject, explain
        self._started: ExplainStarted | None = None
        self._finished: ExplainFinished | None = None
        self._trouble = ""
        self._steps: tuple[WalkStep, ...] = ()
        self._sample = self._current = 0

    def body(self) -> ComposeResult:
        yield Static(id="about")
        yield WalkBar(id="bar")
        yield NetworkDrawing(id="map")
        with Horizontal(id="walk"):
            yield WalkList(id="list")
            with Vertical(id="step-panel", classes="panel"):
                yield WalkText(id="step")

    def on_mount(self) -> None:
        """Compute the steps of the first sample."""
        self.action_reload()

    # computing and choosing steps

    def action_reload(self, delay_s: float = 0.0) -> None:
        """Compute the steps of the chosen sample with the newest weights."""
        self._trouble = ""
        self._show_about(f"walking sample {self._sample} through {self._subject.words} …")
        self._walk(delay_s)

    @work(exclusive=True, group="walk")
    async def _walk(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        steps: list[WalkStep] = []
        started = finished = None
        try:
            with tempfile.TemporaryDirectory(prefix="nnterm-") as folder:
                source = await asyncio.to_thread(source_of, self._subject, Path(folder))
                arguments = check_process.explain_arguments(source, self.session.home, self._sample)
                async with aclosing(self._explain(arguments)) as events:
                    async for event in events:
                        match event:
                            case ExplainStarted():
                                started = event
                            case WalkStep():
                                steps.append(event)
                            case ExplainFinished():
                                finished = event
                            case CheckError():
                                self._trouble = f"{event.message}  {event.hint}".strip()
        except (NntermError, OSError) as error:
            self._trouble = str(error)
        if started is not None and not self._trouble:
            self._started, self._finished, self._steps = started, finished, tuple(steps)
        self._current = max(0, min(self._current, len(self._steps) - 1))
        self._show()

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
        chosen = max(0, min(self._sample + by, last))
        if chosen != self._sample:
            self._sample = chosen
            self.action_reload(SETTLE_S)

    def action_scroll(self, pages: int) -> None:
        """Scroll the step's text."""
        text = self.query_one(WalkText)
        text.scroll_relative(y=pages * max(1, text.size.height - 2), animate=False)

    def action_leave(self) -> None:
        """Return to the Gradients screen."""
        self.dismiss()

    # showing

    def _show(self) -> None:
        """Show the current step."""
        self._show_about(self._about())
        step = self._steps[self._current] if self._steps else None
        for view in (self.query_one(WalkBar), self.query_one(WalkList)):
            view.steps, view.current = self._steps, self._current
        self.query_one(WalkText).show(step)
        panel = self.query_one("#step-panel")
        panel.border_title = step.title if step else ""
        panel.border_subtitle = "" if self._trouble else self._verdict()
        self.query_one(NetworkDrawing).columns = self._columns(step)

    def _show_about(self, words: str | Content) -> None:
        self.query_one("#about", Static).update(words)

    def _about(self) -> Content:
        if self._trouble:
            return Content.styled(self._trouble, "$text-error")
        started = self._started
        if started is None:
            return Content("")
        sample = (
            f"sample {started.samples[0]:,} of 0 to {started.of_samples - 1:,}, target {started.targets[0]}"
        )
        lines = [Content.assemble((sample, "bold"), (f"  ·  {self._subject.words}", MUTED))]
        lines += [Content.styled(limit, MUTED) for limit in started.limits[:1]]
        return Content("\n").join(lines)

    def _verdict(self) -> str:
        finished = self._finished
        if finished is None:
            return ""
        return (
            "✓ the network's own gradients agree"
            if finished.passed
            else "✗ the network's own gradients differ"
        )

    def _columns(self, step: WalkStep | None) -> tuple[NetworkColumn, ...]:
        """The input and each layer; the layer of the step in its colour, the others faint."""
        if self._started is None or step is None:
            return ()
        layers = self._started.layers
        last = len(layers) - 1
        here = next((i for i, layer in enumerate(layers) if layer.name == step.layer), None)
        if here is None:
            here = -1 if step.kind == "forward" else last
        columns = [NetworkColumn(layers[0].n_in, "input", INPUT if here == -1 else FAINT)]
        for i, layer in enumerate(layers):
            caption = layer.activation if layer.kind == "dense" else layer.kind
            lit = OUTPUT if i == last else HIDDEN
            columns.append(NetworkColumn(layer.n_out, caption, lit if i == here else FAINT))
        return tuple(columns)
