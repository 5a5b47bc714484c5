"""A part of a dataset: rows at given indices of shared arrays, scaled when they are read."""

from functools import cached_property

import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data.scaling import Scaler

ROWS_AT_A_TIME = 1024
"""Number of rows gathered at once, so that the workspace is small and stays in the processor's cache."""


class Split:
    """The samples of one part (training, validation or test).

    Images stay uint8, in the mapped cache file, and are scaled batch by batch; other samples are scaled once, when they
    are loaded. `take` is not thread-safe: it uses a workspace.
    """

    def __init__(
        self,
        rows: AnyArray,
        y: AnyArray,
        input_shape: tuple[int, ...],
        scaler: Scaler,
        indices: AnyArray | None = None,
    ) -> None:
        """Refer to `rows` and copy `y` at `indices`.

        Args:
            rows: (n, n_features), C-contiguous; uint8 and not yet scaled, or float32 and already scaled.
            y: targets of all n rows: int64 classes (n,), or float32 values (n, k).
            input_shape: shape of one sample.
            scaler: the scaling that uint8 rows still need.
            indices: (m,) positions in `rows`; None: all.
        """
        self._rows = rows
        self._indices = indices
        self._scaler = scaler
        self._pixels = rows.dtype == np.uint8
        self._workspace = np.empty((0, rows.shape[1]), rows.dtype)
        self.input_shape = input_shape
        self.y: AnyArray = y if indices is None else y[indices]
        """int64 class indices (m,), or float32 values (m, k)."""

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        shape = ", ".join(map(str, (len(self), *self.input_shape)))
        stored = ", stored as uint8" if self._pixels else ""
        return f"Split(x ({shape}) float32{stored}, y {self.y.shape} {self.y.dtype})"

    @cached_property
    def x(self) -> Array:
        """All inputs, scaled, float32 (m, *input_shape), read-only; computed on first access.

        For images it takes four times the memory of the data; training does not use it.
        """
        x = np.empty((len(self), self._rows.shape[1]), np.float32)
        self.take(np.arange(len(self)), x)
        x.flags.writeable = False
        return x.reshape(len(self), *self.input_shape)

    def spread(self, most: int = 4096) -> Array:
        """Return at most `most` scaled rows from all over this part, float32 (m, n_features)."""
        chosen = np.linspace(0, len(self) - 1, min(most, len(self))).astype(np.int64)
        rows = np.empty((len(chosen), self._rows.shape[1]), np.float32)
        self.take(chosen, rows)
        return rows

    @property
    def is_scaled(self) -> bool:
        """True if the rows are stored scaled, as float32, so that `x` takes no more memory than they do."""
        return not self._pixels

    def stored(self, block: slice | Labels = slice(None)) -> tuple[AnyArray, Scaler | None]:
        """Return rows of this part as stored, (m, n_features), and the scaling that they still need; None if scaled."""
        rows = self._rows[block] if self._indices is None else self._rows[self._indices[block]]
        return rows, self._scaler if self._pixels else None

    def take(self, indices: Labels, out: Array) -> None:
        """Write the scaled rows at `indices` into `out`, without allocating another array of its size.

        Args:
            indices: (m,) positions in this split, each in 0..n-1. They are not checked (which would take a tenth of the
                time): others are clipped to the range.
            out: (m, n_features), C-contiguous, float32 or float64.
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
        """Gather rows into the workspace in the dtype of the data, then scale or convert them into `out`."""
        m = len(indices)
        if len(self._workspace) < m:
            self._workspace = np.empty((m, self._rows.shape[1]), self._rows.dtype)
        gathered = self._workspace[:m]
        self._rows.take(indices, 0, gathered, "clip")  # "clip": 5 % faster than checking for errors
        if self._pixels:
            self._scaler.apply(gathered, out)
        else:
            np.copyto(out, gathered)
