"""The interface of a lesson: one kind of layer computed and written out in steps, forward and backward."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.glassbox.independent import direction_disagreement
from engine.glassbox.numbers import Indexed, shape
from engine.glassbox.steps import NamedArray, WalkStep
from engine.nn.layers import Layer, Mode


class Lesson:
    """Computes one layer in plain NumPy from the formulas, and writes the steps; the activation has its own lesson.

    A lesson belongs to one walk: `forward` stores values for `backward`.

    Args:
        layer: of a network in float64; only its parameters are read.
        m: samples in the batch.
    """

    def __init__(self, layer: Layer, m: int) -> None:
        self.layer, self.m = layer, m
        self.indexed = Indexed(m)
        self.includes_activation = False
        """True if the lesson's output includes the activation."""
        self.gradients: dict[str, Array] = {}
        """Gradients of the parameters by full name, each in its shape; filled by `backward`."""

    @property
    def kind(self) -> str:
        """The kind of the layer, as in the experiment file."""
        return self.layer.kind

    @property
    def head(self) -> str:
        """The layer's name, kind and sizes, for titles."""
        return f"{self.layer.name} · {self.kind} {self.layer.n_in:,} → {self.layer.n_out:,}"

    def forward(self, x: Array) -> tuple[Array, Iterator[WalkStep]]:
        """Return z (m, n_out) for x (m, n_in), and the steps of its computation."""
        raise NotImplementedError

    def backward(self, dz: Array, wants_input_gradient: bool) -> tuple[Array | None, Iterator[WalkStep]]:
        """Return dx (m, n_in) for dz (m, n_out), or None if it is not wanted, and the steps of its computation."""
        raise NotImplementedError

    def limits(self) -> Iterator[str]:
        """Yield the parts of this layer that are not written out, with the size limit, in words."""
        yield from ()


class AnyLesson(Lesson):
    """The lesson of a kind without its own: the layer's own code computes, and shapes and norms are shown."""

    def forward(self, x: Array) -> tuple[Array, Iterator[WalkStep]]:
        if self.layer.has_modes:
            self.layer.mode = Mode.TRIAL
        self._x, self.includes_activation = x, True
        a = self._output(x)
        step = WalkStep(
            kind="forward",
            layer=self.layer.name,
            title=self.head,
            formula=f"a = {self.kind}(x)",
            shapes=f"x {shape(x.shape)} → a {shape(a.shape)}",
            words=f"Computed by the {self.kind} layer's own code.",
            arrays=(NamedArray.of("x", x), NamedArray.of("a", a)),
        )
        return a, iter([step])

    def _output(self, x: Array) -> Array:
        """Return a copy of the layer's output for x (m, n_in)."""
        self.layer.forward(np.hstack([x, np.ones((len(x), 1))]))
        return self.layer.output.copy()

    def backward(self, da: Array, wants_input_gradient: bool) -> tuple[Array | None, Iterator[WalkStep]]:
        dx = self.layer.backward(da.copy(), True)
        result = None if dx is None else dx.copy()
        self.gradients = {name: gradient.copy() for name, _, gradient in self.layer.parameters()}
        arrays = [NamedArray.of("da", da), *([] if result is None else [NamedArray.of("dx", result)])]
        step = WalkStep(
            kind="backward",
            layer=self.layer.name,
            title=f"{self.head}: backward",
            formula=f"dx = {self.kind}.backward(da)",
            shapes=f"da {shape(da.shape)}" + ("" if result is None else f" → dx {shape(result.shape)}"),
            words=f"Computed by the {self.kind} layer's own code.",
            arrays=tuple(arrays),
            disagreement=self._disagreement(da, result),
        )
        return result, iter([step])

    def _disagreement(self, da: Array, dx: Array | None) -> str:
        """Compare the layer's gradients with finite differences of its output."""
        found = ""
        if dx is not None:
            found = direction_disagreement(lambda x: float(np.vdot(da, self._output(x))), self._x, dx, "dx")
        for name, view, _ in self.layer.parameters():

            def loss(values: Array, view: Array = view) -> float:
                before = view.copy()
                view[...] = values
                try:
                    return float(np.vdot(da, self._output(self._x)))
                finally:
                    view[...] = before

            found = found or direction_disagreement(loss, view.copy(), self.gradients[name], f"∂L/∂ {name}")
        return found

    def limits(self) -> Iterator[str]:
        yield (
            f"{self.layer.name}: the {self.kind} layer's own code is used; only shapes and norms are shown, and its "
            "gradients are compared with finite differences."
        )
