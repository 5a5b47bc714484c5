"""What the glass box tells: frozen steps that a program reads as JSON and a person as text."""

import math
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from engine.arrays import Array

VALUES_KEPT = 64
"""Values of an array that a step carries; of a larger one the first, and its figures."""

Kind = Literal["forward", "loss", "backward", "update"]


class NamedArray(msgspec.Struct, frozen=True, kw_only=True):
    """An array of a step, in float64."""

    name: str
    """As in the formula: W, x, dz."""
    shape: tuple[int, ...]
    values: tuple[float | None, ...]
    """Row by row: all of them, or the first 64."""
    norm: float | None
    """Euclidean; 0 for an empty array."""
    low: float | None
    high: float | None
    zeros: int
    """How many values are exactly 0."""

    @classmethod
    def of(cls, name: str, array: "Array") -> "NamedArray":
        """Return the values and figures of `array`, any shape with at least one value."""
        flat = array.astype("float64", copy=False).ravel()
        return cls(
            name=name,
            shape=array.shape,
            values=tuple(flat[:VALUES_KEPT].tolist()),
            norm=math.sqrt(flat.dot(flat)),
            low=float(flat.min()),
            high=float(flat.max()),
            zeros=int((flat == 0).sum()),
        )


class WalkEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of what the stream tells."""


class LayerOutline(msgspec.Struct, frozen=True):
    """A layer in a line."""

    name: str
    kind: str
    """dense, dropout, batchnorm, ..."""
    n_in: int
    n_out: int
    activation: str


class ExplainStarted(WalkEvent, frozen=True, kw_only=True, tag="explain_started"):
    """What is walked through."""

    architecture: str
    layers: tuple[LayerOutline, ...]
    loss: str
    samples: tuple[int, ...]
    """Places in the training part."""
    of_samples: int
    """How many the training part has."""
    targets: tuple[str, ...]
    """What each sample should give, in words: `class 7`, `0.25`."""
    steps: int
    limits: tuple[str, ...]
    """What is not written out in full, and from which size on; empty: everything is."""


class WalkStep(WalkEvent, frozen=True, kw_only=True, tag="step"):
    """One step of the walk."""

    index: int = 0
    """From 1."""
    kind: Kind
    part: int = 0
    """The place within its kind, from 1: forward 2 of 5."""
    parts: int = 0
    layer: str = ""
    """layers.0, ...; empty: the input or the loss."""
    title: str
    formula: str
    """In symbols, a line each."""
    shapes: str = ""
    """The same with shapes."""
    numbers: tuple[str, ...] = ()
    """The same with numbers, a line each."""
    left_out: str = ""
    """What is not written out: `120 more units`."""
    words: str
    """What happens and why, a sentence or two."""
    arrays: tuple[NamedArray, ...] = ()
    own_difference: float | None = None
    """Norm ratio of these gradients and the network's own; None where the step has none of a parameter."""


class ExplainFinished(WalkEvent, frozen=True, kw_only=True, tag="explain_finished"):
    """Whether the network's own backward pass says the same as the walk."""

    passed: bool
    message: str


ExplainEvent = ExplainStarted | WalkStep | ExplainFinished
