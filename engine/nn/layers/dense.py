"""The fully connected layer: an affine map and an activation."""

from collections.abc import Iterator
from typing import Self

import numpy as np

# by name what every step calls: to look it up in `np` costs 0.1 us
from numpy import copyto, matmul

from engine.arrays import Array
from engine.nn.activations import Activation, Linear, Scratch
from engine.nn.initializers import Initializer, default_initializer
from engine.nn.layers.base import Layer, LayerPlace, PerBatchSize, Size
from engine.nn.specs import DenseSpec

DOT_CLEARS = 65_536
"""Bytes of a result from which on `matmul`, though slower to call, is faster than `dot`, which fills its result with
zeros first (measured: 3 % to 7 % of the product with 784 inputs)."""


class Workspace:
    """One layer's arrays for batches of m samples, allocated once."""

    __slots__ = ("a", "dx", "rows", "scratch", "values", "x", "z")

    def __init__(self, m: int, n_in: int, n_out: int, dtype: np.dtype[np.floating]) -> None:
        self.x: Array | None = None  # (m, n_in + 1), the input of the newest forward
        self.z = np.empty((m, n_out), dtype)
        self.a = np.empty((m, n_out), dtype)
        self.rows = np.ones((m, n_out + 1), dtype)  # the homogeneous output
        self.values = self.rows[:, :n_out]  # where a is copied to: functions take half the time without gaps
        self.dx = np.empty((m, n_in), dtype)
        self.scratch = Scratch((m, n_out), dtype)


class Dense(Layer):
    """Affine map z = x Wᵀ + b, then the activation a = f(z).

    Shapes: x (m, n_in), W (n_out, n_in), b (n_out,), z and a (m, n_out). The course form Z = W X + b is the
    transpose of this.

    In memory Wᵀ and below it b are one matrix (n_in + 1, n_out), and x carries a column of ones: z = [x 1] [Wᵀ; b]
    is one product, and so are both gradients together. `weight` and `bias` are views that hide it.
    """

    spec_type = DenseSpec

    def __init__(
        self, name: str, n_in: int, n_out: int, activation: Activation, init: Initializer, bias: Initializer
    ) -> None:
        self.name = name
        self.n_in, self.n_out = n_in, n_out
        self.n_parameters = n_in * n_out + n_out
        self.activation = activation
        self._init, self._bias_init = init, bias
        self._workspaces: PerBatchSize[Workspace]

    @classmethod
    def build(cls, spec: DenseSpec, place: LayerPlace) -> Self:
        activation = spec.activation or Linear()
        init = spec.init or default_initializer(activation)
        return cls(place.name, place.n_in, spec.units, activation, init, spec.bias)

    @classmethod
    def size_of(cls, spec: DenseSpec, n_in: int) -> Size:
        n_out, product = spec.units, 2 * n_in * spec.units
        return Size(
            n_out=n_out,
            parameters=(n_in + 1) * n_out,
            forward_flops=product + 2 * n_out,  # bias and activation
            backward_flops=2 * product,
            input_flops=product,
            work_floats=5 * n_out + n_in,
        )

    def bind(self, theta: Array, grad: Array) -> None:
        shape = (self.n_in + 1, self.n_out)
        self._matrix, self._matrix_grad = theta.reshape(shape), grad.reshape(shape)
        self._is_wide = theta.nbytes > DOT_CLEARS
        self.weight, self.weight_grad = self._matrix[:-1].T, self._matrix_grad[:-1].T  # (n_out, n_in)
        self.bias, self.bias_grad = self._matrix[-1], self._matrix_grad[-1]  # (n_out,)
        self._workspaces = PerBatchSize(lambda m: Workspace(m, self.n_in, self.n_out, theta.dtype))

    def initialize(self, rng: np.random.Generator) -> None:
        self._init.fill(self.weight, rng)
        self._bias_init.fill(self.bias, rng)

    def forward(self, x: Array) -> Array:
        work = self.affine(x)
        self.activation.forward(work.z, work.a, work.scratch)
        copyto(work.values, work.a)
        return work.rows

    def affine(self, x: Array) -> Workspace:
        """Compute z for homogeneous x (m, n_in + 1), and return the workspace that holds it."""
        work = self._newest = self._workspaces[len(x)]
        work.x = x
        x.dot(self._matrix, work.z)  # (m, n_in + 1) @ (n_in + 1, n_out); `dot` costs 2% less than `matmul`
        return work

    def backward(self, gradient: Array, wants_input_gradient: bool) -> Array | None:
        work = self._newest
        self.activation.backward(gradient, work.z, work.a, work.scratch)
        return self.affine_backward(gradient, wants_input_gradient)

    def affine_backward(self, dz: Array, wants_input_gradient: bool) -> Array | None:
        """Fill dW and db from dz (m, n_out), and return dx (m, n_in) if wanted."""
        work = self._newest
        if work.x is None:
            raise RuntimeError(f"{self.name}: backward before forward")
        if self._is_wide:
            matmul(work.x.T, dz, self._matrix_grad)  # (n_in + 1, m) @ (m, n_out): dWᵀ, and below it db
        else:
            work.x.T.dot(dz, self._matrix_grad)
        if not wants_input_gradient:
            return None
        dz.dot(self.weight, work.dx)  # (m, n_out) @ (n_out, n_in)
        return work.dx

    def parameters(self) -> Iterator[tuple[str, Array, Array]]:
        yield f"{self.name}.weight", self.weight, self.weight_grad
        yield f"{self.name}.bias", self.bias, self.bias_grad

    @property
    def pre_activation(self) -> Array:
        """z of the newest forward, (m, n_out)."""
        return self._newest.z

    @property
    def output(self) -> Array:
        """a of the newest forward, (m, n_out)."""
        return self._newest.a
