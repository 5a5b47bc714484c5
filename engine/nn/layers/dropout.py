"""Dropout: units dropped at random during training."""

from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.nn.layers.base import Layer, LayerPlace, PerBatchSize, Size
from engine.nn.layers.mode import Mode
from engine.nn.specs import DropoutSpec

_WORD = 2**32
"""Range of the random numbers: a unit is kept if its number is below (1 − rate) times this."""


class _DropoutWorkspace:
    """Work arrays for batches of m samples, allocated once."""

    __slots__ = ("factors", "rows", "step")

    def __init__(self, m: int, n: int, dtype: np.dtype[np.floating]) -> None:
        self.factors = np.ones((m, n + 1), dtype)  # 0 or 1 / (1 − rate); 1 in the last column
        self.rows = np.empty((m, n + 1), dtype)  # the homogeneous output
        self.step = -1  # the update for which `factors` were drawn


class Dropout(Layer):
    """a = x · mask / (1 − rate): each unit of each sample is dropped with probability `rate`.

    The others are scaled up, so that the expected output is x and evaluation, where a = x, needs no correction.
    The mask of an update depends only on the network's seed, the layer's number and the number of the update
    (a counter-based generator), so that a resumed or checked training has identical masks.

    Shapes: x, mask and a (m, n). Source: Srivastava et al. 2014; scaled as in `torch.nn.Dropout`; the generator is
    Philox, Salmon et al. 2011.
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
        """Discard the work arrays; there are no parameters, and both vectors are empty."""
        self._workspaces = PerBatchSize(lambda m: _DropoutWorkspace(m, self.n_out, theta.dtype))

    def mask(self, step: int, m: int) -> NDArray[np.bool_]:
        """Return the mask of update `step` (from 0) for m samples, (m, n): True for the units that are kept.

        The mask of a smaller batch is the first rows of that of a larger one.
        """
        size = m * self.n_out
        state = self._generator.state
        state["state"]["counter"] = np.array([0, 0, step, 0], np.uint64)  # 2¹²⁸ blocks per step
        state["buffer_pos"] = 4  # discard buffered numbers of the previous step
        self._generator.state = state
        words = self._generator.random_raw((size + 1) // 2).view(np.uint32)
        return (words[:size] < self._kept_below).reshape(m, self.n_out)

    def forward(self, x: Array) -> Array:
        """Return x · mask / (1 − rate) with a column of ones, (m, n + 1), for homogeneous x; x itself in evaluation."""
        self._factors: Array | None = None
        self._rows = x
        if self.mode is not Mode.EVALUATION:
            work = self._drawn(len(x))
            self._factors = work.factors
            self._rows = np.multiply(x, work.factors, out=work.rows)  # (m, n + 1)
        return self._rows

    def backward(self, gradient: Array, wants_input_gradient: bool) -> Array | None:
        """Return dL/dx = dL/da · mask / (1 − rate), (m, n), in `gradient`; in evaluation dL/dx = dL/da."""
        if self._factors is not None:
            gradient *= self._factors[:, :-1]
        return gradient

    @property
    def pre_activation(self) -> Array:
        """The output of the latest forward pass, (m, n): there is no activation."""
        return self._rows[:, :-1]

    @property
    def output(self) -> Array:
        """a of the latest forward pass, (m, n)."""
        return self._rows[:, :-1]

    def _drawn(self, m: int) -> _DropoutWorkspace:
        """Return the workspace for m samples with the factors of the current step."""
        work = self._workspaces[m]
        if work.step != self.step:
            np.multiply(
                self.mask(self.step, m), 1 / (1 - self.rate), out=work.factors[:, :-1], casting="same_kind"
            )
            work.step = self.step
        return work
