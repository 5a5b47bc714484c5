"""The events of a trial as frozen structs: the JSON lines of `nnterm try --json`."""

from typing import Any, Literal

import msgspec

from engine.events import Finding

Role = Literal["main", "other", "third", "pale", "level", "good"]
"""Role of a curve among the others; a display chooses its colour and mark by it."""


class TrialStreamEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of all events of the stream."""


class TrialCurve(msgspec.Struct, frozen=True):
    """A curve of the plot, to which points are added."""

    name: str
    role: Role
    dots: bool = False
    """True: separate points; False: joined by a line."""


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """The plot of a trial."""

    title: str
    """Title of the y axis."""
    x_label: str
    curves: tuple[TrialCurve, ...]
    log_y: bool = False
    grows: bool = True
    """True: x counts steps or epochs from 0; False: x is any value."""
    reach: tuple[float, float] | None = None
    """Lowest and highest x that will be tried; None: not known in advance."""


class TrialStarted(TrialStreamEvent, frozen=True, tag="trial_started"):
    """The start of a trial."""

    trial: str
    subject: str
    """Network, data and training, in words."""
    beginning: str
    """The weights it starts from, in words."""
    plot: Plot
    notes: tuple[str, ...] = ()
    """Parts that are left out to keep it short, and differences from a training."""
    run: str = ""
    """Name of the run; empty: an experiment without a run."""


class TrialProgress(TrialStreamEvent, frozen=True, tag="trial_progress"):
    """Progress; `share` never falls."""

    share: float
    """From 0 to 1."""
    phase: str


class TrialPoints(TrialStreamEvent, frozen=True, tag="trial_points"):
    """New points of a curve."""

    curve: str
    x: list[float]
    y: list[float | None]
    """None: not finite."""


class TrialAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The interpretation of a trial's figures."""

    outcome: str
    """One word for each way that the trial can end."""
    passed: bool
    """False: the answer is no."""
    sentence: str
    changes: dict[str, Any] = {}
    """The suggested setting, as `--set` takes it."""
    code: str = ""
    """Code of the doctor's finding that follows, "" for none."""
    severity: Literal["info", "warning", "error"] = "info"


class TrialFinished(TrialStreamEvent, frozen=True, tag="trial_finished"):
    """The end of a trial."""

    trial: str
    outcome: str
    passed: bool
    sentence: str
    source: str
    """Publication of the method."""
    figures: dict[str, Any]
    """The figures behind the sentence."""
    changes: dict[str, Any] = {}
    """The suggested setting, as `--set` takes it."""
    finding: Finding | None = None
    notes: tuple[str, ...] = ()
    mark: float | None = None
    """x to mark in the plot; None: none."""
    seconds: float = 0.0


TrialEvent = TrialStarted | TrialProgress | TrialPoints | TrialFinished
"""Everything that a trial yields; the last event is a `TrialFinished`."""
