"""What a trajectory check tells: the stream of `nnterm check --steps N --json`, and its report."""

from typing import Any, Literal

import msgspec

from engine.gradcheck.events import CheckProgress, CheckStreamEvent, TensorShape
from engine.torch.trajectory.drift import GrowthPoint

DriftVerdict = Literal["ok", "rounding", "kink", "wrong"]


class TrajectoryStarted(CheckStreamEvent, frozen=True, kw_only=True, tag="trajectory_started"):
    """The network, how it is trained, and for how many steps."""

    architecture: str
    n_parameters: int
    parameters: tuple[TensorShape, ...]
    steps: int
    batch_size: int
    steps_per_epoch: int
    loss: str
    optimizer: dict[str, Any]
    """Its name and options, as in the experiment file."""
    schedule: dict[str, Any]
    clip_norm: float
    tolerance: float
    device: str
    dtype: str = "float64"


class TrajectoryRow(CheckStreamEvent, frozen=True, kw_only=True, tag="trajectory"):
    """One parameter tensor after the last step; the two values stand where the difference is largest."""

    name: str
    shape: tuple[int, ...]
    index: tuple[int, ...]
    ours: float
    torch: float
    relative_difference: float
    """|ours − PyTorch's|, the largest, over PyTorch's largest value in the tensor."""
    largest_relative_difference: float
    """The largest that it was after any step."""
    rounding: float
    """The largest that ours was from our own, jolted by a few units of rounding at each step."""
    first_bad_step: int | None
    """The first step after which it was beyond the tolerance and beyond what rounding explains."""
    verdict: DriftVerdict


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """The step at which the trainings parted."""

    step: int
    """Counted from 1."""
    tensor: str
    learning_rate: float
    torch_learning_rate: float
    cause: Literal["learning rate", "samples", "loss", "gradient", "update", "divergence"]
    """The first thing at this step that differs."""
    message: str


class TrajectoryFinished(CheckStreamEvent, frozen=True, kw_only=True, tag="trajectory_finished"):
    """The verdict."""

    passed: bool
    message: str
    culprit: str
    """The tensor that left the tolerance first; "" where none did."""
    departure: Departure | None
    steps: int
    """Steps compared."""
    steps_asked: int
    worst: str
    """The tensor with the largest difference at the end."""
    relative_difference: float
    """Its difference."""
    rounding: float
    """The largest over all tensors."""
    learning_rate: float
    """At the last step."""
    growth: tuple[GrowthPoint, ...]
    """After 1, 2, 5, 10, 20, 50, ... steps, and after the last."""
    tolerance: float
    notes: tuple[str, ...]
    n_parameters: int
    device: str
    dtype: str = "float64"
    torch_version: str
    seconds: float


TrajectoryEvent = TrajectoryStarted | CheckProgress | TrajectoryRow | TrajectoryFinished


class TrajectoryReport(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one trajectory check."""

    parameters: dict[str, TrajectoryRow]
    """One row a tensor, in the network's order."""
    result: TrajectoryFinished

    @property
    def passed(self) -> bool:
        """Whether both trainings stayed together."""
        return self.result.passed

    @property
    def message(self) -> str:
        """The verdict in one line."""
        return self.result.message
