import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine.errors import DataError
from engine.gradcheck import check_gradients
from engine.gradcheck.checker import checking
from engine.nn.activations import ACTIVATIONS, ExponentialActivation, Linear, Relu, Sigmoid, Tanh
from engine.nn.losses import LOSSES, BinaryCrossEntropy, Hinge, Mae, Mse
from engine.torch import verify_with_torch
from tests.engine.gradcheck.networks import any_network, batch_of, network_of


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_right_gradient_agrees(hidden: str, loss: str) -> None:
    kind = LOSSES[loss]()
    network = network_of((3, 5, 3), ACTIVATIONS[hidden](), ACTIVATIONS[kind.link](), kind)
    report = check_gradients(network, *batch_of(network))
    assert report.passed, report.describe()
    assert report.worst.relative_error < 1e-7, report.describe()
    assert all(row.checked + row.kinks == int(np.prod(row.shape)) for row in report.parameters.values())


@given(seed=st.integers(0, 10**6))
def test_no_false_alarm_on_random_networks(seed: int) -> None:
    network, (x, y) = any_network(seed)
    report = check_gradients(network, x, y)
    assert report.passed, report.describe()


def test_the_network_is_left_unchanged() -> None:
    network = network_of((4, 6, 3))
    x, y = batch_of(network)
    network.loss_and_gradient(x, y)
    theta, grad = network.theta, network.grad
    before = theta.copy(), grad.copy(), x.copy()
    assert engine.check_gradients(network, x, y).passed
    assert network.theta is theta
    assert network.grad is grad
    assert network.layers[0].weight.base is not None
    assert np.shares_memory(network.layers[0].weight, theta)
    assert (theta == before[0]).all()
    assert (grad == before[1]).all()
    assert (x == before[2]).all()
    assert network.dtype == np.float32
    assert network.loss_and_gradient(x, y) == pytest.approx(network.loss_value(x, y))


def test_a_float64_network_and_its_data_stay_unchanged_too() -> None:
    network = network_of((2, 3, 2), dtype="float64")
    x, y = batch_of(network)
    x.setflags(write=False)
    network.theta.setflags(write=False)
    assert check_gradients(network, x, y).passed


def test_a_float32_network_is_checked_in_float64() -> None:
    network = network_of((4, 6, 3), Tanh())
    report = check_gradients(network, *batch_of(network))
    assert report.dtype == "float64"
    assert report.worst.relative_error < 1e-8, report.describe()  # float32 differences stay above 1e-4


def test_it_can_be_cancelled_and_restores_the_network() -> None:
    network = network_of((4, 6, 3))
    theta = network.theta
    before = theta.copy()
    told: list[tuple[int, int]] = []

    def cancel_at_the_fifth(done: int, planned: int) -> None:
        told.append((done, planned))
        if len(told) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_gradients(network, *batch_of(network), progress=cancel_at_the_fifth)
    assert network.theta is theta
    assert (theta == before).all()


def test_closing_the_steps_restores_the_network() -> None:
    network = network_of((4, 6, 3))
    theta = network.theta
    steps = checking(network, *batch_of(network))
    next(steps)
    assert network.theta is not theta
    steps.close()
    assert network.theta is theta


def test_progress_rises_to_the_number_planned() -> None:
    network = network_of((4, 6, 3))
    told: list[tuple[int, int]] = []
    check_gradients(network, *batch_of(network), progress=lambda done, planned: told.append((done, planned)))
    done = [d for d, _ in told]
    assert done == sorted(done)
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1] > 57  # every parameter, and the parts


@pytest.mark.parametrize("sizes", [(4, 6, 3), (80, 60, 5)])
def test_a_spent_budget_is_noted_and_every_tensor_checked_once(sizes: tuple[int, ...]) -> None:
    network = network_of(sizes)
    report = check_gradients(network, *batch_of(network), budget_s=0.0)
    assert report.passed
    assert "time budget" in report.notes[0]
    assert all(row.checked + row.directions + row.kinks == 1 for row in report.rows)
    assert {row.verdict for row in report.rows} <= {"ok", "kink"}


def test_data_that_do_not_fit_are_refused_and_the_network_is_restored() -> None:
    network = network_of((4, 6, 3))
    theta = network.theta
    with pytest.raises(DataError, match="x has shape"):
        check_gradients(network, np.zeros((5, 3)), np.zeros(5, int))
    assert network.theta is theta


def test_a_pre_activation_at_its_kink_is_reported_as_a_kink() -> None:
    """XOR's sample (0, 0) puts every hidden unit with bias 0 exactly at ReLU's kink."""
    network = network_of((2, 4, 1), Relu(), Sigmoid(), BinaryCrossEntropy(), bias_std=0.0)
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    report = check_gradients(network, x, np.array([0, 1, 1, 0]))
    row = report.parameters["layers.0.bias"]
    assert (row.verdict, row.kinks, row.checked) == ("kink", 4, 0)
    assert row.finite_difference is None
    assert report.parameters["layers.0.weight"].verdict == "ok"
    assert report.passed
    assert "kink" in report.message
    assert any("layers.0.bias" in spot for spot in report.blind_spots)


