"""The network: views of one vector, a hand-worked example, agreement with PyTorch, and invalid inputs."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.arrays import Array
from engine.errors import DataError, ExperimentError
from engine.nn.activations import ACTIVATIONS
from engine.nn.initializers import Constant, Normal, Zeros
from engine.nn.losses import LOSSES
from engine.nn.network import ROWS_AT_A_TIME, Network
from engine.nn.specs import DenseSpec, NetworkSpec
from tests.engine.oracles import AGREES, TorchTwin, as_tensor, relative_error

PAIRS = [
    ("cross_entropy", "softmax"),
    ("cross_entropy", "linear"),
    ("cross_entropy", "relu"),  # invalid, but --force builds it
    ("binary_cross_entropy", "sigmoid"),
    ("binary_cross_entropy", "linear"),
    ("binary_cross_entropy", "softmax"),
    ("perceptron", "step"),
    ("perceptron", "linear"),
    ("hinge", "linear"),
    ("hinge", "tanh"),
    ("mae", "linear"),
    ("huber", "tanh"),
    *(("mse", name) for name in ACTIVATIONS),
]
BOUNDED = sorted(set(ACTIVATIONS) - {"exponential"})
"""Hidden activations for networks of any depth and weights: an exponential of an exponential overflows."""

sizes = st.integers(1, 6)
seeds = st.integers(0, 2**32 - 1)
hidden_layers = st.lists(st.tuples(sizes, st.sampled_from(BOUNDED)), max_size=3)


def make(
    n_in: int | tuple[int, ...],
    hidden: list[tuple[int, str]],
    n_out: int = 3,
    output: str = "softmax",
    loss: str = "cross_entropy",
    seed: int = 0,
    dtype: str = "float64",
) -> Network:
    """Return a network with non-zero biases, so that their gradients matter."""
    layers = [
        DenseSpec(units=units, activation=ACTIVATIONS[name](), bias=Normal(std=0.5))
        for units, name in [*hidden, (n_out, output)]
    ]
    spec = NetworkSpec(loss=LOSSES[loss](), layers=tuple(layers))
    return Network(spec, (n_in,) if isinstance(n_in, int) else n_in, seed=seed, dtype=dtype)


def samples(network: Network, m: int, seed: int = 0) -> tuple[Array, Array]:
    """Return inputs and targets as floats; one-hot rows if the loss compares classes."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(m, network.n_features))
    k = network.n_outputs
    if network.loss.takes_values:
        return x, rng.normal(size=(m, k))
    if network.loss.name == "cross_entropy":
        return x, np.eye(k)[rng.integers(0, k, m)]
    return x, rng.integers(0, 2, (m, k)).astype(float)


# Views of theta and grad


def test_parameters_are_views_that_cover_theta_and_grad_exactly_once() -> None:
    network = make(5, [(4, "relu"), (3, "tanh")], n_out=2)
    assert network.theta.shape == network.grad.shape == (5 * 4 + 4 + 4 * 3 + 3 + 3 * 2 + 2,)
    network.theta[:], network.grad[:] = 0, 0
    for _, view, gradient_view in network.parameters():
        assert np.shares_memory(view, network.theta)
        assert np.shares_memory(gradient_view, network.grad)
        view += 1
        gradient_view -= 1
    assert (network.theta == 1).all()
    assert (network.grad == -1).all()


def test_parameters_have_torchs_names_and_shapes_in_order() -> None:
    network = make(5, [(4, "relu")], n_out=2)
    shapes = [(name, view.shape, gradient.shape) for name, view, gradient in network.parameters()]
    assert shapes == [
        ("layers.0.weight", (4, 5), (4, 5)),
        ("layers.0.bias", (4,), (4,)),
        ("layers.1.weight", (2, 4), (2, 4)),
        ("layers.1.bias", (2,), (2,)),
    ]
    layer = network.layers[1]
    assert (layer.name, layer.n_in, layer.n_out, layer.n_parameters) == ("layers.1", 4, 2, 10)


