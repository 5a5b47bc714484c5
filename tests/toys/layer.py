"""A toy kind of layer: its section of the experiment file, its class, and one entry in `LAYERS`.

It has no PyTorch equivalent, no lesson in the glass box and no rounding analysis; each of these is reported.
"""

from collections.abc import Iterator
from typing import ClassVar, Self

import numpy as np

from engine.arrays import Array
from engine.named import Positive
from engine.nn.layers.base import Layer, LayerPlace, Size
from engine.nn.specs import LayerSpec


class ScaleSpec(LayerSpec, frozen=True, tag="scale"):
    """A layer that multiplies each unit by a learned factor."""

    purpose: ClassVar[str] = "each unit times a number that is learned"
    letter: ClassVar[str] = "s"
    keeps_shape: ClassVar[bool] = True
    is_affine: ClassVar[bool] = True

    start: Positive = 1.0
    """Initial value of all factors."""


class UnitScale(Layer):
    """a = x · γ, dγ = Σ da · x over the samples, dx = da · γ. Shapes: x and a (m, n), γ (n,)."""

    spec_type = ScaleSpec

    def __init__(self, place: LayerPlace, start: float) -> None:
        self.name = place.name
        self.n_in = self.n_out = self.n_parameters = place.n_in
        self._start = start

    @classmethod
    def build(cls, spec: ScaleSpec, place: LayerPlace) -> Self:
        return cls(place, spec.start)

    @classmethod
    def size_of(cls, spec: ScaleSpec, n_in: int) -> Size:
        return Size(n_in, n_in, n_in, 2 * n_in, n_in, 2 * n_in)

    def bind(self, theta: Array, grad: Array) -> None:
        self.weight, self.weight_grad = theta, grad

    def initialize(self, rng: np.random.Generator) -> None:
        self.weight[:] = self._start

    def forward(self, x: Array) -> Array:
        self._x, self._rows = x, x.copy()  # (m, n + 1), ones in the last column
        self._rows[:, :-1] *= self.weight
        return self._rows

    def backward(self, gradient: Array, wants_input_gradient: bool) -> Array | None:
        (gradient * self._x[:, :-1]).sum(axis=0, out=self.weight_grad)
        gradient *= self.weight
        return gradient

    def parameters(self) -> Iterator[tuple[str, Array, Array]]:
        yield f"{self.name}.weight", self.weight, self.weight_grad

    @property
    def pre_activation(self) -> Array:
        return self._rows[:, :-1]

    @property
    def output(self) -> Array:
        return self._rows[:, :-1]
