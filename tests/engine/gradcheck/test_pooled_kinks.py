"""Max pooling reports its side as ReLU does: a difference across is a kink, not a failure."""

import numpy as np
import pytest

from engine.arrays import Array, Labels
from engine.gradcheck import check_gradients
from engine.nn.activations import Activation, Scratch, Softmax
from engine.nn.network import Network
from engine.nn.specs import DenseSpec, NetworkSpec


class PairMax(Activation, frozen=True):
    """The larger of each two neighbours, in the place of both: max pooling."""

    loser: float = 0.0
    """Share of the gradient passed to the smaller one; 0 is right."""

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        out[:] = np.repeat(z.reshape(len(z), -1, 2).max(axis=2), 2, axis=1)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        first_wins = self.kinks(z)
        sums = gradient[:, 0::2] + gradient[:, 1::2]
        gradient[:, 0::2] = np.where(first_wins, sums, self.loser * sums)
        gradient[:, 1::2] = np.where(first_wins, self.loser * sums, sums)

    def kinks(self, z: Array) -> Array:
        return np.greater(z[:, 0::2], z[:, 1::2])


def pooled(loser: float = 0.0) -> tuple[Network, Array, Labels]:
    layers = (DenseSpec(units=6, activation=PairMax(loser)), DenseSpec(units=3, activation=Softmax()))
    rng = np.random.default_rng(0)
    network = Network(NetworkSpec(layers=layers), (4,), 3, "float64")
    return network, rng.normal(size=(7, 4)), rng.integers(0, 3, 7)


def test_a_pooled_layer_passes() -> None:
    report = check_gradients(*pooled())
    assert report.passed, report.describe()
    assert report.kinks == 0


def test_ties_are_kinks_and_are_left_out() -> None:
    network, x, y = pooled()
    layer = network.layers[0]
    layer.weight[1], layer.bias[1] = layer.weight[0], layer.bias[0]  # type: ignore[attr-defined]
    report = check_gradients(network, x, y)
    assert report.passed, report.describe()
    assert report.kinks == 2 * 5  # 4 weights and a bias of either unit
    assert any("8 of 24 entries are at kinks" in spot for spot in report.blind_spots)


@pytest.mark.parametrize("loser", [1.0, 0.01])
def test_a_gradient_that_the_smaller_one_gets_too_is_found(loser: float) -> None:
    report = check_gradients(*pooled(loser))
    assert not report.passed
    assert report.culprit == "layers.0"
