"""Faults that differences and autograd do not show alone: each with a planted bug that is found, sound code beside."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.arrays import Array
from engine.data import load_data
from engine.experiment.experiment import Experiment
from engine.gradcheck import Report, check_gradients
from engine.gradcheck.events import CheckFinished
from engine.gradcheck.in_float64 import in_float64
from engine.gradcheck.mask_statistics import mask_faults
from engine.nn.activations import Linear, Relu, Scratch, Sigmoid, Tanh
from engine.nn.layers import BatchNorm, Dense, Dropout
from engine.nn.losses import BinaryCrossEntropy, Mae, Mse
from engine.nn.network import Network
from engine.nn.specs import BatchNormSpec, DenseSpec, DropoutSpec, NetworkSpec
from engine.proof.merge import merge
from engine.proof.stream import CheckOptions, check
from engine.torch import verify_with_torch
from tests.engine.gradcheck.networks import batch_of, network_of

Patch = pytest.MonkeyPatch

# Batches beyond the rows that a forward pass computes at once


@pytest.mark.parametrize("sizes", [(3, 5, 2), (3, 2)])
def test_a_large_batch_is_compared_as_a_whole(sizes: tuple[int, ...]) -> None:
    network = network_of(sizes)
    x, y = batch_of(network, 1100)
    assert verify_with_torch(network, x, y, device="cpu").passed
    network.last.bias_grad[:] = 0
    right = network.last.affine_backward

    def wrong(dz: Array, wants: bool) -> Array | None:
        dz[1050:] = 0
        return right(dz, wants)

    vars(network.last)["affine_backward"] = wrong
    report = verify_with_torch(network, x, y, device="cpu")
    assert report.culprit == network.last.name, report.describe()


# Masks

Mask = Callable[[Dropout, int, int], NDArray[np.bool_]]
RIGHT_MASK = Dropout.mask


def _fresh(layer: Dropout, *seed: int) -> np.random.Generator:
    return np.random.default_rng([*seed, int(layer.name.rpartition(".")[2])])


MASK_BUGS: dict[str, tuple[Mask, str]] = {
    "another share": (lambda d, s, m: _fresh(d, s).random((m, d.n_out)) < 0.5, "instead of 20 %"),
    "one mask for the batch": (lambda d, s, m: np.repeat(RIGHT_MASK(d, s, 1), m, 0), "neighbouring samples"),
    "one mask for all units": (
        lambda d, s, m: np.repeat(RIGHT_MASK(d, s, m)[:, :1], d.n_out, 1),
        "neighbouring units",
    ),
    "two masks ever": (lambda d, s, m: RIGHT_MASK(d, s % 2, m), "the mask of update 2 is that of update 0"),
    "a mask for two updates": (
        lambda d, s, m: RIGHT_MASK(d, s // 2, m),
        "the mask of update 1 is that of update 0",
    ),
    "a unit that is never dropped": (
        lambda d, s, m: RIGHT_MASK(d, s, m) | (np.arange(d.n_out) == 3),
        "of unit 3",
    ),
    "the same in all layers": (
        lambda d, s, m: np.random.default_rng(s).random((m, d.n_out)) < 1 - d.rate,
        "layers.3: drops the units that layers.1 drops",
    ),
}


def dropout_network(rates: tuple[float, ...], units: tuple[int, ...], seed: int = 0) -> Network:
    layers = [
        spec
        for n, rate in zip(units, rates, strict=True)
        for spec in (DenseSpec(units=n), DropoutSpec(rate=rate))
    ]
    return Network(NetworkSpec(layers=(*layers, DenseSpec(units=2))), (3,), seed)


def mask_messages(network: Network) -> list[str]:
    with in_float64(network) as borrowed:
        return [fault.message for fault in mask_faults(borrowed)]


@pytest.mark.parametrize("bug", MASK_BUGS)
def test_masks_that_are_no_independent_draws_are_found(bug: str, monkeypatch: Patch) -> None:
    wrong, words = MASK_BUGS[bug]
    monkeypatch.setattr(Dropout, "mask", wrong)
    found = mask_messages(dropout_network((0.8, 0.8), (24, 16)))
    assert any(words in message for message in found), found


def test_sound_masks_of_any_rate_and_width_are_not_accused() -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        rates = tuple(float(rate) for rate in rng.choice([0, 0.001, 0.1, 0.5, 0.9, 0.99], 2))
        network = dropout_network(rates, tuple(int(n) for n in rng.choice([1, 2, 7, 300], 2)), seed)
        assert mask_messages(network) == [], (rates, seed)
        assert all(layer.step == 0 for layer in network.layers)


# float32 beside float64


def off_in_float32(right: Callable[..., None], where: Callable[[Array], Array]) -> Callable[..., None]:
    def wrong(self: object, gradient: Array, *rest: object) -> None:
        right(self, gradient, *rest)
        if gradient.dtype == np.float32:
            where(gradient)[...] *= np.float32(1.01)

    return wrong


def test_a_fault_of_an_activation_in_float32_alone_is_found(monkeypatch: Patch) -> None:
    monkeypatch.setattr(Relu, "backward", off_in_float32(Relu.backward, lambda gradient: gradient[:1]))
    network = network_of((5, 6, 3), Relu())
    report = check_gradients(network, *batch_of(network))
    assert report.culprit == "layers.0"
    assert "in float32, in which this network trains" in report.message
    exact = network_of((5, 6, 3), Relu(), dtype="float64")
    assert check_gradients(exact, *batch_of(exact)).passed, "it trains in float64"


def test_a_fault_behind_a_normalisation_in_float32_alone_is_found(monkeypatch: Patch) -> None:
    right = BatchNorm.normal_backward

    def wrong(self: BatchNorm, dz: Array, wants: bool) -> Array | None:
        dx = right(self, dz, wants)
        return dx * 1.001 if dx is not None and dx.dtype == np.float32 else dx

    monkeypatch.setattr(BatchNorm, "normal_backward", wrong)
    layers = (DenseSpec(units=6, activation=Linear()), BatchNormSpec(activation=Tanh()), DenseSpec(units=3))
    network = Network(NetworkSpec(loss=Mse(), layers=layers), (4,))
    report = check_gradients(network, *batch_of(network))
    assert report.culprit == "layers.1", report.describe()
    assert "float32" in report.message


# Kinks


def both(network: Network, x: Array, y: Array, dtype: str = "float64") -> Report:
    return merge(check_gradients(network, x, y), verify_with_torch(network, x, y, device="cpu", dtype=dtype))


XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_another_slope_at_a_kink_is_named_and_not_passed(dtype: str, monkeypatch: Patch) -> None:
    network = network_of((2, 4, 1), Relu(), Sigmoid(), BinaryCrossEntropy(), bias_std=0.0)
    y = np.array([0, 1, 1, 0])
    assert both(network, XOR, y, dtype).passed

    def wrong(self: Relu, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        gradient *= z >= 0

    monkeypatch.setattr(Relu, "backward", wrong)
    report = both(network, XOR, y, dtype)
    assert not report.passed
    assert report.culprit == "layers.0"
    assert "at the kink of relu, z = 0, it takes the slope 1, PyTorch 0: another convention" in report.message
    assert report.parameters["layers.0.bias"].verdict == "wrong"
    assert report.parameters["layers.0.bias"].odd_one_out == ""
    away = both(network, XOR + 0.3, y, dtype)
    assert away.passed, "no unit of this batch is at the kink"
    assert any("another convention; 0 values" in note for note in away.notes)


def test_another_slope_at_the_kink_of_a_loss_is_named(monkeypatch: Patch) -> None:
    network = network_of((2, 1), output=Linear(), loss=Mae())
    network.last.weight[:], network.last.bias[:] = 0, 0.5
    y = np.array([0.5, 0.5, 1.0, 2.0])
    assert both(network, XOR, y).passed
    right = Mae.differentiate

    def wrong(
        self: Mae, scores: Array, targets: Array, gradient: Array, scale: float, scratch: object
    ) -> object:
        term = right(self, scores, targets, gradient, scale, scratch)  # type: ignore[arg-type]
        gradient[scores == targets] = scale / scores.size
        return term

    monkeypatch.setattr(Mae, "differentiate", wrong)
    report = both(network, XOR, y)
    assert report.culprit == "loss", report.describe()
    assert "the kink of mae" in report.message
    assert "2 values of this batch are there" in report.message


# Exceptions


class OddError(Exception):
    """An exception that no library raises."""


@pytest.mark.parametrize("error", [KeyError("cache"), OddError(), AssertionError("shape"), OSError("gone")])
def test_any_exception_is_named_with_its_layer(error: Exception, monkeypatch: Patch) -> None:
    right = Dense.affine_backward

    def affine_backward(self: Dense, dz: Array, wants: bool) -> Array | None:
        if self.name == "layers.1":
            raise error
        return right(self, dz, wants)

    monkeypatch.setattr(Dense, "affine_backward", affine_backward)
    network = network_of((5, 4, 4, 3), Tanh())
    batch = batch_of(network)
    report = check_gradients(network, *batch)
    assert report.culprit == "layers.1"
    assert f"backward raised {type(error).__name__}" in report.message
    assert verify_with_torch(network, *batch, device="cpu").culprit == "layers.1"


def test_an_exception_at_some_points_only_is_named_too(monkeypatch: Patch) -> None:
    network = network_of((3, 4, 2), Tanh())
    x, y = batch_of(network)
    right, calls = network.layers[0].forward, [0]

    def forward(rows: Array) -> Array:
        calls[0] += 1
        if calls[0] > 60:
            raise OddError("at the 61st call")
        return right(rows)

    vars(network.layers[0])["forward"] = forward
    report = check_gradients(network, x, y)
    assert not report.passed
    assert "raised OddError: at the 61st call" in report.message


# Words


def test_a_stale_cache_is_called_stale(monkeypatch: Patch) -> None:
    right, kept = Dense.affine, {}

    def affine(self: Dense, x: Array) -> object:
        work = right(self, x)
        if self.name == "layers.1":
            work.x = kept.get((id(self), x.shape), x)
            kept[id(self), x.shape] = x.copy()
        return work

    monkeypatch.setattr(Dense, "affine", affine)
    network = network_of((5, 6, 4, 3), Tanh())
    text = check_gradients(network, *batch_of(network)).describe()
    assert "layers.1.weight is stale: that of the batch before this one" in text
    assert "half the true gradient" not in text


def test_guided_backpropagation_is_not_called_a_derivative_left_out(monkeypatch: Patch) -> None:
    def guided(self: Relu, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        np.maximum(gradient, 0, out=gradient)

    monkeypatch.setattr(Relu, "backward", guided)
    network = network_of((5, 6, 3), Relu())
    message = check_gradients(network, *batch_of(network)).message
    assert "not linear in the gradient from above" in message
    assert "left out" not in message


def test_a_sample_is_not_called_a_unit_and_an_error_is_no_factor_of_one(monkeypatch: Patch) -> None:
    right = Dense.affine_backward

    def wrong(self: Dense, dz: Array, wants: bool) -> Array | None:
        dx = right(self, dz, wants)
        if self.name == "layers.0" and dx is not None and len(dx) == 8:
            dx[3] = 0
        if self.name == "layers.1":
            self.weight_grad[0, 0] *= 1.00005
        return dx

    monkeypatch.setattr(Dense, "affine_backward", wrong)
    network = network_of((5, 6, 3), Tanh())
    text = check_gradients(network, *batch_of(network)).describe()
    assert "wrong only for sample 3" in text
    assert "the same factor everywhere" not in text


def test_a_missing_mean_is_said_only_where_it_is_missing(monkeypatch: Patch) -> None:
    right = Dense.affine_backward

    def wrong(self: Dense, dz: Array, wants: bool) -> Array | None:
        dz[9:] = 0  # of a batch of more than 8 the rest is left out
        return right(self, dz, wants)

    monkeypatch.setattr(Dense, "affine_backward", wrong)
    network = network_of((5, 6, 3), Tanh())
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert "the mean over the samples (1/m) is missing" not in report.describe()
    assert "samples are left out" in report.describe()


def test_a_check_that_its_budget_ended_says_with_what_it_agrees() -> None:
    network = network_of((300, 20, 10))
    report = check_gradients(network, *batch_of(network), budget_s=0.0)
    assert "agree with finite differences (" in report.message
    assert "the time budget ended after" in report.message


def test_the_stream_of_a_sound_experiment_passes() -> None:
    experiment = Experiment.from_toml(
        '[data]\ndataset = "xor"\n[network]\nlayers = [{ units = 4, activation = "relu" }, { type = "dropout" }, {}]'
    )
    *_, last = check(experiment, load_data(experiment.data), CheckOptions())
    assert isinstance(last, CheckFinished)
    assert last.passed, last.problems
