"""Backpropagation bugs planted in the real code paths: each must be found, in the right layer."""

from collections.abc import Sequence

import numpy as np
import pytest

from engine.arrays import Array
from engine.gradcheck import check_gradients
from engine.nn.activations import ACTIVATIONS, Activation, Scratch, Softmax, Tanh
from engine.nn.layers import Dense
from engine.nn.loss import Loss, LossScratch
from engine.nn.losses import CrossEntropy, Mse
from engine.nn.network import Network
from tests.engine.gradcheck.bugs import (
    ACTIVATION_BUGS,
    LAYER_BUGS,
    LOSS_BUGS,
    spoil_activation,
    spoil_layer,
    spoil_loss,
)
from tests.engine.gradcheck.networks import batch_of, network_of

Patch = pytest.MonkeyPatch


@pytest.mark.parametrize("name", ["layers.0", "layers.1", "layers.2"])
@pytest.mark.parametrize("bug", LAYER_BUGS)
def test_a_bug_in_one_layer_is_found_there(bug: str, name: str, monkeypatch: Patch) -> None:
    network = network_of((5, 4, 4, 4), Tanh())
    if bug in ("weight: transposed", "weight: reshaped") and name == "layers.0":
        network = network_of((4, 4, 4, 4), Tanh())
    spoil_layer(monkeypatch, name, LAYER_BUGS[bug])
    report = check_gradients(network, *batch_of(network))
    assert not report.passed, report.describe()
    assert report.culprit == name, report.describe()


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_method_replaced_on_one_layer_object_is_found(index: int) -> None:
    network = network_of((5, 4, 4, 3))
    layer = network.layers[index]
    right = layer.affine_backward

    def wrong(dz: Array, wants_input_gradient: bool) -> Array | None:
        dx = right(dz, wants_input_gradient)
        layer.weight_grad[...] *= -1
        return dx

    layer.affine_backward = wrong  # type: ignore[method-assign]
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert report.culprit == layer.name
    assert "wrong sign" in report.message


def test_a_wrapper_that_changes_nothing_is_no_false_alarm() -> None:
    network = network_of((5, 4, 4, 3))
    layer = network.layers[1]
    right = layer.backward
    layer.backward = lambda gradient, wants: right(gradient, wants)  # type: ignore[method-assign]
    assert check_gradients(network, *batch_of(network)).passed


def test_a_wrong_backward_that_this_loss_does_not_even_use_is_found() -> None:
    """Softmax cross-entropy bypasses the last layer's activation, whose `backward` is still checked."""
    network = network_of((5, 4, 3))
    layer = network.layers[-1]
    right = layer.backward

    def wrong(gradient: Array, wants_input_gradient: bool) -> Array | None:
        dx = right(gradient, wants_input_gradient)
        layer.bias_grad[...] *= -1
        return dx

    layer.backward = wrong  # type: ignore[method-assign]
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert report.culprit == "layers.1"


def test_the_weight_of_another_layer_is_found(monkeypatch: Patch) -> None:
    network = network_of((4, 4, 4, 4), Tanh())

    def take_the_wrong_matrix(layer: Dense, dx: Array | None) -> Array | None:
        return None if dx is None else dx @ np.linalg.inv(layer.weight) @ network.layers[2].weight

    spoil_layer(monkeypatch, "layers.1", take_the_wrong_matrix)
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert report.culprit == "layers.1"


def test_a_transposed_matrix_is_found(monkeypatch: Patch) -> None:
    network = network_of((4, 4, 4, 4), Tanh())

    def transpose(layer: Dense, dx: Array | None) -> Array | None:
        return None if dx is None else dx @ np.linalg.inv(layer.weight) @ layer.weight.T

    spoil_layer(monkeypatch, "layers.2", transpose)
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert report.culprit == "layers.2"


def test_a_shape_that_does_not_fit_is_a_finding_and_no_crash(monkeypatch: Patch) -> None:
    network = network_of((5, 4, 3))

    def wrong_shape(layer: Dense, dx: Array | None) -> Array | None:
        layer.weight_grad[...] = np.zeros((7, 7))
        return dx

    spoil_layer(monkeypatch, "layers.0", wrong_shape)
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert report.culprit == "layers.0"
    assert "ValueError" in report.message


