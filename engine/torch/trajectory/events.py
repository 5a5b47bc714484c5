"""The lines of `nnterm check --steps N --json` as structs, and the report of a trajectory check."""

from typing import Any, Literal

import msgspec

from engine.gradcheck.events import CheckProgress, CheckStreamEvent, TensorShape
from engine.torch.trajectory.drift import GrowthPoint

Cause = Literal[
    "learning rate",
    "samples",
    "loss",
    "gradient",
    "update",
    "divergence",
    "running statistics",
    "order of samples",
    "masks",
    "float32",
    "exception",
]
DriftVerdict = Literal["ok", "rounding", "kink", "wrong"]


class TrajectoryStarted(CheckStreamEvent, frozen=True, kw_only=True, tag="trajectory_started"):
    """The network, its training, and the number of steps."""

    architecture: str
    n_parameters: int
    parameters: tuple[TensorShape, ...]
    steps: int
    batch_size: int
    steps_per_epoch: int
    loss: str
    optimizer: dict[str, Any]
    """Name and options, as in the experiment file."""
    schedule: dict[str, Any]
    clip_norm: float
    tolerance: float
    device: str
    dtype: str = "float64"
    run: str = ""
    """Name of the run; empty: an experiment without a run."""


class TrajectoryRow(CheckStreamEvent, frozen=True, kw_only=True, tag="trajectory"):
    """One parameter tensor after the last step; the two values are those with the largest difference, at `index`."""

    name: str
    shape: tuple[int, ...]
    index: tuple[int, ...]
    ours: float
    torch: float
    relative_difference: float
    """The largest |ours − PyTorch's| over PyTorch's largest value in the tensor."""
    largest_relative_difference: float
    """The largest relative difference after any step."""
    rounding: float
    """The largest relative difference between ours and our own, perturbed by a few units of rounding at each step."""
    first_bad_step: int | None
    """The first step with a difference beyond the tolerance and beyond rounding."""
    verdict: DriftVerdict


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """The step at which the trainings departed."""

    step: int
    """Counted from 1."""
    tensor: str
    learning_rate: float
    torch_learning_rate: float
    cause: Cause
    """The first quantity of this step that differs; or what is wrong by itself, without a comparison."""
    message: str


class TrajectoryFinished(CheckStreamEvent, frozen=True, kw_only=True, tag="trajectory_finished"):
    """The verdict."""

    passed: bool
    message: str
    culprit: str
    """The tensor that exceeded the tolerance first; "" if none did."""
    departure: Departure | None
    steps: int
    """Number of steps compared."""
    steps_asked: int
    worst: str
    """The tensor with the largest difference after the last step."""
    relative_difference: float
    """The relative difference of `worst`."""
    rounding: float
    """The largest `TrajectoryRow.rounding` over all tensors."""
    learning_rate: float
    """The learning rate of the last step."""
    growth: tuple[GrowthPoint, ...]
    """The differences after 1, 2, 5, 10, 20, 50, ... steps, and after the last."""
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
    """One row per tensor, in the network's order."""
    result: TrajectoryFinished

    @property
    def passed(self) -> bool:
        """True if both trainings stayed equal up to rounding."""
        return self.result.passed

    @property
    def message(self) -> str:
        """The verdict in one line."""
        return self.result.message
