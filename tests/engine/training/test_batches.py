"""Batches: each epoch's order follows from seed and number alone, and every sample is used once."""

import numpy as np
import pytest

from engine.data import Data, load_data
from engine.experiment.experiment import Experiment
from engine.nn.layers import PerBatchSize
from engine.nn.network import Network
from engine.training.batches import AHEAD, BatchSource


def source_of(dataset: str, batch_size: int, seed: int = 3) -> tuple[BatchSource, Data]:
    experiment = Experiment.quick(dataset, [4])
    data = load_data(experiment.data)
    network = Network(experiment.network, data.input_shape)
    return BatchSource(network, data, batch_size, seed, classifies=True), data


@pytest.mark.parametrize("epochs", [range(40), (37, 38, 5, 6, 0, 37), (2**20, 1)])
def test_an_order_does_not_depend_on_the_epochs_before(epochs: tuple[int, ...]) -> None:
    source, data = source_of("spirals", 32)
    assert AHEAD // len(data.train) > 1
    for epoch in epochs:
        order = source.start_epoch(epoch, records=False)
        assert np.array_equal(order, np.random.default_rng([3, epoch]).permutation(len(data.train)))


@pytest.mark.parametrize(("dataset", "batch_size"), [("spirals", 32), ("mnist", 4096)])
def test_every_sample_comes_once_an_epoch_in_its_order(dataset: str, batch_size: int) -> None:
    source, data = source_of(dataset, batch_size)
    n = len(data.train)
    for epoch in range(2):
        order = source.start_epoch(epoch, records=False)
        assert sorted(order) == list(range(n))
        for cursor in range(0, n, batch_size):
            rows, targets = source.take(cursor)
            indices = order[cursor : cursor + batch_size]
            expected = np.empty((len(indices), rows.shape[1] - 1), np.float32)
            data.train.take(indices, expected)
            assert np.array_equal(rows[:, :-1], expected)
            assert (rows[:, -1] == 1).all()
            assert np.array_equal(targets.argmax(axis=1), data.train.y[indices])


def test_work_arrays_are_kept_for_a_few_batch_sizes() -> None:
    made: list[int] = []
    arrays = PerBatchSize(lambda m: made.append(m) or [m])  # type: ignore[func-returns-value]
    assert [arrays[m] for m in (1, 2, 1, 3, 4, 1)] == [[1], [2], [1], [3], [4], [1]]
    assert made == [1, 2, 3, 4]
    assert arrays[5] == [5]
    assert list(arrays) == [2, 3, 4, 5]