def test_gradients_that_are_not_zeroed_are_found(monkeypatch: Patch) -> None:
    network = network_of((5, 4, 3))
    kept: dict[tuple[str, int], Array] = {}

    def accumulate(layer: Dense, dx: Array | None) -> Array | None:
        key = layer.name, id(layer.weight_grad)
        kept[key] = kept.get(key, 0) + layer.bias_grad
        layer.bias_grad[...] = kept[key]
        return dx

    spoil_layer(monkeypatch, "layers.1", accumulate)
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert report.culprit == "layers.1"


def test_a_stale_input_is_found_and_called_stale(monkeypatch: Patch) -> None:
    """The weight gradient is computed with the input of the previous batch, as from a stale cache."""
    network = network_of((5, 4, 3), Tanh())
    right = Dense.affine_backward
    last: dict[tuple[str, int], Array] = {}

    def wrong(self: Dense, dz: Array, wants_input_gradient: bool) -> Array | None:
        dx = right(self, dz, wants_input_gradient)
        key = self.name, len(dz)
        if self.name == "layers.0":
            fresh = self.weight_grad.copy()
            self.weight_grad[...] = last.get(key, fresh)
            last[key] = fresh
        return dx

    monkeypatch.setattr(Dense, "affine_backward", wrong)
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert report.culprit == "layers.0"
    assert "stale" in report.parameters["layers.0.weight"].diagnosis


def test_a_forgotten_activation_derivative_is_found(monkeypatch: Patch) -> None:
    network = network_of((5, 4, 4, 3), Tanh())
    right = Dense.backward

    def wrong(self: Dense, gradient: Array, wants_input_gradient: bool) -> Array | None:
        if self.name != "layers.0":
            return right(self, gradient, wants_input_gradient)
        return self.affine_backward(gradient, wants_input_gradient)

    monkeypatch.setattr(Dense, "backward", wrong)
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert report.culprit == "layers.0"


def test_a_forgotten_derivative_is_found_even_where_small_weights_hide_it(monkeypatch: Patch) -> None:
    """With weights of 1e-5 tanh is linear up to 1e-10, so that only the layer's own check finds the bug."""
    network = network_of((5, 4, 3), Tanh(), bias_std=0.0, dtype="float64")
    network.theta *= 1e-5
    right = Dense.backward

    def wrong(self: Dense, gradient: Array, wants_input_gradient: bool) -> Array | None:
        if self.name != "layers.0":
            return right(self, gradient, wants_input_gradient)
        return self.affine_backward(gradient, wants_input_gradient)

    monkeypatch.setattr(Dense, "backward", wrong)
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert report.culprit == "layers.0"


@pytest.mark.parametrize("bug", ACTIVATION_BUGS)
def test_a_wrong_derivative_is_found(bug: str, monkeypatch: Patch) -> None:
    told = ACTIVATION_BUGS[bug][2]
    network = network_of((5, 4, 4, 3), spoil_activation(monkeypatch, bug))
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert report.culprit == "layers.1"  # the wrong one nearest the output
    assert told in report.message, report.message