def test_a_change_of_theta_is_a_change_of_the_network() -> None:
    network = make(3, [(2, "tanh")])
    x, _ = samples(network, 4)
    before = network.forward(x)
    network.theta *= 2
    assert (network.forward(x) != before).any()


# A network worked by hand


def hand_network(dtype: str = "float64") -> Network:
    network = make(2, [(2, "relu")], n_out=1, output="linear", loss="mse", dtype=dtype)
    first, second = network.layers
    first.weight[:], first.bias[:] = [[1, -1], [0.5, 0.5]], [0, 0.5]
    second.weight[:], second.bias[:] = [[3, -1]], [1]
    return network


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_2_2_1_network_by_hand(dtype: str) -> None:
    """x = (1, 2): z₁ = (−1, 2), a₁ = (0, 2), z₂ = −1; target 1: L = 4, dz₂ = −4, dz₁ = (0, 4)."""
    network, x, y = hand_network(dtype), [[1.0, 2.0]], [[1.0]]
    assert network.forward(x).tolist() == [[-1.0]]
    assert network.loss_value(x, y) == 4
    assert network.loss_and_gradient(x, y) == 4
    gradients = {name: gradient.tolist() for name, _, gradient in network.parameters()}
    assert gradients == {
        "layers.0.weight": [[0, 0], [4, 8]],
        "layers.0.bias": [0, 4],
        "layers.1.weight": [[0, -8]],
        "layers.1.bias": [-4],
    }
    assert network.input_gradient(x, y).tolist() == [[2.0, 2.0]]


def test_the_gradient_is_a_mean_over_the_batch() -> None:
    """A second sample with correct outputs halves loss and gradient."""
    network = hand_network()
    assert network.loss_and_gradient([[1.0, 2.0], [1.0, 2.0]], [[1.0], [-1.0]]) == 2
    assert network.layers[1].bias_grad.tolist() == [-2]


# Agreement with PyTorch


@settings(max_examples=150)
@given(n_in=sizes, hidden=hidden_layers, n_out=sizes, pair=st.sampled_from(PAIRS), m=sizes, seed=seeds)
def test_forward_loss_and_gradients_match_torch(
    n_in: int, hidden: list[tuple[int, str]], n_out: int, pair: tuple[str, str], m: int, seed: int
) -> None:
    loss, output = pair
    network = make(n_in, hidden, n_out, output, loss, seed)
    x, targets = samples(network, m, seed)
    twin, tensor = TorchTwin(network), as_tensor(x, wants_gradient=True)
    truth = twin.loss_value(tensor, as_tensor(targets))
    truth.backward()
    assert relative_error(network.forward(x), twin.forward(tensor).detach().numpy(), 1e-5) <= AGREES
    assert relative_error(network.logits(x), twin.logits(tensor).detach().numpy(), 1e-5) <= AGREES
    assert relative_error(network.loss_value(x, targets), truth.item(), 1e-5) <= AGREES
    assert relative_error(network.loss_and_gradient(x, targets), truth.item(), 1e-5) <= AGREES
    for name, _, gradient in network.parameters():
        expected = twin.gradients()[name]
        assert relative_error(gradient, expected, 1e-5) <= AGREES, name
    assert relative_error(network.input_gradient(x, targets), tensor.grad.numpy(), 1e-5) <= AGREES


def test_a_real_size_matches_torch() -> None:
    network = make((1, 28, 28), [(128, "relu"), (64, "relu")], 10)
    x, targets = samples(network, 64)
    twin = TorchTwin(network)
    truth = twin.loss_value(as_tensor(x), as_tensor(targets))
    truth.backward()
    assert relative_error(network.loss_and_gradient(x, targets), truth.item()) <= AGREES
    for name, _, gradient in network.parameters():
        expected = twin.gradients()[name]
        assert relative_error(gradient, expected, 1e-4 * np.abs(expected).max()) <= AGREES, name


