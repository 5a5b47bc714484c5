"""Samples that are bytes, held in memory for training and gathered by index into rows that end in a one."""

import numpy as np

from engine.arrays import Array, Labels
from engine.data.scaling import Scaler
from engine.data.split import ROWS_AT_A_TIME, Split


class ByteRows:
    """A split's bytes, side by side in memory, each sample with a byte more than it has features.

    That byte becomes the row's one: a batch is then converted as one block, in half the time of rows with gaps
    between them. Gathering from a mapped file, whose memory pages are small, would take half as long again.
    """

    def __init__(self, split: Split) -> None:
        """Copy the bytes of `split`.

        Raises:
            ValueError: it keeps its rows scaled.
        """
        none, scaler = split.stored(slice(0))
        if scaler is None:
            raise ValueError("the split keeps its rows scaled")
        n_features = none.shape[1]
        self._bytes = np.empty((len(split), n_features + 1), np.uint8)
        self._bytes[:, -1] = 0
        for start in range(0, len(split), ROWS_AT_A_TIME):
            block = slice(start, start + ROWS_AT_A_TIME)
            self._bytes[block, :-1] = split.stored(block)[0]
        self._scaler = Scaler(scaler.kind, _longer(scaler.offset), _longer(scaler.factor))
        self._workspace = np.empty((0, n_features + 1), np.uint8)

    def take(self, indices: Labels, out: Array) -> None:
        """Write the scaled rows at `indices` and their ones into `out`.

        Args:
            indices: (m,) positions in the split, each at least 0 and below its length.
            out: (m, n_features + 1), C-contiguous, float32 or float64.
        """
        m = len(indices)
        if len(self._workspace) < m:
            self._workspace = np.empty((m, self._bytes.shape[1]), np.uint8)
        gathered = self._workspace[:m]
        self._bytes.take(indices, 0, gathered, "clip")  # "clip": 5 % faster than checking for errors
        self._scaler.apply(gathered, out)
        out[:, -1] = 1


def _longer(values: Array) -> Array:
    """Return one value a feature with another 0; a single one, which is for all, as it is."""
    return values if values.size == 1 else np.append(values, 0.0)
