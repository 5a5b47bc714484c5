"""A part of a dataset: rows by index into arrays that the parts share, scaled on the way out."""

from functools import cached_property

import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data.scaling import Scaler

ROWS_AT_A_TIME = 1024
"""Rows gathered at once, so that the workspace stays in the processor's cache and small beside the data."""


class Split:
    """The samples of one part (training, validation or test).

    Pictures stay uint8, where the cache file is mapped, and are scaled a batch at a time; other samples are
    scaled once, when they are loaded. One thread at a time may call `take`, which owns a workspace.
    """

    def __init__(
        self,
        rows: AnyArray,
        y: AnyArray,
        input_shape: tuple[int, ...],
        scaler: Scaler,
        indices: AnyArray | None = None,
    ) -> None:
        """Refer to `rows` and `y` at `indices` (None: all of them).

        Args:
            rows: (n, n_features), C-contiguous; uint8 and not yet scaled, or float32 and scaled already.
            y: of all n rows: int64 classes (n,), or float32 targets (n, k).
        """
        self._rows = rows
        self._indices = indices
        self._scaler = scaler
        self._pixels = rows.dtype == np.uint8
        self._workspace = np.empty((0, rows.shape[1]), rows.dtype)
        self.input_shape = input_shape
        self.y: AnyArray = y if indices is None else y[indices]
        """int64 class indices, shape (m,), or float32 targets, shape (m, k)."""

    def __len__(self) -> int:
        return len(self.y)

    @cached_property
    def x(self) -> Array:
        """All inputs, scaled, float32, shape (m, *input_shape), read-only.

        For pictures this takes four times the memory of the data; training does not need it.
        """
        x = np.empty((len(self), self._rows.shape[1]), np.float32)
        self.take(np.arange(len(self)), x)
        x.flags.writeable = False
        return x.reshape(len(self), *self.input_shape)

    @property
    def is_scaled(self) -> bool:
        """Whether the rows are kept scaled, as floats, so that `x` costs no more than they do."""
        return not self._pixels

    def stored(self, block: slice | Labels = slice(None)) -> tuple[AnyArray, Scaler | None]:
        """Return these rows of this part as they are kept, (m, n_features), and the scaling that they still need; None:
        they are scaled.
        """
        rows = self._rows[block] if self._indices is None else self._rows[self._indices[block]]
        return rows, self._scaler if self._pixels else None

    def take(self, indices: Labels, out: Array) -> None:
        """Write the scaled rows at `indices` into `out`; nothing else of their size is allocated.

        Args:
            indices: (m,) positions in this split, each at least 0 and below its length (beyond, the nearest
                end
                is taken: checking would cost a tenth of the gathering).
            out: (m, n_features), C-contiguous, float32 or float64; its dtype is kept.
        """
        if self._indices is not None:
            indices = self._indices.take(indices, 0, None, "clip")
        if not self._pixels and out.dtype == self._rows.dtype:
            self._rows.take(indices, 0, out, "clip")
            return
        m = len(indices)
        if m <= ROWS_AT_A_TIME:
            self._convert(indices, out)
            return
        for start in range(0, m, ROWS_AT_A_TIME):
            block = slice(start, start + ROWS_AT_A_TIME)
            self._convert(indices[block], out[block])

    def _convert(self, indices: Labels, out: Array) -> None:
        """Gather into the workspace in the dtype of the data, then scale or widen into `out`."""
        m = len(indices)
        if len(self._workspace) < m:
            self._workspace = np.empty((m, self._rows.shape[1]), self._rows.dtype)
        gathered = self._workspace[:m]
        self._rows.take(indices, 0, gathered, "clip")  # "clip": 5 % faster than checking for errors
        if self._pixels:
            self._scaler.apply(gathered, out)
        else:
            np.copyto(out, gathered)
