"""What is known of a trial that runs or has run: its stream gathered, and its plot as curves."""

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
COLOURS: dict[Role, tuple[int, int, int]] = {
    "main": rgb(BLUE),
    "other": rgb(ORANGE),
    "third": rgb(YELLOW),
    "good": rgb(GREEN),
    "pale": (46, 82, 102),
    "level": (130, 130, 130),
}
MARKS: dict[Role, str] = {"main": "●", "other": "◆", "third": "▲", "good": "★", "pale": "·", "level": "─"}
"""Of points that stand alone: colour is not the only sign."""


@dataclass
class TrialView:
    """One trial, from its start to its sentence; owned by who runs it."""

    state: TrialState = "running"
    phase: str = STARTING
    share: float = 0.0
    """Progress, 0 to 1."""
    message: str = ""
    """The sentence, or why there is none."""
    hint: str = ""
    started: TrialStarted | None = None
    finished: TrialFinished | None = None
    points: dict[str, tuple[list[float], list[float]]] = field(default_factory=dict)
    """x and y of each curve so far, NaN where there is no number."""

    def absorb(self, event: TrialEvent) -> None:
        """Take in the next event."""
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
        """There will be no sentence."""
        self.state, self.message, self.hint = "broken", message, hint

    def cancel(self) -> None:
        """The user has ended it."""
        if self.state == "running":
            self.state, self.message = "cancelled", "cancelled; enter begins it again"

    @property
    def is_running(self) -> bool:
        """Whether there is more to come."""
        return self.state == "running"

    @property
    def plot(self) -> Plot | None:
        """What its plot shows, once it has begun."""
        return self.started.plot if self.started else None

    @property
    def mark(self) -> float | None:
        """A place on the x axis that matters, known at the end."""
        return self.finished.mark if self.finished else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, and how it was done."""
        return self.started.notes if self.started else ()

    def series(self) -> list[Series]:
        """Return the curves that have points, levels first: the others lie on top."""
        if self.started is None:
            return []
        curves = sorted(self.started.plot.curves, key=lambda curve: curve.role != "level")
        return [
            Series(
                curve.name,
                COLOURS[curve.role],
                *self.points[curve.name],
                mark=MARKS[curve.role] if curve.dots else "",
                line=not curve.dots,
                smooth=False,
            )
            for curve in curves
            if self.points.get(curve.name, ((), ()))[0]
        ]