@pytest.mark.parametrize("broken", ["layers.0.weight", "layers.1.bias"])
def test_a_wrong_sign_in_one_gradient_is_caught(broken: str) -> None:
    network = make(4, [(3, "tanh")])
    x, targets = samples(network, 5)
    twin = TorchTwin(network)
    twin.loss_value(as_tensor(x), as_tensor(targets)).backward()
    network.loss_and_gradient(x, targets)
    for name, _, gradient in network.parameters():
        if name == broken:
            gradient *= -1
        agrees = relative_error(gradient, twin.gradients()[name], 1e-5) <= AGREES
        assert agrees is (name != broken)


@given(n_in=sizes, hidden=hidden_layers, pair=st.sampled_from(PAIRS), m=sizes, seed=seeds)
def test_scale_multiplies_the_gradient_and_not_the_loss(
    n_in: int, hidden: list[tuple[int, str]], pair: tuple[str, str], m: int, seed: int
) -> None:
    network = make(n_in, hidden, 3, pair[1], pair[0], seed)
    x, targets = samples(network, m, seed)
    loss = network.loss_and_gradient(x, targets)
    gradient = network.grad.copy()
    assert network.learn_from(network.as_rows(x), network.encode(targets), scale=0.125) == loss
    np.testing.assert_array_equal(network.grad, 0.125 * gradient)  # a power of two causes no rounding


# Same bits, no side effects


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_call_gives_the_same_bits_after_other_calls(dtype: str) -> None:
    network = make(7, [(5, "gelu"), (4, "relu")], dtype=dtype)
    x, targets = samples(network, 9)
    # more batch sizes than have work arrays
    others = [samples(network, m, seed=m) for m in (9, 1, 2, 3, 4, 5)]
    output, loss = network.forward(x), network.loss_and_gradient(x, targets)
    gradient = network.grad.copy()
    for other_x, other_targets in others:
        network.forward(other_x)
        network.loss_and_gradient(other_x, other_targets)
    assert network.loss_and_gradient(x, targets) == loss
    np.testing.assert_array_equal(network.grad, gradient)
    np.testing.assert_array_equal(network.forward(x), output)


def test_results_are_not_overwritten_by_later_calls() -> None:
    network = make(4, [(3, "tanh")])
    (x, targets), (other, _) = samples(network, 5), samples(network, 5, seed=1)
    results = [network.forward(x), network.logits(x), network.input_gradient(x, targets)]
    kept = [result.copy() for result in results]
    for later in (network.forward(other), network.logits(other), network.input_gradient(other, targets)):
        later.fill(7)
    network.loss_and_gradient(other, targets)
    for result, before in zip(results, kept, strict=True):
        np.testing.assert_array_equal(result, before)


def test_evaluation_changes_neither_theta_nor_grad_nor_the_data() -> None:
    network = make(4, [(3, "relu")])
    x, targets = samples(network, 5)
    network.loss_and_gradient(x, targets)
    kept = [array.copy() for array in (network.theta, network.grad, x, targets)]
    network.forward(x[:2])
    network.logits(x)
    network.loss_value(x[1:], targets[1:])
    for array, before in zip((network.theta, network.grad, x, targets), kept, strict=True):
        np.testing.assert_array_equal(array, before)


def test_many_rows_are_computed_in_blocks_with_the_same_result() -> None:
    network = make(3, [(4, "tanh")])
    m = 2 * ROWS_AT_A_TIME + 7
    x, targets = samples(network, m)
    parts = [network.forward(x[i : i + 500]) for i in range(0, m, 500)]
    np.testing.assert_allclose(network.forward(x), np.concatenate(parts), rtol=1e-13)
    assert network.loss_value(x, targets) == pytest.approx(network.loss_and_gradient(x, targets), rel=1e-12)


def test_a_second_network_shares_nothing_with_the_first() -> None:
    first, second = make(3, [(2, "relu")]), make(3, [(2, "relu")])
    np.testing.assert_array_equal(first.theta, second.theta)
    second.theta += 1
    x, targets = samples(first, 4)
    loss = first.loss_and_gradient(x, targets)
    second.loss_and_gradient(x, targets)
    assert first.loss_and_gradient(x, targets) == loss


