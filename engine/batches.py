"""Where the training loop's batches come from: shuffled by index, gathered into arrays that are used again."""

import numpy as np

from engine.arrays import AnyArray, Array
from engine.data import Data
from engine.metrics import predicted_classes
from engine.numpy_network import Network

SMALL = 4_000_000
"""Numbers in data that are kept twice, once as rows with their ones; larger data are gathered and then given them."""


class BatchSource:
    """Gathers batches by shuffled index into arrays of its own, and remembers what the network guessed."""

    def __init__(self, network: Network, data: Data, batch_size: int, seed: int, classifies: bool) -> None:
        self._network, self._split, self._seed = network, data.train.in_memory(), seed
        self._n, self._m = len(data.train), batch_size
        self._targets = network.encode(data.train.y)  # (n, n_outputs)
        self._classifies = classifies
        self._records, self._epoch = classifies, -1
        self._guesses = np.zeros(self._n, np.int64)
        self._rows = network.empty_rows(batch_size)
        self._batch_targets = np.empty((batch_size, network.n_outputs), network.dtype)
        self._whole = batch_size == self._n
        self._order = np.arange(self._n)
        if self._whole:
            self._split.take(self._order, self._rows[:, :-1])
        floats = self._n * network.n_features
        self._inputs = network.as_rows(self._split.x) if self._split.is_scaled and floats <= SMALL else None
        """Small data as rows with their ones, (n, n_features + 1): a batch is then one gathering."""

    def start_epoch(self, epoch: int, records: bool) -> AnyArray:
        """Return this epoch's order of samples, (n,), which follows from seed and epoch alone.

        `records` says whether the network's guesses will be asked for.
        """
        self._records = records and self._classifies
        if not self._whole and epoch != self._epoch:
            self._epoch = epoch
            self._order = np.random.default_rng([self._seed, epoch]).permutation(self._n)
        return self._order

    def take(self, cursor: int) -> tuple[Array, Array]:
        """Return rows (m, n_features + 1) and targets (m, n_outputs); the next call overwrites them."""
        if self._whole:
            return self._rows, self._targets
        indices = self._order[cursor : cursor + self._m]
        rows, targets = self._rows, self._batch_targets
        if len(indices) < self._m:
            rows, targets = rows[: len(indices)], targets[: len(indices)]
        if self._inputs is None:
            self._split.take(indices, rows[:, :-1])
        else:
            self._inputs.take(indices, 0, rows, "clip")
        self._targets.take(indices, 0, targets, "clip")  # "clip": 5% faster, and no index is out of range
        return rows, targets

    def record(self, cursor: int) -> None:
        """Keep the network's guesses for the batch at `cursor`; they are compared once an epoch."""
        if self._records:
            scores = self._network.layers[-1].pre_activation
            predicted_classes(scores, self._guesses[cursor : cursor + len(scores)])

    def count_correct(self, start: int, stop: int) -> int:
        """Return how many guesses were right of those from `start` to `stop` in the epoch's order."""
        if not self._records:
            return 0
        truth = self._split.y[self._order[start:stop]]
        return int(np.count_nonzero(self._guesses[start:stop] == truth))
