"""Batch normalisation: each unit is normalised to mean 0 and variance 1 over the batch."""

from collections.abc import Iterator
from typing import ClassVar, Self

import numpy as np

from engine.arrays import Array
from engine.nn.activations import Activation, Scratch
from engine.nn.layers.base import Layer, LayerPlace, PerBatchSize, Size
from engine.nn.layers.mode import Mode
from engine.nn.specs import BatchNormSpec


class _NormWorkspace:
    """Work arrays for batches of m samples, allocated once."""

    __slots__ = ("a", "normal", "ones", "rows", "scratch", "values", "z")

    def __init__(self, m: int, n: int, dtype: np.dtype[np.floating]) -> None:
        self.normal = np.empty((m, n), dtype)  # x̂
        self.z = np.empty((m, n), dtype)
        self.a = np.empty((m, n), dtype)
        self.rows = np.ones((m, n + 1), dtype)  # the homogeneous output
        self.values = self.rows[:, :n]  # receives `a`: functions are twice as fast without gaps
        self.scratch = Scratch((m, n), dtype)
        self.ones = np.ones(m, dtype)  # a dot product with them takes half the time of `sum`


class BatchNorm(Layer):
    """x̂ = (x − μ) / √(σ² + ε), z = γ x̂ + β, then the activation a = f(z); separately for each unit.

    In training, μ and σ² are the batch's mean and (biased) variance, and the running statistics are updated:
    r ← (1 − momentum) r + momentum · batch, with the unbiased variance. In evaluation, μ and σ² are the running
    statistics, and the layer is affine. A batch of one sample has no variance: it is treated as in evaluation and
    does not update the running statistics.

    Shapes: x, x̂, z and a (m, n); γ (`weight`), β (`bias`), `running_mean` and `running_var` (n,).
    Source: Ioffe and Szegedy 2015; all definitions as in `torch.nn.BatchNorm1d`.
    """

    spec_type = BatchNormSpec

    has_modes: ClassVar[bool] = True

    def __init__(self, place: LayerPlace, activation: Activation, momentum: float, eps: float) -> None:
        self.name = place.name
        self.n_in = self.n_out = n = place.n_in
        self.n_parameters = self.n_buffers = 2 * n
        self.activation = activation
        self.momentum, self.eps = momentum, eps
        self._workspaces: PerBatchSize[_NormWorkspace]

    @classmethod
    def build(cls, spec: BatchNormSpec, place: LayerPlace) -> Self:
        return cls(place, spec.activation, spec.momentum, spec.eps)

    @classmethod
    def size_of(cls, spec: BatchNormSpec, n_in: int) -> Size:
        return Size(n_in, 2 * n_in, 8 * n_in, 10 * n_in, 6 * n_in, 6 * n_in)

    def bind(self, theta: Array, grad: Array) -> None:
        """Make γ and then β, both (n,), views of `theta`, and their gradients views of `grad`."""
        n = self.n_out
        self.weight, self.weight_grad = theta[:n], grad[:n]  # γ
        self.bias, self.bias_grad = theta[n:], grad[n:]  # β
        self._workspaces = PerBatchSize(lambda m: _NormWorkspace(m, n, theta.dtype))

    def bind_buffers(self, buffers: Array) -> None:
        """Make the running mean and then the running variance, both (n,), views of `buffers`."""
        self.running_mean, self.running_var = buffers[: self.n_out], buffers[self.n_out :]

    def initialize(self, rng: np.random.Generator) -> None:
        """Set γ = 1, β = 0, running mean 0 and running variance 1; draws nothing from `rng`."""
        self.weight[:], self.bias[:] = 1, 0
        self.running_mean[:], self.running_var[:] = 0, 1

    def forward(self, x: Array) -> Array:
        """Return a = f(γ x̂ + β) with a column of ones, (m, n + 1), for homogeneous x, (m, n + 1).

        In training mode it updates the running mean and variance.
        """
        work = self._newest = self._workspaces[len(x)]
        self._of_batch = self.mode is not Mode.EVALUATION and len(x) > 1
        values = x[:, :-1]  # (m, n)
        if self._of_batch:
            variance = self._normalise_by_batch(values, work)
        else:
            np.subtract(values, self.running_mean, out=work.normal)
            variance = self.running_var
        self._factor = 1 / np.sqrt(variance + self.eps)  # (n,)
        work.normal *= self._factor
        np.multiply(work.normal, self.weight, out=work.z)
        work.z += self.bias
        self.activation.forward(work.z, work.a, work.scratch)
        np.copyto(work.values, work.a)
        return work.rows

    def _normalise_by_batch(self, values: Array, work: _NormWorkspace) -> Array:
        """Write x − μ into `work.normal`, return the batch's biased variance, (n,), and update the running statistics."""
        m = len(values)
        mean = work.ones.dot(values) / m  # (n,)
        np.subtract(values, mean, out=work.normal)
        squares = np.multiply(work.normal, work.normal, out=work.scratch.temporary)
        variance: Array = work.ones.dot(squares) / m  # (n,)
        if self.mode is Mode.TRAINING:
            self._update_running(self.running_mean, mean)
            self._update_running(self.running_var, variance * (m / (m - 1)))
        return variance

    def _update_running(self, running: Array, latest: Array) -> None:
        running *= 1 - self.momentum
        running += self.momentum * latest

    def backward(self, gradient: Array, wants_input_gradient: bool) -> Array | None:
        """Turn `gradient`, dL/da (m, n), into dz = dL/da · f'(z) in place, then do as `normal_backward`."""
        work = self._newest
        self.activation.backward(gradient, work.z, work.a, work.scratch)
        return self.normal_backward(gradient, wants_input_gradient)

    def normal_backward(self, dz: Array, wants_input_gradient: bool) -> Array | None:
        """Write dγ = Σ dz x̂ and dβ = Σ dz into `grad`, and return dx = γ s (dz − mean dz − x̂ mean(dz x̂)).

        Here s = 1/√(σ² + ε). The two means, over the batch, come from μ and σ², which depend on every sample. In
        evaluation these are constants, and dx = γ s dz. Source: Ioffe and Szegedy 2015, section 3.

        Args:
            dz: dL/dz of the latest forward pass, (m, n); overwritten.
            wants_input_gradient: False to skip dx.

        Returns:
            dx, (m, n), in `dz`; None if not wanted.
        """
        work = self._newest
        products = np.multiply(dz, work.normal, out=work.scratch.temporary)
        work.ones.dot(products, self.weight_grad)
        work.ones.dot(dz, self.bias_grad)
        if not wants_input_gradient:
            return None
        if self._of_batch:
            m = len(dz)
            dz -= np.multiply(work.normal, self.weight_grad / m, out=work.scratch.temporary)
            dz -= self.bias_grad / m
        dz *= self.weight * self._factor
        return dz

    def parameters(self) -> Iterator[tuple[str, Array, Array]]:
        """Yield (name, view, gradient view) of γ, named `weight`, and β, named `bias`, both (n,)."""
        yield f"{self.name}.weight", self.weight, self.weight_grad
        yield f"{self.name}.bias", self.bias, self.bias_grad

    def named_buffers(self) -> Iterator[tuple[str, Array]]:
        """Yield (name, view) of the running mean and the running variance, both (n,)."""
        yield f"{self.name}.running_mean", self.running_mean
        yield f"{self.name}.running_var", self.running_var

    @property
    def pre_activation(self) -> Array:
        """z of the latest forward pass, (m, n)."""
        return self._newest.z

    @property
    def output(self) -> Array:
        """a of the latest forward pass, (m, n)."""
        return self._newest.a

    @property
    def normalised(self) -> Array:
        """x̂ of the latest forward pass, (m, n)."""
        return self._newest.normal

    @property
    def factor(self) -> Array:
        """1/√(σ² + ε) of the latest forward pass, (n,)."""
        factor: Array = self._factor
        return factor

    @property
    def is_of_batch(self) -> bool:
        """True if the latest forward pass used the batch's own mean and variance."""
        return self._of_batch
