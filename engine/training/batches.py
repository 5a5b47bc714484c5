"""Batches of the training loop: shuffled by index, gathered into arrays that are reused."""

from typing import Protocol

import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data import Data, Split
from engine.data.byte_rows import ByteRows
from engine.nn.network import Network
from engine.training.predictions import predicted_classes

SMALL = 4_000_000
"""Maximum size, in numbers, of data that are reordered as a whole each epoch, so that a batch is a view; larger data are
gathered one batch at a time."""
AHEAD, MOST_AHEAD = 16_384, 16
"""Maximum number of indices, and of epochs, whose order is drawn at once."""
KEPT_VIEWS = 4_096
"""Maximum number of batches whose views are cached: creating one costs 1 % of a small network's step."""


class _Batches(Protocol):
    """A source of rows (m, n_features + 1), ones in the last column, and targets (m, n_outputs)."""

    def reorder(self, order: Labels) -> None:
        """Put the samples in this order, (n,)."""

    def take(self, start: int, stop: int) -> tuple[Array, Array]:
        """Return the samples from `start` to `stop`, or to the end, in the current order; the next call may overwrite
        them.
        """


class BatchSource:
    """Draws batches by shuffled index, and records the network's predictions for them."""

    def __init__(self, network: Network, data: Data, batch_size: int, seed: int, classifies: bool) -> None:
        self._network, self._truth, self._seed = network, data.train.y, seed
        self._n, self._m = len(data.train), batch_size
        self._classifies = classifies
        self._records, self._epoch = classifies, -1
        self._guesses = np.zeros(self._n, np.int64)
        self._order: Labels = np.arange(self._n)
        self._orders: dict[int, Labels] = {}
        self._batches = _batches(network, data.train, batch_size)

    def start_epoch(self, epoch: int, records: bool) -> AnyArray:
        """Return this epoch's order of samples, (n,), which follows from seed and epoch alone.

        Args:
            records: True if `count_correct` will be called for it.
        """
        self._records = records and self._classifies
        if self._m < self._n and epoch != self._epoch:
            self._epoch = epoch
            self._order = self._order_of(epoch)
            self._batches.reorder(self._order)
        return self._order

    def _order_of(self, epoch: int) -> Labels:
        """Return the order of an epoch, (n,), which follows from the seed and its number alone.

        For small data, several epochs are drawn at once: a single draw takes 3 times as long, since its code is no
        longer in the processor's cache.
        """
        if epoch not in self._orders:
            ahead = max(1, min(MOST_AHEAD, AHEAD // self._n))
            self._orders = {
                number: np.random.default_rng([self._seed, number]).permutation(self._n)
                for number in range(epoch, epoch + ahead)
            }
        return self._orders[epoch]

    def take(self, cursor: int) -> tuple[Array, Array]:
        """Return rows (m, n_features + 1) and targets (m, n_outputs); the next call may overwrite them."""
        return self._batches.take(cursor, cursor + self._m)

    def record(self, cursor: int) -> None:
        """Record the network's predictions for the batch at `cursor`; they are compared once per epoch."""
        if self._records:
            scores = self._network.layers[-1].pre_activation
            predicted_classes(scores, self._guesses[cursor : cursor + len(scores)])

    def count_correct(self, start: int, stop: int) -> int:
        """Return how many predictions from `start` to `stop` in the epoch's order were correct."""
        if not self._records:
            return 0
        truth = self._truth[self._order[start:stop]]
        return int(np.count_nonzero(self._guesses[start:stop] == truth))


def _batches(network: Network, split: Split, batch_size: int) -> _Batches:
    if batch_size == len(split):
        return _Whole(network, split)
    if split.is_scaled and len(split) * network.n_features <= SMALL:
        return _Ordered(network, split)
    return _Gathered(network, split, batch_size)


class _Whole:
    """All samples as one batch, in the order of the split."""

    def __init__(self, network: Network, split: Split) -> None:
        self._batch = _all_rows(network, split), network.encode(split.y)

    def reorder(self, order: Labels) -> None:
        """Do nothing: only the order of a sum would change."""

    def take(self, start: int, stop: int) -> tuple[Array, Array]:
        return self._batch


class _Ordered:
    """Views of the samples, which are copied in the order of each epoch."""

    def __init__(self, network: Network, split: Split) -> None:
        self._samples = _all_rows(network, split), network.encode(split.y)
        self._rows, self._targets = (np.empty_like(part) for part in self._samples)
        self._views: dict[int, tuple[Array, Array]] = {}

    def reorder(self, order: Labels) -> None:
        rows, targets = self._samples
        rows.take(order, 0, self._rows, "clip")  # "clip": 5 % faster, and no index is out of range
        targets.take(order, 0, self._targets, "clip")

    def take(self, start: int, stop: int) -> tuple[Array, Array]:
        views = self._views.get(start)
        if views is None:
            views = self._rows[start:stop], self._targets[start:stop]
            if len(self._views) < KEPT_VIEWS:
                self._views[start] = views
        return views


class _Gathered:
    """Samples gathered by index, one batch at a time, into arrays that are reused."""

    def __init__(self, network: Network, split: Split, batch_size: int) -> None:
        self._split = split
        self._bytes = None if split.is_scaled else ByteRows(split)
        self._samples_targets = network.encode(split.y)
        self._rows = network.empty_rows(batch_size)
        self._targets = np.empty((batch_size, network.n_outputs), network.dtype)
        self._order: Labels = np.arange(len(split))

    def reorder(self, order: Labels) -> None:
        self._order = order

    def take(self, start: int, stop: int) -> tuple[Array, Array]:
        indices = self._order[start:stop]
        rows, targets = self._rows[: len(indices)], self._targets[: len(indices)]
        if self._bytes is None:
            self._split.take(indices, rows[:, :-1])
        else:
            self._bytes.take(indices, rows)
        self._samples_targets.take(indices, 0, targets, "clip")
        return rows, targets


def _all_rows(network: Network, split: Split) -> Array:
    """Return a split's samples as rows with ones in the last column, (n, n_features + 1)."""
    rows = network.empty_rows(len(split))
    split.take(np.arange(len(split)), rows[:, :-1])
    return rows