@pytest.mark.parametrize(("loss", "bias"), [(Mae(), 0.5), (Hinge(), 1.0)])
def test_scores_at_the_kink_of_the_loss_are_reported_as_a_kink(loss: Mae | Hinge, bias: float) -> None:
    network = network_of((2, 1), output=Linear(), loss=loss)
    network.last.weight[:], network.last.bias[:] = 0, bias
    targets = np.full((3, 1), 0.5 if loss.takes_values else 1.0)
    report = check_gradients(network, np.ones((3, 2)), targets)
    assert {row.verdict for row in report.parameters.values()} == {"kink"}
    assert report.passed
    beside = check_gradients(network, np.ones((3, 2)), targets - (loss.takes_values or 1))
    assert {row.verdict for row in beside.parameters.values()} == {"ok"}, beside.describe()


def test_an_exponential_of_any_size_passes_and_an_overflow_is_named() -> None:
    network = network_of((3, 4, 1), ExponentialActivation(), ExponentialActivation(), Mse(), dtype="float64")
    x, y = batch_of(network)
    for scale in (1.0, 3.0):
        assert check_gradients(network, scale * x, y).passed
        assert verify_with_torch(network, scale * x, y, device="cpu").passed
    report = check_gradients(network, 1e4 * x, y)
    assert not report.passed
    assert "overflows" in report.message


def test_a_near_kink_is_avoided_by_a_smaller_step() -> None:
    network = network_of((1, 1, 1), Relu(), Sigmoid(), BinaryCrossEntropy(), dtype="float64")
    network.layers[0].weight[:], network.layers[0].bias[:] = 1.0, 2e-6  # z = 2e-6, the step is 1e-5
    network.layers[1].weight[:] = 1.0
    report = check_gradients(network, np.zeros((3, 1)), np.array([0, 1, 1]))
    assert report.parameters["layers.0.bias"].verdict == "ok", report.describe()
    assert report.parameters["layers.0.bias"].checked == 1


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_named_before_any_check(value: float) -> None:
    network = network_of((4, 6, 3))
    x, y = batch_of(network)
    network.layers[1].weight[2, 5] = value
    report = check_gradients(network, x, y)
    assert not report.passed
    assert report.culprit == "layers.1"
    assert "layers.1.weight[2, 5]" in report.message
    assert report.parameters["layers.1.weight"].verdict == "not_finite"
    assert report.checked == 0

    network = network_of((4, 6, 3))
    x[3, 1] = value
    report = check_gradients(network, x, y)
    assert not report.passed
    assert report.culprit == "x"
    assert "x[3, 1]" in report.message


def test_a_target_that_is_not_finite_is_named() -> None:
    network = network_of((2, 3, 1), Tanh(), loss=Mse())
    x, y = batch_of(network)
    y[4, 0] = np.nan
    report = check_gradients(network, x, y)
    assert report.culprit == "y"
    assert "y[4, 0] is nan" in report.message


def test_a_layer_that_overflows_is_named() -> None:
    network = network_of((2, 3, 3, 2), dtype="float64")
    network.layers[1].weight[:] = 1e308
    x, y = np.full((4, 2), 1e5), np.zeros(4, int)
    network.layers[0].weight[:] = 1.0
    report = check_gradients(network, x, y)
    assert not report.passed
    assert report.culprit == "layers.1", report.describe()


def test_a_batch_of_one_is_a_blind_spot() -> None:
    network = network_of((4, 6, 3))
    report = check_gradients(network, *batch_of(network, m=1))
    assert report.passed
    assert any("batch of 1" in spot for spot in report.blind_spots)


def test_vanished_gradients_are_a_blind_spot() -> None:
    network = network_of((2, 3, 3, 2), Sigmoid())
    for layer in network.layers[:-1]:
        layer.bias[:] = 40.0  # saturated: the slope is 4e-18
    report = check_gradients(network, *batch_of(network))
    assert report.passed, report.describe()
    assert any("rounding" in spot and "layers.0.weight" in spot for spot in report.blind_spots)


def test_a_large_network_is_sampled_in_every_tensor_and_along_directions() -> None:
    network = network_of((784, 128, 64, 10))
    x = np.random.default_rng(0).random((32, 784))
    report = check_gradients(network, x, np.arange(32) % 10, budget_s=600)  # whatever the machine
    assert report.passed, report.describe()
    assert report.n_parameters == 109_386
    assert report.notes == ()
    for row in report.parameters.values():
        assert row.checked + row.kinks >= 10
        assert row.directions >= 1
    assert report.directions_over_all >= 1
    assert sum(row.checked for row in report.parameters.values()) < 1_000


def test_the_same_seed_checks_the_same_coordinates() -> None:
    network = network_of((80, 60, 5))
    x, y = batch_of(network)
    one, two, other = (check_gradients(network, x, y, seed=seed) for seed in (1, 1, 2))
    assert one.parameters == two.parameters
    assert one.parameters != other.parameters
