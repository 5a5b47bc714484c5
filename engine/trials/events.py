"""What a trial tells while it runs, as frozen structs: the JSON lines of `nnterm try --json`."""

from typing import Any, Literal

import msgspec

from engine.events import Finding

Role = Literal["main", "other", "third", "pale", "level", "good"]
"""What a curve is beside the others, by which a display chooses its colour and sign."""


class TrialStreamEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of what the stream tells."""


class TrialCurve(msgspec.Struct, frozen=True):
    """A curve of the plot, which points come to."""

    name: str
    role: Role
    dots: bool = False
    """Whether its points stand alone instead of being joined."""


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """What the trial's plot shows."""

    title: str
    """Of the y axis, in words."""
    x_label: str
    curves: tuple[TrialCurve, ...]
    log_y: bool = False
    grows: bool = True
    """Whether x counts steps or epochs from 0; else it is any value."""
    reach: tuple[float, float] | None = None
    """The x that will be tried, from the lowest to the highest, where that is known before."""


class TrialStarted(TrialStreamEvent, frozen=True, tag="trial_started"):
    """A trial began."""

    trial: str
    subject: str
    """The network, its data and how it is trained, in words."""
    beginning: str
    """Which weights it begins with."""
    plot: Plot
    notes: tuple[str, ...] = ()
    """What is left out to keep it short, and what is done otherwise than in a training."""


class TrialProgress(TrialStreamEvent, frozen=True, tag="trial_progress"):
    """How far it is; `share` never falls."""

    share: float
    """0 to 1."""
    phase: str


class TrialPoints(TrialStreamEvent, frozen=True, tag="trial_points"):
    """More points of a curve."""

    curve: str
    x: list[float]
    y: list[float | None]
    """None: not finite."""


class TrialAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures of a trial mean."""

    outcome: str
    """A word for each way that it can end."""
    passed: bool
    """False: the answer is no."""
    sentence: str
    changes: dict[str, Any] = {}
    """A setting that follows, as `--set` takes it."""
    code: str = ""
    """Of the doctor's finding that follows, if any."""
    severity: Literal["info", "warning", "error"] = "info"


class TrialFinished(TrialStreamEvent, frozen=True, tag="trial_finished"):
    """How it ended."""

    trial: str
    outcome: str
    passed: bool
    sentence: str
    source: str
    """Where the method was published."""
    figures: dict[str, Any]
    """What the sentence was made of."""
    changes: dict[str, Any] = {}
    """A setting that follows, as `--set` takes it."""
    finding: Finding | None = None
    notes: tuple[str, ...] = ()
    mark: float | None = None
    """A place on the x axis that matters."""
    seconds: float = 0.0


TrialEvent = TrialStarted | TrialProgress | TrialPoints | TrialFinished
"""Everything that a trial yields; the last one is a `TrialFinished`."""
