"""Activations: hand-worked values, agreement with PyTorch in float64, and stability for huge inputs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.arrays import Array
from engine.named import snake_case
from engine.nn.activations import ACTIVATIONS, Elu, LeakyRelu, Scratch, Softmax
from engine.nn.special_functions import normal_cdf
from tests.engine.oracles import AGREES, TORCH_ACTIVATIONS, as_tensor, relative_error, torch

NAMES = sorted(ACTIVATIONS)
ONE_MINUS_A = 1e-5
"""Below 1e-5, f' is a difference such as 1 − a (tanh, sigmoid, elu, gelu), with an absolute error of 1e-16."""
HUGE = [1e4, -1e4, 0.0, 1e-30, -1e-30, 88.0, -88.0, 89.0, -104.0, 710.0, -710.0, -746.0, 20.0, -20.0]

rows = st.integers(1, 7)
seeds = st.integers(0, 2**32 - 1)
scales = st.sampled_from([0.1, 1.0, 10.0])


def backward(name: str, upstream: Array, z: Array) -> Array:
    activation = ACTIVATIONS[name]()
    scratch = Scratch(z.shape, z.dtype)
    a, gradient = np.empty_like(z), upstream.copy()
    activation.forward(z, a, scratch)
    activation.backward(gradient, z, a, scratch)
    return gradient


def test_the_registry_holds_exactly_the_documented_names() -> None:
    documented = [
        "linear",
        "sigmoid",
        "tanh",
        "relu",
        "leaky_relu",
        "elu",
        "gelu",
        "silu",
        "softplus",
        "exponential",
        "softmax",
        "step",
    ]
    assert list(ACTIVATIONS) == documented
    assert [ACTIVATIONS[name]().name for name in documented] == documented


@pytest.mark.parametrize("name", NAMES)
@given(m=rows, n=rows, scale=scales, seed=seeds)
def test_forward_matches_torch(name: str, m: int, n: int, scale: float, seed: int) -> None:
    z = scale * np.random.default_rng(seed).normal(size=(m, n))
    truth = TORCH_ACTIVATIONS[name](as_tensor(z)).numpy()
    # torch computes 1 + erf, which cancels in the left tail
    floor = ONE_MINUS_A if name == "gelu" else 1e-300
    assert relative_error(ACTIVATIONS[name]()(z), truth, floor) <= AGREES


