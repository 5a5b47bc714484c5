"""What `tests.docs.rates` measures and `architecture_notes.json` records."""

import msgspec


class Said(msgspec.Struct, frozen=True):
    """A finding of the doctor."""

    code: str
    severity: str
    message: str
    remedy: dict[str, float | int | str]
    cause: str


class Training(msgspec.Struct, frozen=True):
    """A training at one learning rate, as nnterm does it."""

    rate: float
    state: str
    steps: int
    losses: list[float | None]
    """Means over equal parts of the training."""
    train_loss: float | None
    validation_accuracy: float | None
    test_accuracy: float | None
    update_ratio: float | None
    """Median over the measurements of the layer that moves most; None where none was made after the first steps."""
    dead: list[float]
    """Share of each hidden layer at the end."""
    sharpness: list[tuple[int, float]]
    """At some steps."""
    origin: str
    """Where a divergence began; empty without one."""
    origin_step: int | None
    findings: list[Said]


class Unguarded(msgspec.Struct, frozen=True):
    """The same updates made by a bare loop that does not look at its figures."""

    rate: float
    losses: list[float | None]
    """Of the first updates' batches, before each; None: not finite."""
    rises: float
    """Share of those updates after which the loss of the very same batch was higher."""
    first_before: float
    first_after: float
    """Of the first batch, after the first update."""
    largest_gradient: float
    """Norm of the gradient, over those updates."""
    last_loss: float | None
    """Over the probe, after all of them."""
    largest_weight: float | None
    dead: list[float]
    first_bad: int | None
    """The first update with a loss that was not finite."""


class Slope(msgspec.Struct, frozen=True):
    """The loss of a batch after one step along its gradient, by the length of the step."""

    rates: list[float]
    losses: list[float]
    start: float
    along: float
    """Curvature along the gradient."""
    sharpness: float


class Edge(msgspec.Struct, frozen=True):
    """Gradient descent with the whole set as one batch: loss and sharpness by the step."""

    rate: float
    steps: list[int]
    losses: list[float]
    sharpness: list[float]


class Study(msgspec.Struct, frozen=True):
    """Everything that the page tells of."""

    trainings: list[Training]
    unguarded: list[Unguarded]
    squared: list[Unguarded]
    """With a squared error and no softmax in the place of the cross-entropy."""
    slope: Slope
    edges: list[Edge]
