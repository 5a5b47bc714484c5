"""Copies of a network by `copy` and `pickle` are networks: their layers are views of their own vector."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine.nn.network import Network

LAYERS = [
    {"type": "dense", "units": 6, "activation": "tanh"},
    {"type": "batchnorm", "activation": "relu"},
    {"type": "dropout", "rate": 0.3},
    {"type": "dense", "units": 5, "activation": "relu"},
    {"type": "dense", "units": 1, "activation": "sigmoid"},
]
COPIES: dict[str, Callable[[Network], Network]] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda network: pickle.loads(pickle.dumps(network)),
}


@pytest.fixture
def stage() -> tuple[engine.Experiment, engine.Data, Network]:
    """A network with every kind of layer that has made a pass in training and in evaluation."""
    raw: dict[str, Any] = {
        "data": {"dataset": "moons"},
        "network": {"layers": LAYERS},
        "training": {"epochs": 2},
    }
    experiment = engine.Experiment.from_raw(raw)
    data = engine.load_data(experiment.data)
    network = Network.of(experiment, data)
    network.set_step(3)
    network.loss_and_gradient(data.train.x[:8], data.train.y[:8])
    network.forward(data.test.x[:5])
    return experiment, data, network


@pytest.mark.parametrize("name", COPIES)
class TestCopies:
    def test_it_is_equal_and_independent(self, name: str, stage: Any) -> None:
        _, data, network = stage
        twin = COPIES[name](network)
        before = network.forward(data.test.x).copy()
        assert np.array_equal(twin.forward(data.test.x), before)
        assert np.array_equal(twin.grad, network.grad)
        twin.theta += 1
        assert np.array_equal(network.forward(data.test.x), before)

    def test_its_layers_are_views_of_its_own_vectors(self, name: str, stage: Any) -> None:
        twin = COPIES[name](stage[2])
        twin.theta[:], twin.grad[:] = 7, 8
        for tensor, view, gradient in twin.parameters():
            assert (view == 7).all(), tensor
            assert (gradient == 8).all(), tensor
        twin.buffers[:] = 9
        assert all((view == 9).all() for _, view in twin.named_buffers())

    def test_it_trains_to_the_same_bits(self, name: str, stage: Any) -> None:
        experiment, data, network = stage
        twin = COPIES[name](network)
        for one in (network, twin):
            assert list(engine.Trainer(experiment, one, data))[-1].step > 0
        assert twin.state.tobytes() == network.state.tobytes()

    def test_it_passes_the_check_and_draws_the_same_masks(self, name: str, stage: Any) -> None:
        _, data, network = stage
        twin = COPIES[name](network)
        x, y = data.train.x[:16], data.train.y[:16]
        assert twin.loss_and_gradient(x, y) == network.loss_and_gradient(x, y)
        assert engine.check_gradients(twin, x, y).passed

    def test_what_was_exchanged_by_hand_is_kept(self, name: str, stage: Any) -> None:
        _, data, network = stage
        network.layers[0].activation = network.layers[3].activation
        twin = COPIES[name](network)
        assert np.array_equal(twin.forward(data.test.x), network.forward(data.test.x))


def test_a_pickle_holds_no_work_arrays(stage: Any) -> None:
    _, data, network = stage
    small = len(pickle.dumps(network))
    network.forward(np.repeat(data.test.x, 4, axis=0))
    assert len(pickle.dumps(network)) < 1.5 * small
