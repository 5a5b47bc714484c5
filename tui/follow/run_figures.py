"""The figures of a run that screens show, as frozen values of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.events import Finding
from engine.runs import RunState
from engine.runs.status import LIVE
from tui.charts.marks import Mark
from tui.follow.loss_history import Floats, LossCurve
from tui.follow.run_clock import RunTimes
from tui.words.events import EventLine

if TYPE_CHECKING:
    from tui.follow.layer_history import LayerHealth


@dataclass(frozen=True)
class SplitScore:
    """Loss and accuracy (0 to 1) on a split; None: not known, or not defined."""

    loss: float | None = None
    accuracy: float | None = None


@dataclass(frozen=True, eq=False)
class AccuracyCurves:
    """Accuracies (0 to 1) after the measured epochs, (n,) each; NaN without a value."""

    steps: Floats = field(default_factory=lambda: np.empty(0))
    train: Floats = field(default_factory=lambda: np.empty(0))
    validation: Floats = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True, eq=False)
class RunFigures:
    """Everything that a screen shows of a run, at one moment."""

    name: str
    state: RunState = "starting"
    diverged_at: int | None = None
    """The update in which the training diverged; None: it did not, or that is not known."""
    kept_step: int | None = None
    """The update of the last finite weights of a diverged training."""
    message: str = ""
    """Reason for the state, where it needs one."""
    hint: str = ""
    description: str = ""
    """Short description of the experiment: data, layers, optimizer, batch."""
    n_parameters: int = 0
    epoch: int = 0
    """The current epoch, from 1; 0 before the training starts."""
    epochs: int = 0
    step: int = 0
    """Updates so far."""
    total_steps: int = 0
    steps_per_epoch: int = 0
    batch: int = 0
    """Batches done in the current epoch."""
    steps_per_s: float = 0.0
    samples_per_s: float = 0.0
    is_stopping: bool = False
    """True if its worker has been told to stop; it may still evaluate the network."""
    pace: float | None = None
    """Steps per second of a training in slow motion; None: full speed."""
    seconds_left: float | None = None
    seconds: float | None = None
    """Duration of the training; None before its end."""
    learning_rate: float | None = None
    """Learning rate of the newest update, schedule included."""
    base_rate: float | None = None
    """Initial learning rate of the schedule, which can be set."""
    schedule: str = "constant"
    classifies: bool = True
    """True if the task is a classification, so that there are accuracies."""
    chance: float | None = None
    train: SplitScore = SplitScore()
    validation: SplitScore = SplitScore()
    test: SplitScore = SplitScore()
    losses: LossCurve = field(default_factory=LossCurve)
    validation_steps: Floats = field(default_factory=lambda: np.empty(0))
    validation_losses: Floats = field(default_factory=lambda: np.empty(0))
    accuracies: AccuracyCurves = field(default_factory=AccuracyCurves)
    times: RunTimes = field(default_factory=RunTimes)
    marks: tuple[Mark, ...] = ()
    """Events of the training, for the x axis of a plot."""
    lines: tuple[EventLine, ...] = ()
    """The lines of the event log, oldest first."""
    answered: Mapping[str, int] = field(default_factory=dict)
    """Number of answers of the worker by command."""
    experiment: Mapping[str, Any] = field(default_factory=dict)
    """The experiment as plain tables; empty before the worker has started."""
    measuring: bool = False
    """True if the layers are measured and checked by the doctor."""
    health: "LayerHealth | None" = None
    """The layer statistics; None if they were never measured."""
    findings: tuple[Finding, ...] = ()
    """The findings, causes before their symptoms."""
    note: str = ""
    """A sentence on events that could not be read."""

    @property
    def is_over(self) -> bool:
        """True if no worker trains the run any more."""
        return self.state not in LIVE
