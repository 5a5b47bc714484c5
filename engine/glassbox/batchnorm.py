"""The walk's steps through a batch normalisation."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.glassbox.lesson import Lesson
from engine.glassbox.numbers import MOST_UNITS, equation, factor, number, shape, times
from engine.glassbox.steps import NamedArray, WalkStep, written
from engine.nn.layers import BatchNorm


class BatchNormLesson(Lesson):
    """x̂ = (x − μ) / √(σ² + ε), z = γ x̂ + β; μ and σ² of the batch, for a single sample the running ones."""

    layer: BatchNorm

    def forward(self, x: Array) -> tuple[Array, Iterator[WalkStep]]:
        layer = self.layer
        self._of_batch = self.m > 1
        self._mean = x.mean(axis=0) if self._of_batch else layer.running_mean.copy()  # (n,)
        self._variance = x.var(axis=0) if self._of_batch else layer.running_var.copy()  # (n,)
        self._spread = np.sqrt(self._variance + layer.eps)  # (n,)
        self._normal = (x - self._mean) / self._spread  # (m, n)
        z = layer.weight * self._normal + layer.bias
        return z, self._forward_steps(x, z)

    def backward(self, dz: Array, wants_input_gradient: bool) -> tuple[Array | None, Iterator[WalkStep]]:
        name = self.layer.name
        d_gamma, d_beta = (dz * self._normal).sum(axis=0), dz.sum(axis=0)  # (n,)
        self.gradients = {f"{name}.weight": d_gamma, f"{name}.bias": d_beta}
        centred = (
            dz - dz.mean(axis=0) - self._normal * (dz * self._normal).mean(axis=0) if self._of_batch else dz
        )
        dx = self.layer.weight / self._spread * centred  # (m, n)
        return dx, self._backward_steps(dz, d_gamma, d_beta, dx)

    def _forward_steps(self, x: Array, z: Array) -> Iterator[WalkStep]:
        layer, whose = self.layer, "the batch's" if self._of_batch else "the running"
        lines = [
            equation(f"{symbol}[{k}]", number(values[k]))
            for k in range(min(layer.n_out, MOST_UNITS))
            for symbol, values in (("μ", self._mean), ("σ²", self._variance))
        ]
        for i, k in self.indexed.places(layer.n_out):
            above = f"({number(x[i, k])} − {factor(self._mean[k])})"
            quotient = f"{above} / {number(self._spread[k])}"
            lines.append(equation(self.indexed.name("x̂", i, k), quotient, number(self._normal[i, k])))
            product = times(float(layer.weight[k]), float(self._normal[i, k]))
            total = f"{product} + {factor(layer.bias[k])}"
            lines.append(equation(self.indexed.name("z", i, k), total, number(z[i, k])))
        yield WalkStep(
            kind="forward",
            layer=layer.name,
            title=f"{self.head}: normalisation",
            formula="x̂ = (x − μ) / √(σ² + ε)\nz = γ x̂ + β",
            shapes=f"x {shape(x.shape)}, μ, σ², γ, β {shape((layer.n_out,))} → z {shape(z.shape)}",
            left_out=self.indexed.left_out(layer.n_out),
            words=f"Each unit is normalised by {whose} mean and variance, then scaled by γ and shifted by β."
            + (
                ""
                if self._of_batch
                else " A batch of one sample has no variance, so the running one is used."
            ),
            arrays=(
                NamedArray.of("x", x),
                NamedArray.of("μ", self._mean),
                NamedArray.of("σ²", self._variance),
                NamedArray.of("x̂", self._normal),
                NamedArray.of("z", z),
            ),
            **written(lines),
        )

    def _backward_steps(self, dz: Array, d_gamma: Array, d_beta: Array, dx: Array) -> Iterator[WalkStep]:
        n = min(self.layer.n_out, MOST_UNITS)
        yield WalkStep(
            kind="backward",
            layer=self.layer.name,
            title=f"{self.head}: gradients of γ and β",
            formula="dγ = Σᵢ dz[i] x̂[i]\ndβ = Σᵢ dz[i]",
            shapes=f"dz, x̂ {shape(dz.shape)} → dγ, dβ {shape(d_gamma.shape)}",
            left_out=self.indexed.left_out(self.layer.n_out),
            words="The derivative of z with respect to γ is x̂, with respect to β it is 1; the samples' gradients add up.",
            arrays=(
                NamedArray.of("dz", dz),
                NamedArray.of("x̂", self._normal),
                NamedArray.of("dγ", d_gamma),
                NamedArray.of("dβ", d_beta),
            ),
            **written(
                [
                    equation(f"{symbol}[{k}]", number(values[k]))
                    for k in range(n)
                    for symbol, values in (("dγ", d_gamma), ("dβ", d_beta))
                ]
            ),
        )
        names = self.indexed.places(self.layer.n_out)
        formula = "dx = γ/σ (dz − mean dz − x̂ mean(dz x̂))" if self._of_batch else "dx = γ/σ dz"
        yield WalkStep(
            kind="backward",
            layer=self.layer.name,
            title=f"{self.head}: gradient w.r.t. the input",
            formula=formula,
            shapes=f"dz {shape(dz.shape)} → dx {shape(dx.shape)}",
            left_out=self.indexed.left_out(self.layer.n_out),
            words=(
                "μ and σ² depend on every sample of the batch; the two means are the gradients through them."
                if self._of_batch
                else "μ and σ² are constants here, so the layer multiplies by γ/σ."
            ),
            arrays=(NamedArray.of("dz", dz), NamedArray.of("dx", dx)),
            **written([equation(self.indexed.name("dx", i, k), number(dx[i, k])) for i, k in names]),
        )