@pytest.mark.parametrize("name", NAMES)
@given(m=rows, n=rows, scale=scales, seed=seeds)
def test_backward_matches_torch(name: str, m: int, n: int, scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    z, upstream = scale * rng.normal(size=(m, n)), rng.normal(size=(m, n))
    tensor = as_tensor(z, wants_gradient=True)
    (truth,) = torch.autograd.grad(TORCH_ACTIVATIONS[name](tensor), tensor, as_tensor(upstream))
    assert relative_error(backward(name, upstream, z), truth.numpy(), ONE_MINUS_A) <= AGREES


@pytest.mark.parametrize("name", NAMES)
def test_backward_at_zero_and_at_the_kink_matches_torch(name: str) -> None:
    z, upstream = np.zeros((1, 3)), np.array([[1.0, -2.0, 0.5]])
    tensor = as_tensor(z, wants_gradient=True)
    (truth,) = torch.autograd.grad(TORCH_ACTIVATIONS[name](tensor), tensor, as_tensor(upstream))
    assert relative_error(backward(name, upstream, z), truth.numpy()) <= AGREES


@given(slope=st.floats(-0.5, 2.0), alpha=st.floats(0.01, 5.0), seed=seeds)
def test_options_have_the_same_meaning_as_in_torch(slope: float, alpha: float, seed: int) -> None:
    z = np.random.default_rng(seed).normal(size=(4, 5))
    pairs = [
        (LeakyRelu(slope=slope), lambda t: torch.nn.functional.leaky_relu(t, slope)),
        (Elu(alpha=alpha), lambda t: torch.nn.functional.elu(t, alpha)),
    ]
    for ours, theirs in pairs:
        tensor = as_tensor(z, wants_gradient=True)
        a = theirs(tensor)
        a.sum().backward()
        assert relative_error(ours(z), a.detach().numpy()) <= AGREES
        assert relative_error(ours.derivative(z), tensor.grad.numpy()) <= AGREES


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_huge_inputs_give_finite_values_without_a_warning(name: str, dtype: type) -> None:
    z = np.array([HUGE, HUGE[::-1]], dtype)
    if name == "exponential":
        z = np.minimum(z, 20)  # beyond, the next test
    with np.errstate(all="raise", under="ignore"):
        a = ACTIVATIONS[name]()(z)
        derivative = ACTIVATIONS[name]().derivative(z)
        gradient = backward(name, np.full_like(z, 1e4), z)
    for result in (a, derivative, gradient):
        assert result.dtype == dtype
        assert np.isfinite(result).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_exponential_overflows_to_infinity_without_a_warning(dtype: type) -> None:
    z = np.array([[1e4, 710.0, -1e4]], dtype)
    with np.errstate(all="raise", under="ignore"):
        a = ACTIVATIONS["exponential"]()(z)
        backward("exponential", np.zeros_like(z), z)
    assert a.tolist() == [[np.inf, np.inf, 0.0]]


@pytest.mark.parametrize("name", NAMES)
def test_float32_agrees_with_float64_to_float32_precision(name: str) -> None:
    z = np.linspace(-12, 12, 1001).reshape(7, 143)
    ours = ACTIVATIONS[name]()
    single = z.astype(np.float32)
    np.testing.assert_allclose(ours(single), ours(single.astype(np.float64)), rtol=2e-6, atol=2e-7)
    np.testing.assert_allclose(
        ours.derivative(single), ours.derivative(single.astype(np.float64)), rtol=2e-6, atol=1e-6
    )


@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_nan_without_a_warning(name: str) -> None:
    a = ACTIVATIONS[name]()(np.array([[np.nan, 1.0]]))
    assert np.isnan(a[0, 0]) or name == "step"  # NaN is not above 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_relu_derivative_matches_torch_for_special_values(dtype: type) -> None:
    tiny = np.finfo(dtype).smallest_subnormal
    z = np.array([[-0.0, 0.0, tiny, -tiny, np.inf, -np.inf, np.nan, -np.nan, 1.0]], dtype)
    upstream = np.linspace(-2, 2, z.size, dtype=dtype).reshape(z.shape)
    gradient, a, scratch = upstream.copy(), np.empty_like(z), Scratch(z.shape, z.dtype)
    ACTIVATIONS["relu"]().forward(z, a, scratch)
    ACTIVATIONS["relu"]().backward(gradient, z, a, scratch)
    tensor = torch.tensor(z, requires_grad=True)
    (truth,) = torch.autograd.grad(torch.relu(tensor), tensor, torch.tensor(upstream))
    assert gradient.tolist() == truth.tolist()


def test_relu_backward_takes_any_arrays() -> None:
    rng = np.random.default_rng(0)
    relu, scratch = ACTIVATIONS["relu"](), Scratch((3, 4), np.dtype(np.float64))
    for _ in range(3):  # the same scratch with other arrays
        z = rng.normal(size=(3, 5))[:, :4]  # not contiguous
        upstream = rng.normal(size=(4, 3)).T
        a, gradient = np.empty((3, 4)), upstream.copy(order="F")
        relu.forward(z, a, scratch)
        relu.backward(gradient, z, a, scratch)
        assert np.array_equal(gradient, upstream * (z > 0))


@pytest.mark.parametrize("name", NAMES)
def test_forward_keeps_z_and_backward_keeps_z_and_a(name: str) -> None:
    z = np.random.default_rng(0).normal(size=(3, 4))
    activation, scratch = ACTIVATIONS[name](), Scratch(z.shape, z.dtype)
    a, before = np.empty_like(z), z.copy()
    activation.forward(z, a, scratch)
    kept = a.copy()
    activation.backward(np.ones_like(z), z, a, scratch)
    np.testing.assert_array_equal(z, before)
    np.testing.assert_array_equal(a, kept)
    assert not scratch.zeros.any()


@pytest.mark.parametrize("name", NAMES)
def test_zero_upstream_gives_zero_gradient(name: str) -> None:
    z = np.random.default_rng(0).normal(size=(3, 4))
    assert not backward(name, np.zeros_like(z), z).any()


@pytest.mark.parametrize(
    ("name", "z", "a", "slope"),
    [
        ("linear", -2.5, -2.5, 1.0),
        ("sigmoid", math.log(3), 0.75, 0.1875),
        ("tanh", math.log(2), 0.6, 0.64),
        ("relu", -1.0, 0.0, 0.0),
        ("relu", 2.0, 2.0, 1.0),
        ("leaky_relu", -3.0, -0.03, 0.01),
        ("elu", -math.log(2), -0.5, 0.5),
        ("gelu", 1.0, 0.8413447460685429, 0.8413447460685429 + 0.24197072451914337),
        ("silu", math.log(3), 0.75 * math.log(3), 0.75 + 0.1875 * math.log(3)),
        ("softplus", math.log(3), math.log(4), 0.75),
        ("exponential", math.log(3), 3.0, 3.0),
        ("step", 0.5, 1.0, 0.0),
        ("step", 0.0, 0.0, 0.0),
    ],
)
def test_hand_worked_values(name: str, z: float, a: float, slope: float) -> None:
    point = np.array([[z]])
    assert ACTIVATIONS[name]()(point)[0, 0] == pytest.approx(a, rel=1e-14)
    assert ACTIVATIONS[name]().derivative(point)[0, 0] == pytest.approx(slope, rel=1e-14)


def test_softmax_by_hand() -> None:
    z = np.log([[1.0, 2.0, 5.0]])
    assert Softmax()(z).tolist() == [pytest.approx([0.125, 0.25, 0.625], rel=1e-14)]
    assert Softmax().derivative(z).tolist() == [pytest.approx([7 / 64, 12 / 64, 15 / 64], rel=1e-14)]
    shifted = Softmax()(z + 1e4)
    np.testing.assert_allclose(shifted, Softmax()(z), rtol=1e-11)
    assert Softmax()(np.array([[1e4, 1e4, -1e4]], np.float32)).tolist() == [[0.5, 0.5, 0.0]]


@pytest.mark.parametrize("name", NAMES)
def test_kinks_are_where_the_slope_jumps(name: str) -> None:
    sides = ACTIVATIONS[name]().kinks(np.array([[-1.0, 1.0]]))
    if name in ("relu", "leaky_relu", "step"):
        assert sides is not None
        assert sides.tolist() == [[False, True]]
    else:
        assert sides is None


def test_elu_has_a_kink_unless_alpha_is_one() -> None:
    assert Elu(alpha=2.0).kinks(np.array([[-1.0, 1.0]])) is not None


def test_normal_cdf_is_precise_in_the_left_tail() -> None:
    z = np.linspace(-8, 8, 4001)
    truth = [math.erfc(-value / math.sqrt(2)) / 2 for value in z.tolist()]
    assert relative_error(normal_cdf(z), truth) < 1e-12


@pytest.mark.parametrize(
    ("class_name", "label"), [("LeakyRelu", "leaky_relu"), ("Elu", "elu"), ("OneCycle", "one_cycle")]
)
def test_names_follow_from_class_names(class_name: str, label: str) -> None:
    assert snake_case(class_name) == label


def test_a_planted_bug_is_caught() -> None:
    z = np.random.default_rng(0).normal(size=(3, 4))
    truth = torch.tanh(as_tensor(z)).numpy()
    wrong = 1 - truth  # forgets the square
    assert relative_error(wrong, 1 - truth**2, ONE_MINUS_A) > 1e-3
