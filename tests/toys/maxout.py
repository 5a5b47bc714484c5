"""A toy kind of layer whose outputs differ in number from its inputs, with several rows of weights per unit."""

from collections.abc import Iterator
from typing import ClassVar, Self

import numpy as np

from engine.arrays import AnyArray, Array
from engine.named import AtLeastOne
from engine.nn.initializer import Initializer
from engine.nn.initializers import HeNormal
from engine.nn.layers.base import Layer, LayerPlace, Size
from engine.nn.specs import LayerSpec


class MaxoutSpec(LayerSpec, frozen=True, tag="maxout"):
    """A layer whose units are each the largest of some affine maps."""

    purpose: ClassVar[str] = "the largest of several weighted sums"
    letter: ClassVar[str] = "m"

    units: AtLeastOne = 8
    """Number of outputs."""
    pieces: AtLeastOne = 3
    """Affine maps per unit."""
    init: Initializer = HeNormal()
    """Of the weights; the biases start at 0."""


class Maxout(Layer):
    """aₖ = max z[k, p] over the pieces p, z = x Wᵀ + b. Source: Goodfellow et al. 2013, Maxout networks.

    Shapes: x (m, n_in), W (n_out · pieces, n_in), b (n_out · pieces,), z (m, n_out, pieces), a (m, n_out).
    """

    spec_type = MaxoutSpec

    def __init__(self, place: LayerPlace, spec: MaxoutSpec) -> None:
        self.name = place.name
        self.n_in, self.n_out, self._pieces = place.n_in, spec.units, spec.pieces
        self.n_parameters = (place.n_in + 1) * spec.units * spec.pieces
        self._init = spec.init

    @classmethod
    def build(cls, spec: MaxoutSpec, place: LayerPlace) -> Self:
        return cls(place, spec)

    @classmethod
    def size_of(cls, spec: MaxoutSpec, n_in: int) -> Size:
        rows = spec.units * spec.pieces
        product = 2 * n_in * rows
        return Size(spec.units, (n_in + 1) * rows, product, 2 * product, product, 2 * rows + n_in)

    def bind(self, theta: Array, grad: Array) -> None:
        rows = self.n_out * self._pieces
        start = rows * self.n_in
        self.weight, self.weight_grad = (values[:start].reshape(rows, self.n_in) for values in (theta, grad))
        self.bias, self.bias_grad = theta[start:], grad[start:]

    def initialize(self, rng: np.random.Generator) -> None:
        self._init.fill(self.weight, rng)
        self.bias[:] = 0

    def forward(self, x: Array) -> Array:
        self._x = x
        z = (x[:, :-1] @ self.weight.T + self.bias).reshape(len(x), self.n_out, self._pieces)
        self._winner = z.argmax(axis=2)
        self._rows = np.ones((len(x), self.n_out + 1), x.dtype)
        self._rows[:, :-1] = z.max(axis=2)
        return self._rows

    def backward(self, gradient: Array, wants_input_gradient: bool) -> Array | None:
        pieces = np.arange(self._pieces) == self._winner[:, :, np.newaxis]
        dz = (gradient[:, :, np.newaxis] * pieces).reshape(len(gradient), -1)
        np.matmul(dz.T, self._x[:, :-1], out=self.weight_grad)
        dz.sum(axis=0, out=self.bias_grad)
        return dz @ self.weight if wants_input_gradient else None

    def parameters(self) -> Iterator[tuple[str, Array, Array]]:
        yield f"{self.name}.weight", self.weight, self.weight_grad
        yield f"{self.name}.bias", self.bias, self.bias_grad

    @property
    def pre_activation(self) -> Array:
        return self._rows[:, :-1]

    @property
    def output(self) -> Array:
        return self._rows[:, :-1]

    @property
    def has_kinks(self) -> bool:
        return self._pieces > 1

    def kink_sides(self) -> AnyArray | None:
        return self._winner
