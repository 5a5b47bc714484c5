"""The state of a gradient check, gathered from its stream of events."""

from dataclasses import dataclass, field
from typing import Literal

from engine.gradcheck.events import (
    CheckFinished,
    CheckProgress,
    CheckStarted,
    HeatMap,
    ParameterReport,
    TensorShape,
)
from tui.processes.check import CheckError, CheckLine

CheckState = Literal["idle", "running", "passed", "failed", "broken", "cancelled"]
"""failed: gradients disagree; broken: the check could not run."""

STARTING = "starting"
"""The phase before the first event of the process."""


@dataclass
class CheckView:
    """One check from its start to its verdict; owned by the screen."""

    state: CheckState = "idle"
    phase: str = ""
    share: float = 0.0
    """Progress, 0 to 1."""
    message: str = ""
    """The verdict, or the reason for its absence."""
    hint: str = ""
    architecture: str = ""
    samples: int = 0
    step: int | None = None
    """Updates that the checked weights have had; None: not known."""
    planted: str = ""
    """The bug planted for a demonstration, in words; empty: a real check."""
    plants: tuple[str, ...] = ()
    """Names of the bugs that a demonstration can plant in this network."""
    finished: CheckFinished | None = None
    rows: dict[str, ParameterReport] = field(default_factory=dict)
    """Rows by the name of their tensor, in the order of the network."""
    heat: dict[str, HeatMap] = field(default_factory=dict)
    """Error maps by the name of their tensor, in the same order."""

    @classmethod
    def begin(cls, before: "CheckView | None" = None) -> "CheckView":
        """Return a check whose process is starting; the tensors of `before`, of the same network, stay listed."""
        rows = {} if before is None else before.rows
        unchecked = {name: _not_checked(TensorShape(name, row.shape)) for name, row in rows.items()}
        return cls(state="running", phase=STARTING, rows=unchecked)

    def absorb(self, event: CheckLine) -> None:
        """Process the next event; a repeated row replaces the previous one."""
        match event:
            case CheckStarted():
                self.architecture, self.samples = event.architecture, event.samples
                self.step, self.planted, self.plants = event.step, event.planted, event.plants
                self.phase = "finite differences"
                self.rows = {tensor.name: _not_checked(tensor) for tensor in event.parameters}
            case CheckProgress():
                self.phase = event.phase
                self.share = event.done / max(1, event.total)
            case ParameterReport():
                self.rows[event.name] = event
            case HeatMap():
                self.heat[event.name] = event
            case CheckFinished():
                self.finished, self.share = event, 1.0
                self.state, self.message = ("passed" if event.passed else "failed"), event.message
            case CheckError():
                self.state, self.message, self.hint = "broken", event.message, event.hint

    @property
    def is_starting(self) -> bool:
        """True until the first event arrives."""
        return self.state == "running" and self.phase == STARTING

    def cancel(self) -> None:
        """Mark a running check as cancelled by the user."""
        if self.state == "running":
            self.state, self.message = "cancelled", "cancelled · g check again"

    @property
    def remarks(self) -> list[str]:
        """Further problems, notes, and what the check did not cover."""
        if self.finished is None:
            return []
        faults = [text for text in self.finished.problems if text not in self.message]
        return [
            *faults,
            *self.finished.notes,
            *(f"not covered: {spot}" for spot in self.finished.blind_spots),
        ]


def _not_checked(tensor: TensorShape) -> ParameterReport:
    return ParameterReport(
        name=tensor.name, shape=tensor.shape, largest_relative_error=None, median_relative_error=None
    )
