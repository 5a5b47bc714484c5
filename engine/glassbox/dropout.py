"""The walk's steps through a dropout layer, with the mask of one update."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.glassbox.lesson import Lesson
from engine.glassbox.numbers import equation, number, shape, times
from engine.glassbox.steps import NamedArray, WalkStep, written
from engine.nn.layers import Dropout
from engine.words import counted


class DropoutLesson(Lesson):
    """z = x · r with r = 0 or 1 / (1 − rate); dx = dz · r."""

    layer: Dropout

    def forward(self, x: Array) -> tuple[Array, Iterator[WalkStep]]:
        layer = self.layer
        self._factors = np.where(layer.mask(layer.step, self.m), 1 / (1 - layer.rate), 0.0)  # (m, n)
        z = x * self._factors
        return z, iter([self._step("forward", "random units set to 0", "z", "x", x, z)])

    def backward(self, dz: Array, wants_input_gradient: bool) -> tuple[Array | None, Iterator[WalkStep]]:
        dx = dz * self._factors
        return dx, iter([self._step("backward", "backward, same mask", "dx", "dz", dz, dx)])

    def _step(
        self, kind: str, title: str, result: str, given: str, values: Array, results: Array
    ) -> WalkStep:
        lines = []
        for i, k in self.indexed.places(self.layer.n_out):
            product = times(float(values[i, k]), float(self._factors[i, k]))
            name = self.indexed.name(result, i, k)
            lines.append(
                equation(name, f"{self.indexed.name(given, i, k)}·r", product, number(results[i, k]))
            )
        return WalkStep(
            kind="forward" if kind == "forward" else "backward",
            layer=self.layer.name,
            title=f"{self.head}: {title}",
            formula=f"{result} = {given} · r\nr = 0 or 1 / (1 − {number(self.layer.rate)})",
            shapes=f"{given} {shape(values.shape)} · r {shape(values.shape)} → {result} {shape(results.shape)}",
            left_out=self.indexed.left_out(self.layer.n_out),
            words=self._forward_words() if kind == "forward" else self._backward_words(),
            arrays=(
                NamedArray.of(given, values),
                NamedArray.of("r", self._factors),
                NamedArray.of(result, results),
            ),
            **written(lines),
        )

    def _forward_words(self) -> str:
        dropped = int((self._factors == 0).sum())
        return (
            f"{counted(dropped, 'value')} of {self._factors.size:,} set to 0 at random; the others are scaled up, so the "
            f"expected output is x. Mask of update {self.layer.step + 1:,}; in evaluation dropout does nothing."
        )

    def _backward_words(self) -> str:
        return "Values set to 0 have gradient 0. The others are scaled as in the forward pass."
