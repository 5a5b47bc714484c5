"""Figures that `tests.docs.rates` measures and `architecture_notes.json` records."""

import msgspec


class RecordedFinding(msgspec.Struct, frozen=True):
    """A finding of the doctor."""

    code: str
    severity: str
    message: str
    remedy: dict[str, float | int | str]
    cause: str


class Training(msgspec.Struct, frozen=True):
    """A training at one learning rate, by nnterm's trainer."""

    rate: float
    state: str
    steps: int
    losses: list[float | None]
    """Means over equal parts of the training."""
    train_loss: float | None
    validation_accuracy: float | None
    test_accuracy: float | None
    update_ratio: float | None
    """Median over the measurements of the layer that changes most; None without measurements after the first steps."""
    dead: list[float]
    """Share of dead units of each hidden layer at the end."""
    sharpness: list[tuple[int, float]]
    """Sharpness at some steps."""
    origin: str
    """Origin of a divergence in words; "" without one."""
    origin_step: int | None
    findings: list[RecordedFinding]


class Unguarded(msgspec.Struct, frozen=True):
    """The same updates made by a bare loop without any checks."""

    rate: float
    losses: list[float | None]
    """Loss of each of the first batches before its update; None: not finite."""
    rises: float
    """Share of those updates after which the loss of the same batch was higher."""
    first_before: float
    first_after: float
    """Loss of the first batch after the first update."""
    largest_gradient: float
    """Largest gradient norm over those updates."""
    last_loss: float | None
    """Loss over the probe after all updates."""
    largest_weight: float | None
    dead: list[float]
    first_bad: int | None
    """The first update whose loss was not finite; None: there was no such update."""


class Slope(msgspec.Struct, frozen=True):
    """The loss of a batch after one step along its gradient, by learning rate."""

    rates: list[float]
    losses: list[float]
    start: float
    along: float
    """Curvature along the gradient."""
    sharpness: float


class Edge(msgspec.Struct, frozen=True):
    """Full-batch gradient descent: loss and sharpness by step."""

    rate: float
    steps: list[int]
    losses: list[float]
    sharpness: list[float]


class Study(msgspec.Struct, frozen=True):
    """All figures of the page."""

    trainings: list[Training]
    unguarded: list[Unguarded]
    squared: list[Unguarded]
    """With squared error and linear outputs instead of softmax and cross-entropy."""
    slope: Slope
    edges: list[Edge]
