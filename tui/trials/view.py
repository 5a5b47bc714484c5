"""The state of a trial, gathered from its stream of events, and its plot as curves."""

from dataclasses import dataclass, field
from typing import Literal

from engine.trials.events import (
    Plot,
    Role,
    TrialEvent,
    TrialFinished,
    TrialPoints,
    TrialProgress,
    TrialStarted,
)
from tui.charts.curves import Series
from tui.theme import BLUE, GREEN, ORANGE, YELLOW, rgb

TrialState = Literal["running", "passed", "failed", "broken", "cancelled"]
STARTING = "starting a process and reading the data"
COLOURS: dict[Role, str] = {"main": BLUE, "other": ORANGE, "third": YELLOW, "good": GREEN, "pale": BLUE}
FAINT: tuple[Role, ...] = ("pale", "level")
DASHED: tuple[Role, ...] = ("other", "third")
"""Lines that differ not by colour alone."""
MARKS: dict[Role, str] = {"main": "●", "other": "◆", "third": "▲", "good": "★", "pale": "·", "level": "─"}
"""Mark of single points, so that curves differ not by colour alone."""


@dataclass
class TrialView:
    """One trial from its start to its answer; owned by the code that runs it."""

    state: TrialState = "running"
    phase: str = STARTING
    share: float = 0.0
    """Progress, 0 to 1."""
    message: str = ""
    """The answer, or the reason for its absence."""
    hint: str = ""
    started: TrialStarted | None = None
    finished: TrialFinished | None = None
    points: dict[str, tuple[list[float], list[float]]] = field(default_factory=dict)
    """x and y of each curve so far; NaN for a missing value."""

    def absorb(self, event: TrialEvent) -> None:
        """Process the next event."""
        match event:
            case TrialStarted():
                self.started, self.phase = event, "computing"
                self.points = {curve.name: ([], []) for curve in event.plot.curves}
            case TrialProgress():
                self.share, self.phase = max(self.share, event.share), event.phase
            case TrialPoints():
                xs, ys = self.points.setdefault(event.curve, ([], []))
                xs += event.x
                ys += [float("nan") if y is None else y for y in event.y]
            case TrialFinished():
                self.finished, self.share, self.message = event, 1.0, event.sentence
                self.state = "passed" if event.passed else "failed"

    def fail(self, message: str, hint: str = "") -> None:
        """Mark the trial as broken: it has no answer."""
        self.state, self.message, self.hint = "broken", message, hint

    def cancel(self) -> None:
        """Mark a running trial as cancelled by the user."""
        if self.state == "running":
            self.state, self.message = "cancelled", "cancelled; enter runs it again"

    @property
    def is_running(self) -> bool:
        """True if the trial has not ended."""
        return self.state == "running"

    @property
    def plot(self) -> Plot | None:
        """The description of the plot; None before the trial has started."""
        return self.started.plot if self.started else None

    @property
    def mark(self) -> float | None:
        """The x value to mark, known at the end."""
        return self.finished.mark if self.finished else None

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on the method."""
        return self.started.notes if self.started else ()

    def series(self) -> list[Series]:
        """Return the curves that have points, levels first so that the others are drawn over them."""
        if self.started is None:
            return []
        curves = sorted(self.started.plot.curves, key=lambda curve: curve.role != "level")
        return [
            Series(
                curve.name,
                rgb(COLOURS[curve.role]) if curve.role in COLOURS else None,
                *self.points[curve.name],
                mark=MARKS[curve.role] if curve.dots else "",
                line=not curve.dots,
                smooth=False,
                valued=self.started.plot.grows,
                faint=curve.role in FAINT,
                dashed=curve.role in DASHED,
            )
            for curve in curves
            if self.points.get(curve.name, ((), ()))[0]
        ]
