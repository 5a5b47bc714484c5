"""Samples of bytes, held in memory for training and gathered by index into homogeneous rows."""

import numpy as np

from engine.arrays import Array, Labels
from engine.data.scaling import Scaler
from engine.data.split import ROWS_AT_A_TIME, Split


class ByteRows:
    """A copy of a split's bytes, (n, n_features + 1) uint8: each sample has one byte more than features.

    The last byte becomes the 1 of a homogeneous row, so that a batch is converted as one contiguous block, in half the
    time of rows with gaps. If some byte is scaled to exactly 1, as 255 is by 1/255, the last byte has that value, and
    the ones need not be written (1% of a step). Gathering from a mapped file, whose memory pages are small, would take
    1.5 times as long.
    """

    def __init__(self, split: Split) -> None:
        """Copy the bytes of `split`.

        Raises:
            ValueError: the rows of this split are scaled already.
        """
        none, scaler = split.stored(slice(0))
        if scaler is None:
            raise ValueError("the rows of this split are scaled already")
        n_features = none.shape[1]
        self._bytes = np.empty((len(split), n_features + 1), np.uint8)
        for start in range(0, len(split), ROWS_AT_A_TIME):
            block = slice(start, start + ROWS_AT_A_TIME)
            self._bytes[block, :-1] = split.stored(block)[0]
        self._scaler = Scaler(scaler.kind, _longer(scaler.offset, 0.0), _longer(scaler.factor, 1.0))
        one = _byte_of_one(self._scaler)
        self._bytes[:, -1] = one or 0
        self._writes_ones = one is None
        self._workspace = np.empty((0, n_features + 1), np.uint8)

    def take(self, indices: Labels, out: Array) -> None:
        """Write the scaled rows at `indices`, with ones in the last column, into `out`.

        Args:
            indices: (m,) positions in the split, each in 0..n-1.
            out: (m, n_features + 1), C-contiguous, float32 or float64.
        """
        m = len(indices)
        if len(self._workspace) < m:
            self._workspace = np.empty((m, self._bytes.shape[1]), np.uint8)
        gathered = self._workspace[:m]
        self._bytes.take(indices, 0, gathered, "clip")  # "clip": 5 % faster than checking for errors
        self._scaler.apply(gathered, out)
        if self._writes_ones:
            out[:, -1] = 1


def _longer(values: Array, last: float) -> Array:
    """Return the values of all features with `last` appended; a single value for all features is returned as it is."""
    return values if values.size == 1 else np.append(values, last)


def _byte_of_one(scaler: Scaler) -> int | None:
    """Return a byte that is scaled to exactly 1 at the end of a row, in float32 and float64, or None."""
    last_scaler = Scaler(scaler.kind, scaler.offset.ravel()[-1:], scaler.factor.ravel()[-1:])
    bytes_ = np.arange(256, dtype=np.uint8)[:, np.newaxis]
    is_one = np.ones(256, np.bool_)
    for dtype in (np.float32, np.float64):
        scaled = np.empty(bytes_.shape, dtype)
        last_scaler.apply(bytes_, scaled)
        is_one &= scaled[:, 0] == 1
    return int(is_one.argmax()) if is_one.any() else None
