"""Dropout: units left out at random while the network learns."""

from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.nn.layers.base import Layer, LayerPlace, PerBatchSize, Size
from engine.nn.layers.mode import Mode
from engine.nn.specs import DropoutSpec

_WORD = 2**32
"""A unit is kept where a random number below this is below its share."""


class _DropoutWorkspace:
    """The arrays for batches of m samples, allocated once."""

    __slots__ = ("factors", "rows", "step")

    def __init__(self, m: int, n: int, dtype: np.dtype[np.floating]) -> None:
        self.factors = np.ones((m, n + 1), dtype)  # 0 or 1 / (1 − rate); the column of ones stays
        self.rows = np.empty((m, n + 1), dtype)  # the homogeneous output
        self.step = -1  # that `factors` are drawn for


class Dropout(Layer):
    """a = x · mask / (1 − rate): each unit of each sample is left out with probability `rate`.

    The rest is scaled up, so that the expected output is x and evaluation, where a = x, needs no correction.
    The mask of an update follows from the network's seed, the layer's place and the number of the update alone
    (a counter-based generator), so that a training resumes, and is checked, with the very same masks.

    Shapes: x, mask and a (m, n). Source: Srivastava et al. 2014; scaled as `torch.nn.Dropout`; Philox: Salmon et
    al. 2011.
    """

    spec_type = DropoutSpec

    has_modes: ClassVar[bool] = True
    needs_step: ClassVar[bool] = True

    def __init__(self, place: LayerPlace, rate: float) -> None:
        self.name = place.name
        self.n_in = self.n_out = place.n_in
        self.rate = rate
        self._kept_below = round((1 - rate) * _WORD)
        key = np.array([place.seed % 2**64, place.number], np.uint64)
        self._generator = np.random.Philox(key=key)
        self._workspaces: PerBatchSize[_DropoutWorkspace]

    @classmethod
    def build(cls, spec: DropoutSpec, place: LayerPlace) -> Self:
        return cls(place, spec.rate)

    @classmethod
    def size_of(cls, spec: DropoutSpec, n_in: int) -> Size:
        return Size(n_in, 0, n_in, n_in, n_in, 2 * n_in)

    def bind(self, theta: Array, grad: Array) -> None:
        self._workspaces = PerBatchSize(lambda m: _DropoutWorkspace(m, self.n_out, theta.dtype))

    def mask(self, step: int, m: int) -> NDArray[np.bool_]:
        """Return which units an update of m samples keeps, (m, n).

        The first rows of a larger batch's mask are a smaller one's.
        """
        size = m * self.n_out
        state = self._generator.state
        state["state"]["counter"] = np.array([0, 0, step, 0], np.uint64)  # 2¹²⁸ blocks a step
        state["buffer_pos"] = 4  # nothing is left of the step before
        self._generator.state = state
        words = self._generator.random_raw((size + 1) // 2).view(np.uint32)
        return (words[:size] < self._kept_below).reshape(m, self.n_out)

    def forward(self, x: Array) -> Array:
        self._factors: Array | None = None
        self._rows = x
        if self.mode is not Mode.EVALUATION:
            work = self._drawn(len(x))
            self._factors = work.factors
            self._rows = np.multiply(x, work.factors, out=work.rows)  # (m, n + 1)
        return self._rows

    def backward(self, gradient: Array, wants_input_gradient: bool) -> Array | None:
        if self._factors is not None:
            gradient *= self._factors[:, :-1]
        return gradient

    @property
    def pre_activation(self) -> Array:
        """The output of the newest forward, (m, n): there is no activation."""
        return self._rows[:, :-1]

    @property
    def output(self) -> Array:
        return self._rows[:, :-1]

    def _drawn(self, m: int) -> _DropoutWorkspace:
        """The workspace for m samples, with the factors of the present step."""
        work = self._workspaces[m]
        if work.step != self.step:
            np.multiply(
                self.mask(self.step, m), 1 / (1 - self.rate), out=work.factors[:, :-1], casting="same_kind"
            )
            work.step = self.step
        return work
