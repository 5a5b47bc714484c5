"""Where the training loop's batches come from: shuffled by index, gathered into arrays that are used again."""

from typing import Protocol

import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data import Data, Split
from engine.data.byte_rows import ByteRows
from engine.nn.network import Network
from engine.training.predictions import predicted_classes

SMALL = 4_000_000
"""Numbers in data that are put into an epoch's order as a whole, so that a batch is a view; larger data are gathered a
batch at a time."""
AHEAD, MOST_AHEAD = 16_384, 16
"""Indices, and epochs, whose order is drawn at once."""
KEPT_VIEWS = 4_096
"""Batches whose views are kept: to make them costs 1 % of a small network's step."""


class _Batches(Protocol):
    """Gives rows (m, n_features + 1), ones in the last column, and targets (m, n_outputs)."""

    def reorder(self, order: Labels) -> None:
        """Take the samples in this order from now on, (n,)."""

    def take(self, start: int, stop: int) -> tuple[Array, Array]:
        """Return the samples from `start` to `stop` (the end, where it is beyond) in the order; valid until the next
        call.
        """


class BatchSource:
    """Draws batches by shuffled index, and remembers what the network guessed."""

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

        `records` says whether the network's guesses will be asked for.
        """
        self._records = records and self._classifies
        if self._m < self._n and epoch != self._epoch:
            self._epoch = epoch
            self._order = self._order_of(epoch)
            self._batches.reorder(self._order)
        return self._order

    def _order_of(self, epoch: int) -> Labels:
        """Return the order of an epoch, (n,), which follows from the seed and its number alone.

        Those of small data are drawn a few epochs ahead: on its own, each draw takes 3 times as long, its code
        no longer in the processor's cache.
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
        """Keep the network's guesses for the batch at `cursor`; they are compared once an epoch."""
        if self._records:
            scores = self._network.layers[-1].pre_activation
            predicted_classes(scores, self._guesses[cursor : cursor + len(scores)])

    def count_correct(self, start: int, stop: int) -> int:
        """Return how many guesses were right of those from `start` to `stop` in the epoch's order."""
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
    """All samples, each time, in their own order."""

    def __init__(self, network: Network, split: Split) -> None:
        self._batch = _all_rows(network, split), network.encode(split.y)

    def reorder(self, order: Labels) -> None:
        """The order of a sum is all that would change."""

    def take(self, start: int, stop: int) -> tuple[Array, Array]:
        return self._batch


class _Ordered:
    """Views of the samples, which are put into each epoch's order."""

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
    """Samples gathered by index, a batch at a time, into arrays that are used again."""

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
    """Return a split's samples as rows with their ones, (n, n_features + 1)."""
    rows = network.empty_rows(len(split))
    split.take(np.arange(len(split)), rows[:, :-1])
    return rows
