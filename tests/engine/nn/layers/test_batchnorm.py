"""Batch normalisation: hand-worked numbers, both modes, and PyTorch's layer over several steps."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.experiment.experiment import Experiment
from engine.nn.activations import Linear, Relu, Softmax, Tanh
from engine.nn.layers import BatchNorm, LayerPlace, Mode
from engine.nn.network import Network
from engine.nn.specs import BatchNormSpec, DenseSpec, DropoutSpec, NetworkSpec
from engine.storage.weights import load_snapshot, save_network
from tests.engine.oracles import AGREES, norm_error, torch


def layer_of(n: int, spec: BatchNormSpec | None = None, dtype: str = "float64") -> BatchNorm:
    layer = BatchNorm.build(spec or BatchNormSpec(), LayerPlace(1, n, 0))
    layer.bind(np.zeros(2 * n, dtype), np.zeros(2 * n, dtype))
    layer.bind_buffers(np.zeros(2 * n, dtype))
    layer.initialize(np.random.default_rng(0))
    return layer


def rows_of(x: object) -> np.ndarray:
    x = np.asarray(x, np.float64)
    return np.hstack([x, np.ones((len(x), 1))])


def stack(dtype: str = "float64") -> Network:
    layers = (
        DenseSpec(units=6, activation=Linear()),
        BatchNormSpec(activation=Relu()),
        DropoutSpec(rate=0.25),
        DenseSpec(units=5, activation=Tanh()),
        BatchNormSpec(momentum=0.3, eps=1e-3),
        DenseSpec(units=3, activation=Softmax()),
    )
    return Network(NetworkSpec(layers=layers), (4,), 2, dtype)


def test_four_numbers_by_hand() -> None:
    """x = 1, 3, 5, 7: mean 4, variance 5 (unbiased 20/3); with ε = 4 the divisor is √9 = 3."""
    layer = layer_of(1, BatchNormSpec(eps=4.0))
    layer.weight[:], layer.bias[:] = 2, 1
    out = layer.forward(rows_of([[1], [3], [5], [7]]))
    assert out[:, 0] == pytest.approx([-1, 1 / 3, 5 / 3, 3])  # 2 (x − 4) / 3 + 1
    assert (out[:, 1] == 1).all()
    assert layer.running_mean[0] == pytest.approx(0.1 * 4)
    assert layer.running_var[0] == pytest.approx(0.9 + 0.1 * 20 / 3)
    gradient = layer.backward(np.array([[1.0], [0], [0], [0]]), True)
    assert layer.bias_grad[0] == 1
    assert layer.weight_grad[0] == pytest.approx(-1)  # x̂ of the first sample
    assert gradient is not None
    # γ/σ (dz − 1/4 + x̂/4), x̂ = −1, −1/3, 1/3, 1
    assert gradient[:, 0] == pytest.approx([1 / 3, -2 / 9, -1 / 9, 0])


def test_evaluation_uses_the_running_statistics_and_keeps_them() -> None:
    layer = layer_of(1, BatchNormSpec(eps=0.25))
    layer.running_mean[:], layer.running_var[:], layer.weight[:] = 10, 2, 3
    layer.mode = Mode.EVALUATION
    assert layer.forward(rows_of([[13], [10]]))[:, 0] == pytest.approx([6, 0])  # 3 (13 − 10) / 1.5
    gradient = layer.backward(np.ones((2, 1)), True)
    assert gradient is not None
    assert gradient[:, 0] == pytest.approx([2, 2])  # γ/σ: mean and variance are constants
    assert (layer.running_mean[0], layer.running_var[0]) == (10, 2)


def test_a_single_sample_is_treated_as_in_evaluation() -> None:
    layer = layer_of(2)
    layer.running_mean[:], layer.running_var[:] = 1, 4
    before = layer.running_mean.copy(), layer.running_var.copy()
    assert layer.forward(rows_of([[3, -1]]))[0, :2] == pytest.approx([1, -1], rel=1e-5)
    assert np.array_equal(before, (layer.running_mean, layer.running_var))


def test_a_constant_unit_becomes_its_shift() -> None:
    layer = layer_of(2)
    layer.bias[:] = 0.5
    out = layer.forward(rows_of([[3, 1], [3, 2], [3, 4]]))
    assert (out[:, 0] == 0.5).all()
    gradient = layer.backward(np.ones((3, 2)), True)
    assert gradient is not None
    assert np.isfinite(gradient).all()


@settings(max_examples=15, deadline=None)
@given(
    m=st.integers(2, 20),
    n=st.integers(1, 8),
    seed=st.integers(0, 2**32),
    momentum=st.sampled_from([0.1, 0.5, 1.0]),
    offset=st.sampled_from([0.0, 5.0]),
)
def test_forward_backward_and_running_statistics_match_torch(
    m: int, n: int, seed: int, momentum: float, offset: float
) -> None:
    rng = np.random.default_rng(seed)
    ours = layer_of(n, BatchNormSpec(momentum=momentum, eps=1e-3))
    theirs = torch.nn.BatchNorm1d(n, momentum=momentum, eps=1e-3, dtype=torch.float64)
    ours.weight[:], ours.bias[:] = rng.normal(size=(2, n))
    with torch.no_grad():
        theirs.weight[:], theirs.bias[:] = torch.tensor(ours.weight), torch.tensor(ours.bias)
    for mode in (Mode.TRAINING, Mode.TRAINING, Mode.TRAINING, Mode.EVALUATION):
        ours.mode = mode
        theirs.train(mode is Mode.TRAINING)
        x, upstream = offset + rng.normal(size=(m, n)), rng.normal(size=(m, n))
        tensor = torch.tensor(x, requires_grad=True)
        theirs.zero_grad()
        expected = theirs(tensor)
        expected.backward(torch.tensor(upstream))
        out = ours.forward(rows_of(x))[:, :-1].copy()
        gradient = ours.backward(upstream.copy(), True)
        assert norm_error(out, expected.detach().numpy()) < AGREES
        assert norm_error(gradient, tensor.grad) < AGREES
        assert norm_error(ours.weight_grad, theirs.weight.grad) < AGREES
        assert norm_error(ours.bias_grad, theirs.bias.grad) < AGREES
        assert norm_error(ours.running_mean, theirs.running_mean) < AGREES
        assert norm_error(ours.running_var, theirs.running_var) < AGREES


def test_evaluating_in_training_mode_keeps_the_running_statistics() -> None:
    network = stack()
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(9, 4)), rng.integers(3, size=9)
    before = network.buffers.copy()
    in_training = network.loss_value(x, y, training=True)
    with network.in_mode(training=True):
        assert network.loss_and_gradient(x, y) == in_training
    assert np.array_equal(network.buffers, before)
    assert network.loss_value(x, y) != in_training
    assert network.loss_and_gradient(x, y) == in_training
    assert not np.array_equal(network.buffers, before)


def test_the_training_loss_of_many_samples_is_that_of_one_batch() -> None:
    """Rows are evaluated in blocks, whose statistics would differ from those of the batch."""
    network = stack()
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(1500, 4)), rng.integers(3, size=1500)
    assert network.loss_value(x, y, training=True) == pytest.approx(
        network.loss_and_gradient(x, y), rel=1e-12
    )


def test_a_copy_and_a_file_carry_the_running_statistics_and_the_best_ones(tmp_path: Path) -> None:
    raw = {"data": {"dataset": "spirals"}, "network": {"layers": SPIRAL_LAYERS}, "seed": 3}
    experiment = Experiment.from_raw(raw)
    network = Network(experiment.network, (2,), experiment.seed)
    rng = np.random.default_rng(0)
    network.loss_and_gradient(rng.normal(size=(9, 2)), rng.integers(3, size=9))
    assert np.array_equal(network.copy().state, network.state)
    best = rng.normal(size=len(network.state)).astype(np.float32)
    save_network(tmp_path / "a.safetensors", network, experiment, best_state=best)
    loaded = load_snapshot(tmp_path / "a.safetensors")
    assert np.array_equal(loaded.network.state, network.state)
    assert loaded.best_state is not None
    assert np.array_equal(loaded.best_state, best)
    first, second = (one.layers[2] for one in (network, loaded.network))
    assert np.array_equal(first.mask(4, 8), second.mask(4, 8))  # type: ignore[attr-defined]


SPIRAL_LAYERS = [
    {"type": "dense", "units": 8},
    {"type": "batchnorm", "activation": "relu"},
    {"type": "dropout"},
    {"type": "dense"},
]


def test_torch_loads_the_file(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    experiment = Experiment.from_raw({"data": {"dataset": "spirals"}, "network": {"layers": SPIRAL_LAYERS}})
    network = Network(experiment.network, (2,), 0, "float64")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(9, 2))
    network.loss_and_gradient(x, rng.integers(3, size=9))
    save_network(tmp_path / "a.safetensors", network, experiment)

    class Theirs(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            norm = torch.nn.BatchNorm1d(8)
            self.layers = torch.nn.ModuleList(
                [torch.nn.Linear(2, 8), norm, torch.nn.Dropout(0.5), torch.nn.Linear(8, 3)]
            )

    theirs = Theirs().double().eval()
    theirs.load_state_dict(load_file(tmp_path / "a.safetensors"))
    a = theirs.layers[1](theirs.layers[0](torch.tensor(x)))
    logits = theirs.layers[3](theirs.layers[2](torch.relu(a))).detach().numpy()
    assert norm_error(network.logits(x), logits) < AGREES


def test_dense_layers_draw_the_same_initial_weights_with_and_without_a_norm_between() -> None:
    dense = DenseSpec(units=5, activation=Relu()), DenseSpec(units=3)
    plain = Network(NetworkSpec(layers=dense), (4,), 7)
    normed = Network(NetworkSpec(layers=(dense[0], BatchNormSpec(), DropoutSpec(), dense[1])), (4,), 7)
    for (_, ours, _), name in zip(plain.parameters(), ("layers.0.weight", "layers.0.bias"), strict=False):
        other = next(view for key, view, _ in normed.parameters() if key == name)
        assert np.array_equal(ours, other)
    weights = {name: view for name, view, _ in normed.parameters()}
    assert np.array_equal(weights["layers.3.weight"], plain.last.weight)