def test_a_softmax_without_the_rest_of_its_jacobian_is_found(monkeypatch: Patch) -> None:
    def wrong(self: Activation, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        gradient *= a * (1 - a)

    monkeypatch.setattr(Softmax, "backward", wrong)
    network = network_of((5, 4, 3), Tanh(), Softmax(), Mse())
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert report.culprit == "layers.1"


@pytest.mark.parametrize("bug", LOSS_BUGS)
def test_a_wrong_loss_gradient_is_found(bug: str, monkeypatch: Patch) -> None:
    told, loss = LOSS_BUGS[bug][2], spoil_loss(monkeypatch, bug)
    network = network_of((5, 4, 3), Tanh(), ACTIVATIONS[loss.link](), loss)
    x, y = batch_of(network)
    report = check_gradients(network, x, np.eye(3)[y] if y.ndim == 1 else y)
    assert not report.passed
    assert report.culprit == "loss", report.describe()
    assert told in report.message, report.message


def test_a_sum_in_place_of_the_mean_in_loss_and_gradient_alike_is_found(monkeypatch: Patch) -> None:
    differentiate, values = CrossEntropy.differentiate, CrossEntropy.values

    def wrong(
        self: Loss, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> object:
        assert isinstance(self, CrossEntropy)
        term = differentiate(self, scores, targets, gradient, scale, scratch)
        gradient[...] *= len(scores)
        return term

    def wrong_values(self: CrossEntropy, terms: Sequence[tuple[Array, float]]) -> list[float]:
        return [len(term[0]) * value for term, value in zip(terms, values(self, terms), strict=True)]

    monkeypatch.setattr(CrossEntropy, "differentiate", wrong)
    monkeypatch.setattr(CrossEntropy, "values", wrong_values)
    network = network_of((5, 4, 3), Tanh())
    for m in (1, 8):
        report = check_gradients(network, *batch_of(network, m))
        assert not report.passed
        assert "mean" in report.message


def test_a_softmax_shortcut_with_the_wrong_loss_is_found() -> None:
    """The gradient of a softmax output under mse, computed as if it bypassed the softmax."""
    network = network_of((5, 4, 3), Tanh(), Softmax(), Mse(), dtype="float64")
    right = network.learn_from

    def wrong(*args: object, **options: object) -> float:
        network.scores_are_logits = True
        right(*args, **options)  # type: ignore[arg-type]
        network.scores_are_logits = False
        return network.loss_value(x, y)

    x, y = batch_of(network)
    network.learn_from = wrong  # type: ignore[method-assign, assignment]
    report = check_gradients(network, x, y)
    assert not report.passed
    assert report.culprit == "layers.1"


def test_a_layer_that_the_backward_pass_skips_is_found(monkeypatch: Patch) -> None:
    """Every layer alone is right; the network passes layer 0 the gradient of layer 1."""
    network = network_of((4, 4, 4, 4), Tanh())
    upstream: list[Array] = []
    right = Dense.backward

    def wrong(self: Dense, gradient: Array, wants_input_gradient: bool) -> Array | None:
        if self is network.layers[1]:
            upstream[:] = [gradient.copy()]
        elif upstream and self is network.layers[0]:
            gradient = upstream.pop()
        return right(self, gradient, wants_input_gradient)

    monkeypatch.setattr(Dense, "backward", wrong)
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert report.culprit == "layers.0"


def test_randomness_is_found(monkeypatch: Patch) -> None:
    rng = np.random.default_rng(0)
    network = network_of((5, 4, 3), Tanh())
    right = network.learn_from

    def wrong(*args: object, **options: object) -> float:
        loss = right(*args, **options)  # type: ignore[arg-type]
        network.grad *= 1 + 1e-8 * rng.random()
        return loss

    network.learn_from = wrong  # type: ignore[method-assign, assignment]
    report = check_gradients(network, *batch_of(network))
    assert not report.passed
    assert any("second call" in problem for problem in report.problems)


def test_one_wrong_weight_among_a_hundred_thousand_is_found(monkeypatch: Patch) -> None:
    network = network_of((784, 128, 64, 10))
    x = np.random.default_rng(0).random((32, 784))
    right = Network.learn_from

    def wrong(self: Network, *args: object, **options: object) -> float:
        loss = right(self, *args, **options)  # type: ignore[arg-type]
        weight_grad = self.layers[0].weight_grad
        weight_grad[
            np.unravel_index(np.argsort(np.abs(weight_grad), axis=None)[50_000], weight_grad.shape)
        ] *= -1
        return loss

    monkeypatch.setattr(Network, "learn_from", wrong)
    report = check_gradients(network, x, np.arange(32) % 10)
    assert not report.passed
    assert report.culprit == "layers.0"
    row = report.parameters["layers.0.weight"]
    assert row.verdict == "wrong"
    assert row.analytic == pytest.approx(-(row.finite_difference or 0), rel=1e-3)  # the planted weight


@pytest.mark.parametrize(
    ("bug", "told"),
    [
        ("weight: sign", "wrong sign"),
        ("weight: never computed", "never computed"),
        ("weight: transposed", "transposed"),
        ("weight: one unit forgotten", "only for unit 1"),
        ("weight: off by a thousandth", "1.001 times"),
        ("bias: divided by the batch twice", "divided by m twice"),
    ],
)
def test_the_pattern_of_the_error_is_reported(bug: str, told: str, monkeypatch: Patch) -> None:
    network = network_of((5, 4, 4, 3), Tanh())
    spoil_layer(monkeypatch, "layers.1", LAYER_BUGS[bug])
    report = check_gradients(network, *batch_of(network, m=8))
    row = report.parameters[f"layers.1.{bug.partition(':')[0]}"]
    assert told in row.diagnosis
