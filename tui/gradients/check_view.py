"""A gradient check as a screen shows it, gathered from its stream."""

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
"""failed: gradients disagree; broken: the check could not be made."""

STARTING = "starting"
"""The phase before the first word of the check's process."""


@dataclass
class CheckView:
    """One check, from its start to its verdict; owned by the screen."""

    state: CheckState = "idle"
    phase: str = ""
    share: float = 0.0
    """How far it is, 0 to 1."""
    message: str = ""
    """The verdict, or why there is none."""
    hint: str = ""
    architecture: str = ""
    samples: int = 0
    finished: CheckFinished | None = None
    rows: dict[str, ParameterReport] = field(default_factory=dict)
    """By name, in the network's order."""
    heat: dict[str, HeatMap] = field(default_factory=dict)
    """The maps of errors, likewise."""

    @classmethod
    def begin(cls) -> "CheckView":
        """Return a check whose process is being started."""
        return cls(state="running", phase=STARTING)

    def absorb(self, event: CheckLine) -> None:
        """Take in the next event; a row that comes again replaces the one before."""
        match event:
            case CheckStarted():
                self.architecture, self.samples = event.architecture, event.samples
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
        """Whether its process has not said anything yet."""
        return self.state == "running" and self.phase == STARTING

    def cancel(self) -> None:
        """The user has ended it before its verdict."""
        if self.state == "running":
            self.state, self.message = "cancelled", "cancelled; g checks again"

    @property
    def remarks(self) -> list[str]:
        """What else is worth knowing: further faults, notes, what could not be seen."""
        if self.finished is None:
            return []
        faults = [text for text in self.finished.problems if text not in self.message]
        return [*faults, *self.finished.notes, *(f"not seen: {spot}" for spot in self.finished.blind_spots)]


def _not_checked(tensor: TensorShape) -> ParameterReport:
    return ParameterReport(
        name=tensor.name, shape=tensor.shape, largest_relative_error=None, median_relative_error=None
    )
