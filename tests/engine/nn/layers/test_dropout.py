"""Dropout: hand-worked numbers, masks that depend only on seed, layer and step, and PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.nn.activations import Relu, Softmax
from engine.nn.layers import Dropout, LayerPlace, Mode
from engine.nn.network import Network
from engine.nn.specs import DenseSpec, DropoutSpec, NetworkSpec
from tests.engine.oracles import torch


def layer_of(rate: float, n: int = 3, seed: int = 0, index: int = 1, dtype: str = "float64") -> Dropout:
    layer = Dropout.build(DropoutSpec(rate=rate), LayerPlace(index, n, seed))
    empty = np.zeros(0, dtype)
    layer.bind(empty, empty.copy())
    return layer


def rows_of(x: object) -> np.ndarray:
    x = np.asarray(x, np.float64)
    return np.hstack([x, np.ones((len(x), 1))])


def network_of(*layers: DropoutSpec | DenseSpec, seed: int = 0, dtype: str = "float64") -> Network:
    return Network(NetworkSpec(layers=(*layers, DenseSpec(units=3, activation=Softmax()))), (4,), seed, dtype)


def test_kept_units_and_their_gradients_are_scaled() -> None:
    layer = layer_of(0.75)
    mask = layer.mask(0, 2)
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    out = layer.forward(rows_of(x))
    assert out[:, :-1].tolist() == (4 * x * mask).tolist()  # 1 / (1 − 0.75)
    assert out[:, -1].tolist() == [1, 1]  # the column of ones is never dropped
    gradient = layer.backward(np.ones((2, 3)), True)
    assert gradient is not None
    assert gradient.tolist() == (4.0 * mask).tolist()


def test_evaluation_changes_nothing() -> None:
    layer = layer_of(0.9)
    layer.mode = Mode.EVALUATION
    x = rows_of(np.arange(6.0).reshape(2, 3))
    assert layer.forward(x).tolist() == x.tolist()
    assert layer.output.tolist() == x[:, :-1].tolist()
    gradient = layer.backward(np.ones((2, 3)), True)
    assert gradient is not None
    assert (gradient == 1).all()


def test_rate_0_keeps_everything() -> None:
    x = rows_of(np.arange(6.0).reshape(2, 3))
    assert layer_of(0.0).forward(x).tolist() == x.tolist()


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**63 - 1), index=st.integers(0, 50), step=st.integers(0, 2**40), m=st.integers(1, 9)
)
def test_a_mask_depends_only_on_seed_layer_and_step(seed: int, index: int, step: int, m: int) -> None:
    used, fresh = layer_of(0.5, 5, seed, index), layer_of(0.5, 5, seed, index, "float32")
    used.mask(3, 4)
    used.step = 17
    used.forward(rows_of(np.ones((2, 5))))
    mask = used.mask(step, m)
    assert np.array_equal(mask, fresh.mask(step, m))
    assert np.array_equal(mask, fresh.mask(step, m + 3)[:m])  # a smaller batch has the first rows


def test_other_seeds_layers_and_steps_have_other_masks() -> None:
    masks = [
        layer_of(0.5, 64, seed, index).mask(step, 16)
        for seed in (0, 1)
        for index in (0, 1)
        for step in (0, 1)
    ]
    agreement = [np.mean(a == b) for i, a in enumerate(masks) for b in masks[:i]]
    # 1,024 draws each: 5 standard deviations are 0.08
    assert all(0.4 < share < 0.6 for share in agreement), agreement


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_share_of_dropped_units_is_the_rate(rate: float) -> None:
    mask = layer_of(rate, 500).mask(0, 200)
    assert abs(np.mean(~mask) - rate) < 0.006  # 100,000 draws: 4 standard deviations are at most 0.0063
    columns = np.mean(~mask, axis=0)
    assert abs(columns - rate).max() < 5 * np.sqrt(rate * (1 - rate) / 200)


def test_known_masks_do_not_change() -> None:
    """A resumed training needs the masks of earlier versions."""
    assert layer_of(0.5, 4, seed=7, index=2).mask(5, 3).astype(int).tolist() == KNOWN


KNOWN = [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]]


def test_a_step_keeps_its_mask_and_the_next_has_another() -> None:
    network = network_of(DenseSpec(units=32, activation=Relu()), DropoutSpec())
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(16, 4)), rng.integers(3, size=16)
    assert network.needs_step
    assert network.has_modes
    losses = []
    for step in (0, 0, 1, 1):
        network.set_step(step)
        losses.append(network.loss_and_gradient(x, y))
    assert losses[0] == losses[1] != losses[2] == losses[3]
    network.set_step(0)
    assert network.loss_and_gradient(x, y) == losses[0]  # step 0 again: the masks have no other state


def test_the_loss_is_in_evaluation_mode_unless_requested() -> None:
    network = network_of(DropoutSpec(rate=0.5))
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 4)), rng.integers(3, size=8)
    training_loss = network.loss_and_gradient(x, y)
    assert network.loss_value(x, y, training=True) == training_loss
    assert network.loss_value(x, y) == network.loss_value(x, y, training=False) != training_loss
    with network.in_mode(training=False):
        assert network.loss_and_gradient(x, y) == pytest.approx(network.loss_value(x, y))
    assert network.loss_and_gradient(x, y) == training_loss


def test_a_network_without_such_layers_has_no_modes() -> None:
    network = network_of(DenseSpec(units=3, activation=Relu()))
    assert not network.needs_step
    assert not network.has_modes
    assert len(network.state) == network.n_parameters


def test_a_copy_has_the_same_masks() -> None:
    network = network_of(DropoutSpec(), seed=5, dtype="float32")
    copy = network.copy("float64")
    first, second = (one.layers[0] for one in (network, copy))
    assert isinstance(first, Dropout)
    assert isinstance(second, Dropout)
    assert np.array_equal(first.mask(3, 8), second.mask(3, 8))


def test_it_matches_torch_with_the_same_mask() -> None:
    layer = layer_of(0.3, 6)
    rng = np.random.default_rng(1)
    x, upstream = rng.normal(size=(5, 6)), rng.normal(size=(5, 6))
    out = layer.forward(rows_of(x))[:, :-1].copy()
    gradient = layer.backward(upstream.copy(), True)
    theirs = torch.tensor(x, requires_grad=True)
    kept = theirs * torch.tensor(layer.mask(0, 5)) / (1 - 0.3)
    kept.backward(torch.tensor(upstream))  # type: ignore[no-untyped-call]
    assert np.allclose(out, kept.detach().numpy(), rtol=1e-14, atol=0)
    assert gradient is not None
    assert theirs.grad is not None
    assert np.allclose(gradient, theirs.grad.numpy(), rtol=1e-14, atol=0)
