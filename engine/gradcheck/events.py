"""The events of a gradient check: the lines of `nnterm check --json`. Free of NumPy."""

import msgspec

PROGRESS_EVERY_S = 0.05


class CheckStreamEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of what the stream tells apart from its rows."""


class TensorShape(msgspec.Struct, frozen=True):
    """A parameter tensor by name."""

    name: str
    shape: tuple[int, ...]


class CheckStarted(CheckStreamEvent, frozen=True, kw_only=True, tag="check_started"):
    """The network and what will be done."""

    architecture: str
    n_parameters: int
    parameters: tuple[TensorShape, ...]
    checks: int
    samples: int
    device: str
    dtype: str


class CheckProgress(CheckStreamEvent, frozen=True, kw_only=True, tag="check_progress"):
    """How far the check is; `done` never falls."""

    done: int
    total: int
    phase: str


class Worst(msgspec.Struct, frozen=True):
    """The coordinate with the largest error."""

    name: str
    index: tuple[int, ...]
    relative_error: float


class CheckFinished(CheckStreamEvent, frozen=True, kw_only=True, tag="check_finished"):
    """The verdict."""

    passed: bool
    message: str
    culprit: str
    problems: tuple[str, ...]
    worst: Worst | None
    device: str
    dtype: str
    torch_version: str
    n_parameters: int
    checked: int
    directions: int
    kinks: int
    modes: tuple[str, ...]
    blind_spots: tuple[str, ...]
    notes: tuple[str, ...]
    seconds: float


DIFFERENCES, IMPORTING, PYTORCH = "finite differences", "importing PyTorch", "PyTorch"
"""Phases of a check."""