# Initialisation, copies, dtypes


def test_float32_starts_as_rounded_float64_and_seeds_differ() -> None:
    double, single = make(5, [(4, "relu")]), make(5, [(4, "relu")], dtype="float32")
    np.testing.assert_array_equal(single.theta, double.theta.astype(np.float32))
    assert (make(5, [(4, "relu")], seed=1).theta != double.theta).all()


def test_initialisers_of_the_spec_are_used() -> None:
    layer = DenseSpec(units=2, init=Constant(value=0.25), bias=Constant(value=-1.0))
    network = Network(NetworkSpec(layers=(layer, DenseSpec(units=1, init=Zeros()))), (3,))
    assert {name: set(view.ravel().tolist()) for name, view, _ in network.parameters()} == {
        "layers.0.weight": {0.25},
        "layers.0.bias": {-1.0},
        "layers.1.weight": {0.0},
        "layers.1.bias": {0.0},
    }


def test_a_copy_is_equal_and_independent() -> None:
    network = make(4, [(3, "elu")], dtype="float32")
    twin = network.copy("float64")
    assert (network.dtype, twin.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(twin.theta, network.theta)
    twin.theta += 1
    np.testing.assert_array_equal(network.copy().theta, network.theta)
    assert (twin.theta != network.theta).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_results_have_the_networks_dtype(dtype: str) -> None:
    network = make(4, [(3, "silu")], dtype=dtype)
    for kind in (np.uint8, np.float16, np.float32, np.float64):
        x = np.arange(8).reshape(2, 4).astype(kind)
        assert network.forward(x).dtype == dtype
        assert network.input_gradient(x, np.array([0, 2])).dtype == dtype
    assert network.grad.dtype == dtype


@pytest.mark.parametrize(
    ("output", "loss"),
    [
        ("softmax", "cross_entropy"),
        ("sigmoid", "binary_cross_entropy"),
        ("step", "perceptron"),
        ("tanh", "mse"),
    ],
)
def test_without_a_loss_the_last_activation_chooses_it(output: str, loss: str) -> None:
    spec = NetworkSpec(layers=(DenseSpec(units=2, activation=ACTIVATIONS[output]()),))
    assert Network(spec, (3,)).loss.name == loss


# Huge numbers


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("hidden", BOUNDED)
def test_logits_of_plus_and_minus_1e4_stay_finite_without_a_warning(hidden: str, dtype: str) -> None:
    x = np.array([[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])
    for loss, output in PAIRS:
        if output == "exponential":
            continue
        network = make(2, [(4, hidden)], 3, output, loss, dtype=dtype)
        first, last = network.layers
        first.weight[:] = [[1e4, 0], [0, 1e4], [1e4, 1e4], [-1e4, 1e4]]
        last.weight[:] = np.resize([1.0, -1.0, 1.0], (3, 4))
        last.bias[:] = [1e4, -1e4, 0]
        with np.errstate(all="raise", under="ignore"):
            results = [network.forward(x), network.loss_and_gradient(x, np.array([0, 1, 2])), network.grad]
            results.append(network.input_gradient(x, np.array([2, 2, 1])))
        assert all(np.isfinite(result).all() for result in results), (loss, output)


# Valid and invalid inputs


@pytest.mark.parametrize("shape", [(6, 1, 28, 28), (6, 784)])
def test_images_can_be_passed_flat(shape: tuple[int, ...]) -> None:
    network = make((1, 28, 28), [(5, "relu")], 10, dtype="float32")
    x = np.random.default_rng(0).normal(size=(6, 784)).astype(np.float32)
    np.testing.assert_array_equal(network.forward(x.reshape(shape)), network.forward(x))
    assert network.forward(x.reshape(shape)).shape == (6, 10)


def test_views_that_are_not_contiguous_give_the_same_result() -> None:
    network = make(4, [(3, "relu")])
    x, targets = samples(network, 10)
    np.testing.assert_array_equal(network.forward(x[::2]), network.forward(x[::2].copy()))
    transposed = np.asfortranarray(x)
    assert network.loss_and_gradient(transposed, targets) == network.loss_and_gradient(x, targets)


@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 5), (2, 2, 3), (4, 2, 1), (2, 2, 2, 1)])
def test_a_wrong_x_is_refused_with_both_shapes(shape: tuple[int, ...]) -> None:
    network = make((2, 2), [], 3)
    for call in (network.forward, network.logits):
        with pytest.raises(DataError) as caught:
            call(np.zeros(shape))
        assert str(shape) in caught.value.message
        assert "(m, 2, 2)" in caught.value.message


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (np.array([0, 3]), "class 3"),
        (np.array([-1, 0]), "class -1"),
        (np.array([0, 2**40]), str(2**40)),
        (np.array([0.0, 1.0]), "whole numbers"),
        (np.array([[1.0, 0.0], [0.0, 1.0]]), "(2, 2)"),
        (np.zeros((2, 4)), "(2, 4)"),
        (np.array(1), "()"),
        (np.array(["cat", "dog"]), "numbers"),
        (np.array([0, 1, 2]), "3"),
        (np.array([0]), "1"),
        (np.array([], np.int64), "0"),
        ([], "0"),
    ],
)
def test_an_invalid_y_is_refused_with_the_reason(y: Array, says: str) -> None:
    network = make(2, [], 3)
    for call in (network.loss_and_gradient, network.loss_value, network.input_gradient):
        with pytest.raises(DataError) as caught:
            call(np.zeros((2, 2)), y)
        assert says in caught.value.message + caught.value.hint


