"""No derivative is trusted: a wrong one is found by finite differences, even if the whole network shares the mistake."""

import numpy as np
import pytest

from engine.arrays import Array
from engine.data import load_data
from engine.experiment.experiment import Experiment
from engine.glassbox import ExplainFinished, Walk, explain
from engine.nn.activations import Activation, Relu, Scratch, Softmax, Tanh
from engine.nn.losses import Mse
from engine.nn.network import Network
from engine.nn.specs import DenseSpec, NetworkSpec
from tests.engine.gradcheck.bugs import ACTIVATION_BUGS, spoil_activation
from tests.engine.gradcheck.networks import batch_of, network_of
from tests.toys.layer import ScaleSpec, UnitScale


@pytest.mark.parametrize("bug", ACTIVATION_BUGS)
def test_a_wrong_derivative_is_found_though_the_network_uses_it_too(
    bug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    activation = spoil_activation(monkeypatch, bug)
    network = network_of((6, 12, 2), activation, Softmax())
    walk = Walk(network, *batch_of(network, 8), 0.1)
    assert max(walk.difference(name) for name in walk.gradients) < 1e-10, "the network agrees with itself"
    assert len(walk.disagreements) == 1
    assert "a finite difference of f" in walk.disagreements[0]
    assert walk.disagreements[0].startswith("layers.0")


def test_the_verdict_names_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(self: Activation, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        gradient *= 1 - a

    monkeypatch.setattr(Tanh, "backward", wrong)
    experiment = Experiment.quick("spirals", layers=[3], activation="tanh")
    *_, last = explain(experiment, load_data(experiment.data))
    assert isinstance(last, ExplainFinished)
    assert not last.passed
    assert last.message.startswith("layers.0 · tanh backward: f′ is wrong: at z[")


def test_values_at_a_kink_are_no_disagreement() -> None:
    network = Network(
        NetworkSpec(loss=Mse(), layers=(DenseSpec(units=4, activation=Relu()), DenseSpec(units=1))), (2,)
    )
    network.theta[:] = 0
    assert Walk(network, np.ones((3, 2)), np.ones((3, 1)), 0.1).disagreements == ()


def test_huge_values_are_no_disagreement() -> None:
    network = network_of((3, 4, 2), Tanh(), Softmax())
    x, y = batch_of(network, 3)
    assert Walk(network, x * 1e6, y, 0.1).disagreements == ()


def test_a_layers_own_code_is_compared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        __import__("engine.nn.layers.registry", fromlist=["LAYERS"]).LAYERS, "scale", UnitScale
    )
    layers = (DenseSpec(units=4, activation=Tanh()), ScaleSpec(start=2.0), DenseSpec(units=1))
    network = Network(NetworkSpec(loss=Mse(), layers=layers), (2,))
    x, y = batch_of(network, 3)
    assert Walk(network, x, y, 0.1).disagreements == ()
    right = UnitScale.backward

    def wrong(self: UnitScale, gradient: Array, wants_input_gradient: bool) -> Array | None:
        dx = right(self, gradient, wants_input_gradient)
        return None if dx is None else -dx

    monkeypatch.setattr(UnitScale, "backward", wrong)
    assert "dx is wrong" in Walk(network, x, y, 0.1).disagreements[0]
