"""The lines of `nnterm check --explain --json` as structs. Free of NumPy.

JSON has no NaN or Inf: such a number is written as null and read back as None.
"""

import math
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.arrays import Array
    from engine.glassbox.numbers import Line

VALUES_KEPT = 64
"""Largest number of values of an array that a step carries: the first ones."""

Kind = Literal["forward", "loss", "backward", "update"]


class NamedArray(msgspec.Struct, frozen=True, kw_only=True):
    """An array of a step, in float64."""

    name: str
    """Symbol in the formula: W, x, dz."""
    shape: tuple[int, ...]
    values: tuple[float | None, ...]
    """Row by row: all of them, or the first 64."""
    norm: float | None
    """Euclidean norm of all values."""
    low: float | None
    high: float | None
    zeros: int
    """Number of values that are exactly 0."""

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
    """Base of the events of a walk."""


def written(lines: "Sequence[Line]") -> dict[str, Any]:
    """Return the fields `numbers` and `results` of a step for its lines."""
    return {
        "numbers": tuple(line.text for line in lines),
        "results": tuple((line.start, line.end) for line in lines),
    }


class LayerOutline(msgspec.Struct, frozen=True):
    """A layer's kind and sizes."""

    name: str
    kind: str
    """dense, dropout, batchnorm, ..."""
    n_in: int
    n_out: int
    activation: str


class ExplainStarted(WalkEvent, frozen=True, kw_only=True, tag="explain_started"):
    """The network and the samples of a walk."""

    architecture: str
    layers: tuple[LayerOutline, ...]
    loss: str
    samples: tuple[int, ...]
    """Indices in the training split."""
    of_samples: int
    """Size of the training split."""
    targets: tuple[str, ...]
    """The target of each sample in words: `class 7`, `0.25`."""
    steps: int
    limits: tuple[str, ...]
    """Parts that are not written out in full, with the size limit, in words."""
    subject: str = ""
    """The weights in words: `step 1,265`; empty: an experiment's initial weights."""
    run: str = ""
    """Name of the run; empty: an experiment without a run."""


Values = tuple[float | None, ...]


class LayerFlow(msgspec.Struct, frozen=True, kw_only=True):
    """The walk's first sample at one layer."""

    name: str
    outputs: Values
    """The activations, of the first units."""
    gradients: Values
    """The derivatives of the loss w.r.t. z, or w.r.t. the outputs of a layer without z, of the first units."""
    weights: tuple[Values, ...] = ()
    """A row per unit; empty for a large layer, or one without a weight matrix."""
    weight_gradients: tuple[Values, ...] = ()
    """In the same shape, over the whole batch."""
    biases: Values = ()


class WalkFlow(WalkEvent, frozen=True, kw_only=True, tag="walk_flow"):
    """The values that a drawing of the walk shows."""

    input: Values
    """The first sample, scaled as in training: the first values."""
    input_shape: tuple[int, ...]
    layers: tuple[LayerFlow, ...]
    points: tuple[tuple[float, float, int], ...] = ()
    """Some training samples of two features, with their class (0 for values); empty for other data."""


class WalkStep(WalkEvent, frozen=True, kw_only=True, tag="step"):
    """One step of the walk."""

    index: int = 0
    """Counted from 1."""
    kind: Kind
    part: int = 0
    """Number of the step within its kind, from 1: forward 2 of 5."""
    parts: int = 0
    layer: str = ""
    """Name of the layer, `layers.0`; empty for the input and the loss."""
    title: str
    formula: str
    """The formulas in symbols, one per line."""
    shapes: str = ""
    """The formulas with shapes."""
    numbers: tuple[str, ...] = ()
    """The formulas with numbers, one per line."""
    results: tuple[tuple[int, int], ...] = ()
    """Start and end of the result in each line of `numbers`, in characters; equal: the line has none."""
    left_out: str = ""
    """The values not written out: `120 more units`."""
    words: str
    """Explanation of the step in a sentence or two."""
    arrays: tuple[NamedArray, ...] = ()
    own_difference: float | None = None
    """Norm ratio of these gradients and the network's own; None for a step without parameter gradients."""
    disagreement: str = ""
    """The difference between this step's derivative and a finite difference of its forward formula, in words; empty:
    they agree, or the step is not compared."""


class ExplainFinished(WalkEvent, frozen=True, kw_only=True, tag="explain_finished"):
    """The comparison of the walk with the network's own backward pass."""

    passed: bool
    message: str


ExplainEvent = ExplainStarted | WalkFlow | WalkStep | ExplainFinished