def test_no_samples_give_no_outputs_but_no_loss() -> None:
    network = make(2, [(3, "relu")])
    assert network.forward(np.zeros((0, 2))).shape == (0, 3)
    with pytest.raises(DataError, match="at least 1"):
        network.loss_and_gradient(np.zeros((0, 2)), np.zeros((0, 3)))


def test_x_without_numbers_is_refused() -> None:
    with pytest.raises(DataError, match="numbers"):
        make(2, []).forward(np.array([["a", "b"]]))


@pytest.mark.parametrize("units", [0, -3])
def test_a_layer_without_units_is_refused(units: int) -> None:
    with pytest.raises(ExperimentError, match=r"network\.layers\[1\]\.units") as caught:
        Network(NetworkSpec(layers=(DenseSpec(units=2), DenseSpec(units=units))), (3,))
    assert "network.layers[1].units" in caught.value.problems[0].remedy


def test_encode_classes_and_values() -> None:
    several, one = make(2, []), make(2, [], 1, "sigmoid", "binary_cross_entropy")
    assert several.encode(np.array([2, 0])).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert several.encode([[0.5, 0.5, 0.0]]).tolist() == [[0.5, 0.5, 0.0]]
    assert several.encode(np.array([1], np.uint8)).tolist() == [[0, 1, 0]]
    for y in ([0, 1], [[0], [1]], [False, True], [0.0, 1.0]):
        assert one.encode(np.array(y)).tolist() == [[0], [1]]
    with pytest.raises(DataError, match="class 2"):
        one.encode(np.array([0, 2]))


def test_encode_for_a_regression_takes_whole_numbers_as_values() -> None:
    network = make(2, [], 1, "linear", "mse")
    assert network.encode(np.array([7, -3])).tolist() == [[7], [-3]]
    two = make(2, [], 2, "linear", "mse")
    assert two.encode(np.array([[7, 8]])).tolist() == [[7, 8]]
    assert two.encode(np.array([1])).tolist() == [[0, 1]]  # classes with mse


def test_one_step_down_the_gradient_lowers_the_loss() -> None:
    network = make(4, [(8, "tanh")])
    x, targets = samples(network, 20)
    losses = []
    for _ in range(50):
        losses.append(network.loss_and_gradient(x, targets))
        network.theta -= 0.1 * network.grad
    assert all(later < earlier for earlier, later in itertools.pairwise(losses))
    assert math.isfinite(losses[-1])
