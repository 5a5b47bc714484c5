"""The fully connected layer: an affine map and an activation."""

import copy
from collections.abc import Iterator
from functools import partial
from typing import Self

import numpy as np

# imported by name because they run in every step: a lookup in `np` costs 0.1 us
from numpy import copyto, matmul

from engine.arrays import Array
from engine.nn.activations import Activation, Linear, Scratch
from engine.nn.initializer import Initializer
from engine.nn.initializers import default_initializer
from engine.nn.layers.base import Layer, LayerPlace, PerBatchSize, Size
from engine.nn.specs import DenseSpec
from engine.team import Team

MATMUL_FROM_BYTES = 65_536
"""Size of a result above which `matmul` is faster than `dot`, which clears the result first (measured: 3 % to 7 % of
the product with 784 inputs); below, its call overhead is higher."""


class Workspace:
    """Work arrays of a dense layer for batches of m samples, allocated once."""

    __slots__ = ("a", "dx", "parts", "rows", "scratch", "values", "x", "z")

    def __init__(self, m: int, n_in: int, n_out: int, dtype: np.dtype[np.floating]) -> None:
        self.x: Array | None = None  # (m, n_in + 1), input of the latest forward pass
        self.z = np.empty((m, n_out), dtype)
        self.a = np.empty((m, n_out), dtype)
        self.rows = np.ones((m, n_out + 1), dtype)  # the homogeneous output
        self.values = self.rows[:, :n_out]  # receives `a`: functions are twice as fast without gaps
        self.dx = np.empty((m, n_in), dtype)
        self.scratch = Scratch((m, n_out), dtype)
        self.parts: list[tuple[slice, Workspace]] = []
        """Some rows each, for the threads of a team."""

    def share_with(self, team: Team | None) -> "Workspace":
        """Divide the rows among the threads of `team`; returns itself."""
        self.parts = [(rows, self._part(rows)) for rows in team.parts(*self.z.shape)] if team else []
        return self

    def _part(self, rows: slice) -> "Workspace":
        """Return the workspace of some rows: views on the same memory."""
        part = copy.copy(self)
        part.z, part.a, part.values = self.z[rows], self.a[rows], self.values[rows]
        part.scratch = self.scratch.part(rows)
        return part


class Dense(Layer):
    """Affine map z = x Wᵀ + b, then the activation a = f(z).

    Shapes: x (m, n_in), W (n_out, n_in), b (n_out,), z and a (m, n_out). The course's form Z = W X + b is the
    transpose. Gradients: dW = dzᵀ x, db = Σ dz over the samples, dx = dz W. Source: Goodfellow, Bengio, Courville
    2016, algorithms 6.3 and 6.4.

    In memory, Wᵀ with b below it is one matrix (n_in + 1, n_out), and x has a column of ones: z = [x 1] [Wᵀ; b] is one
    product, and so are dW and db together. `weight` and `bias` are views of that matrix.
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
        """Make [Wᵀ; b], (n_in + 1, n_out), a view of `theta`, and its gradient a view of `grad`."""
        shape = (self.n_in + 1, self.n_out)
        self._matrix, self._matrix_grad = theta.reshape(shape), grad.reshape(shape)
        self._is_wide = theta.nbytes > MATMUL_FROM_BYTES
        self.team = None  # an attribute of its own: faster to look up than that of the class
        self.weight, self.weight_grad = self._matrix[:-1].T, self._matrix_grad[:-1].T  # (n_out, n_in)
        self.bias, self.bias_grad = self._matrix[-1], self._matrix_grad[-1]  # (n_out,)
        self._workspaces = PerBatchSize(
            lambda m: Workspace(m, self.n_in, self.n_out, theta.dtype).share_with(self.team)
        )

    def share_with(self, team: Team | None) -> None:
        """Share the products and the activation with the threads of `team`."""
        super().share_with(team)
        for work in self._workspaces.values():
            work.share_with(team)

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw the weights, then the biases, from their initialisers."""
        self._init.fill(self.weight, rng)
        self._bias_init.fill(self.bias, rng)

    def forward(self, x: Array) -> Array:
        """Return a = f(x Wᵀ + b) with a column of ones, (m, n_out + 1), for homogeneous x, (m, n_in + 1)."""
        work = self.affine(x)
        if self.team is not None:
            self.team.make([partial(self._activate, part) for _, part in work.parts])
            return work.rows
        self.activation.forward(work.z, work.a, work.scratch)
        copyto(work.values, work.a)
        return work.rows

    def _activate(self, part: Workspace) -> None:
        self.activation.forward(part.z, part.a, part.scratch)
        copyto(part.values, part.a)

    def affine(self, x: Array) -> Workspace:
        """Compute z = x Wᵀ + b for homogeneous x, (m, n_in + 1); return the workspace, whose `z` is (m, n_out)."""
        work = self._newest = self._workspaces[len(x)]
        work.x = x
        if self.team is not None:
            self.team.multiply(x, self._matrix, work.z)
            return work
        x.dot(self._matrix, work.z)  # (m, n_in + 1) @ (n_in + 1, n_out); `dot` costs 2% less than `matmul`
        return work

    def backward(self, gradient: Array, wants_input_gradient: bool) -> Array | None:
        """Turn `gradient`, dL/da (m, n_out), into dz = dL/da · f'(z) in place, then do as `affine_backward`."""
        work = self._newest
        if self.team is not None:
            self.team.make([partial(self._slope, gradient[rows], part) for rows, part in work.parts])
        else:
            self.activation.backward(gradient, work.z, work.a, work.scratch)
        return self.affine_backward(gradient, wants_input_gradient)

    def _slope(self, gradient: Array, part: Workspace) -> None:
        self.activation.backward(gradient, part.z, part.a, part.scratch)

    def affine_backward(self, dz: Array, wants_input_gradient: bool) -> Array | None:
        """Write dW = dzᵀ x and db = Σ dz into `grad`, and return dx = dz W, (m, n_in), or None if not wanted.

        Args:
            dz: dL/dz of the latest `affine`, (m, n_out); not changed.
            wants_input_gradient: False to skip dx.

        Raises:
            RuntimeError: there was no forward pass with this batch size.
        """
        work = self._newest
        if work.x is None:
            raise RuntimeError(f"{self.name}: backward before forward")
        if self.team is not None:
            products = self.team.products(work.x.T, dz, self._matrix_grad)
            products += self.team.products(dz, self.weight, work.dx) if wants_input_gradient else []
            self.team.make(products)
            return work.dx if wants_input_gradient else None
        if self._is_wide:
            matmul(work.x.T, dz, self._matrix_grad)  # (n_in + 1, m) @ (m, n_out): dWᵀ with db below
        else:
            work.x.T.dot(dz, self._matrix_grad)
        if not wants_input_gradient:
            return None
        dz.dot(self.weight, work.dx)  # (m, n_out) @ (n_out, n_in)
        return work.dx

    def parameters(self) -> Iterator[tuple[str, Array, Array]]:
        """Yield (name, view, gradient view) of `weight`, (n_out, n_in), and `bias`, (n_out,)."""
        yield f"{self.name}.weight", self.weight, self.weight_grad
        yield f"{self.name}.bias", self.bias, self.bias_grad

    @property
    def pre_activation(self) -> Array:
        """z of the latest forward pass, (m, n_out)."""
        return self._newest.z

    @property
    def output(self) -> Array:
        """a of the latest forward pass, (m, n_out)."""
        return self._newest.a
