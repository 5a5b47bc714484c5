"""The walk's steps through a dense layer: weighted sums forward, three products backward."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.glassbox.lesson import Lesson
from engine.glassbox.numbers import (
    MOST_TERMS,
    Line,
    equation,
    long_sum,
    number,
    remark,
    shape,
    sum_of_products,
    times,
)
from engine.glassbox.steps import NamedArray, WalkStep, written
from engine.nn.layers import Dense
from engine.words import counted

MOST_WEIGHTS = 6
"""Largest number of weights whose gradients are written out."""


class DenseLesson(Lesson):
    """z = W x + b for each sample; dW = dzᵀ x, db = Σ dz, dx = dz W."""

    layer: Dense

    def forward(self, x: Array) -> tuple[Array, Iterator[WalkStep]]:
        self._x = x  # (m, n_in)
        z: Array = x @ self.layer.weight.T + self.layer.bias  # (m, n_out)
        return z, self._sums(z)

    def backward(self, dz: Array, wants_input_gradient: bool) -> tuple[Array | None, Iterator[WalkStep]]:
        layer = self.layer
        d_weight, d_bias = dz.T @ self._x, dz.sum(axis=0)  # (n_out, n_in), (n_out,)
        self.gradients = {f"{layer.name}.weight": d_weight, f"{layer.name}.bias": d_bias}
        dx: Array | None = dz @ layer.weight if wants_input_gradient else None  # (m, n_in)
        return dx, self._back(dz, d_weight, d_bias, dx)

    def limits(self) -> Iterator[str]:
        if self.layer.n_in > MOST_TERMS:
            yield f"{self.layer.name}: sums of {self.layer.n_in:,} terms; only the largest terms are shown"

    def _sums(self, z: Array) -> Iterator[WalkStep]:
        layer, x = self.layer, self._x
        each = f", for each of the {counted(self.m, 'sample')}" if self.m > 1 else ""
        w, v = shape(layer.weight.shape), (shape((n,)) for n in (layer.n_in, layer.n_out, layer.n_out))
        yield WalkStep(
            kind="forward",
            layer=layer.name,
            title=f"{self.head}: weighted sums",
            formula="z = W x + b",
            shapes="W {} · x {} + b {} → z {}".format(w, *v) + each,
            left_out=self.indexed.left_out(layer.n_out),
            words="Each unit adds the products of its weights with the inputs, and its bias. Row k of W holds the "
            "weights of unit k." + self._linear(),
            **written([self._sum(z, i, k) for i, k in self.indexed.places(layer.n_out)]),
            arrays=tuple(
                NamedArray.of(name, array)
                for name, array in (("x", x), ("W", layer.weight), ("b", layer.bias), ("z", z))
            ),
        )

    def _linear(self) -> str:
        return " The activation is linear: a = z." if self.layer.activation.is_linear else ""

    def _sum(self, z: Array, i: int, k: int) -> Line:
        layer, x = self.layer, self._x
        name = self.indexed.name("z", i, k)
        if layer.n_in > MOST_TERMS:
            names = [(f"W[{k},{j}]", self.indexed.name("x", i, j)) for j in range(layer.n_in)]
            return long_sum(name, names, layer.weight[k], x[i], z[i, k], f"b[{k}]")
        pairs = list(zip(layer.weight[k].tolist(), x[i].tolist(), strict=True))
        return equation(name, sum_of_products(pairs, layer.bias[k]), number(z[i, k]))

    def _back(self, dz: Array, d_weight: Array, d_bias: Array, dx: Array | None) -> Iterator[WalkStep]:
        layer, m = self.layer, self.m
        shown = self._weights_shown(d_weight)
        yield WalkStep(
            kind="backward",
            layer=layer.name,
            title=f"{self.head}: gradients of W and b",
            formula="∂L/∂W[k,j] = ∂L/∂z[k] · ∂z[k]/∂W[k,j] = dz[k] · x[j]\ndW = dzᵀ x\ndb = Σ dz",
            shapes=f"dzᵀ {shape((layer.n_out, m))} · x {shape((m, layer.n_in))} → dW {shape(d_weight.shape)}"
            f", db {shape(d_bias.shape)}",
            left_out=self._left_out(len(shown)),
            words=self._why_weights(),
            arrays=(
                NamedArray.of("dz", dz),
                NamedArray.of("x", self._x),
                NamedArray.of("dW", d_weight),
                NamedArray.of("db", d_bias),
            ),
            **written([*(self._product(dz, d_weight, k, j) for k, j in shown), *self._biases(dz, d_bias)]),
        )
        if dx is not None:
            yield self._down(dz, dx)

    def _why_weights(self) -> str:
        over = (
            " The samples' gradients add up; dz contains 1/m, so the sum is their mean." if self.m > 1 else ""
        )
        return (
            "The derivative of z[k] with respect to W[k,j] is the input x[j], and with respect to b[k] it is 1. A weight "
            "whose input is 0 has gradient 0." + over
        )

    def _weights_shown(self, d_weight: Array) -> list[tuple[int, int]]:
        """Return the indices of the first weights of a small matrix, or of those with the largest gradients."""
        n_out, n_in = d_weight.shape
        if n_in <= MOST_TERMS:
            return [(k, j) for k in range(n_out) for j in range(n_in)][:MOST_WEIGHTS]
        largest = np.argsort(-np.abs(d_weight).ravel(), kind="stable")[:MOST_WEIGHTS]
        return [(int(place) // n_in, int(place) % n_in) for place in largest]

    def _left_out(self, shown: int) -> str:
        more = self.layer.n_out * self.layer.n_in - shown
        which = "largest gradients shown; " if self.layer.n_in > MOST_TERMS else ""
        return f"{which}{counted(more, 'more weight')}" if more else ""

    def _product(self, dz: Array, d_weight: Array, k: int, j: int) -> Line:
        x, name = self._x, f"dW[{k},{j}]"
        if self.m > MOST_TERMS:
            names = [(f"dz[{i},{k}]", f"x[{i},{j}]") for i in range(self.m)]
            return long_sum(name, names, dz[:, k], x[:, j], d_weight[k, j])
        symbols = f"dz[{k}]·x[{j}]" if self.m == 1 else f"Σᵢ dz[i,{k}]·x[i,{j}]"
        pairs = list(zip(dz[:, k].tolist(), x[:, j].tolist(), strict=True))
        return equation(name, symbols, sum_of_products(pairs), number(d_weight[k, j]))

    def _biases(self, dz: Array, d_bias: Array) -> Iterator[Line]:
        for k in range(min(self.layer.n_out, MOST_WEIGHTS)):
            symbols = f"dz[{k}]" if self.m == 1 else f"Σᵢ dz[i,{k}]"
            yield equation(f"db[{k}]", symbols, number(d_bias[k]))
        more = self.layer.n_out - MOST_WEIGHTS
        if more > 0:
            yield remark(f"… {more:,} more bias{'es' * (more != 1)}")

    def _down(self, dz: Array, dx: Array) -> WalkStep:
        layer = self.layer
        return WalkStep(
            kind="backward",
            layer=layer.name,
            title=f"{self.head}: gradient w.r.t. the input",
            formula="∂L/∂x[j] = Σₖ ∂L/∂z[k] · ∂z[k]/∂x[j] = Σₖ dz[k] · W[k,j]\ndx = dz W",
            shapes=f"dz {shape(dz.shape)} · W {shape(layer.weight.shape)} → dx {shape(dx.shape)}",
            left_out=self.indexed.left_out(layer.n_in, "input"),
            words=(
                "An input affects the loss through every unit, so the contributions add up, weighted by W[k,j]. This "
                "dx is the gradient w.r.t. the output of the previous layer."
            ),
            arrays=(NamedArray.of("dz", dz), NamedArray.of("W", layer.weight), NamedArray.of("dx", dx)),
            **written([self._passed(dz, dx, i, j) for i, j in self.indexed.places(layer.n_in)]),
        )

    def _passed(self, dz: Array, dx: Array, i: int, j: int) -> Line:
        name, weights = self.indexed.name("dx", i, j), self.layer.weight[:, j]
        if self.layer.n_out > MOST_TERMS:
            names = [(self.indexed.name("dz", i, k), f"W[{k},{j}]") for k in range(self.layer.n_out)]
            return long_sum(name, names, dz[i], weights, dx[i, j])
        products = " + ".join(times(a, b) for a, b in zip(dz[i].tolist(), weights.tolist(), strict=True))
        return equation(name, products, number(dx[i, j]))
