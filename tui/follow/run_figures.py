"""What screens show of a run: its figures at one moment, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.events import Finding
from engine.runs import RunState
from engine.runs.status import LIVE
from tui.follow.loss_history import Floats, LossCurve
from tui.words.events import EventLine

if TYPE_CHECKING:
    from tui.follow.layer_history import LayerHealth


@dataclass(frozen=True)
class SplitScore:
    """Loss and accuracy (a share of 1) on a split; None: not known, or there is none."""

    loss: float | None = None
    accuracy: float | None = None


@dataclass(frozen=True, eq=False)
class AccuracyCurves:
    """Accuracies after the epochs that were measured, (n,) each, shares of 1; NaN where there is none."""

    steps: Floats = field(default_factory=lambda: np.empty(0))
    train: Floats = field(default_factory=lambda: np.empty(0))
    validation: Floats = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True, eq=False)
class RunFigures:
    """Everything that a screen shows of a run, frozen at a moment."""

    name: str
    state: RunState = "starting"
    message: str = ""
    """Why it is in that state, where that needs a word."""
    hint: str = ""
    description: str = ""
    """What is trained: data, layers, optimizer, batch."""
    n_parameters: int = 0
    epoch: int = 0
    """The one under way, counted from 1; 0 before the training begins."""
    epochs: int = 0
    step: int = 0
    """Updates made."""
    total_steps: int = 0
    steps_per_epoch: int = 0
    batch: int = 0
    """Batches of the epoch under way that are done."""
    steps_per_s: float = 0.0
    samples_per_s: float = 0.0
    seconds_left: float | None = None
    seconds: float | None = None
    """What the whole training took; None before its end."""
    learning_rate: float | None = None
    """Of the newest update, schedule included."""
    base_rate: float | None = None
    """What the schedule starts from, and what can be set."""
    schedule: str = "constant"
    classifies: bool = True
    """Whether there are accuracies."""
    chance: float | None = None
    train: SplitScore = SplitScore()
    validation: SplitScore = SplitScore()
    test: SplitScore = SplitScore()
    losses: LossCurve = field(default_factory=LossCurve)
    validation_steps: Floats = field(default_factory=lambda: np.empty(0))
    validation_losses: Floats = field(default_factory=lambda: np.empty(0))
    accuracies: AccuracyCurves = field(default_factory=AccuracyCurves)
    lines: tuple[EventLine, ...] = ()
    """The newest lines of the event log."""
    n_lines: int = 0
    """Lines so far, those no longer kept included."""
    answered: Mapping[str, int] = field(default_factory=dict)
    """How many of each command the worker has answered."""
    experiment: Mapping[str, Any] = field(default_factory=dict)
    """What is trained, as plain tables; empty before the worker has begun."""
    measuring: bool = False
    """Whether the layers are being measured, and the doctor watches."""
    health: "LayerHealth | None" = None
    """The layers' figures, None where they were never measured."""
    findings: tuple[Finding, ...] = ()
    """What the doctor found, causes before their symptoms."""
    note: str = ""
    """What of the events could not be read, in a sentence."""

    @property
    def is_over(self) -> bool:
        """Whether no worker is at it any more."""
        return self.state not in LIVE
