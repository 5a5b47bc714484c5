"""Initialisers: moments and bounds over many draws, fans, orthogonality, the same values in both dtypes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.arrays import Array
from engine.nn.activations import ACTIVATIONS
from engine.nn.initializer import Initializer
from engine.nn.initializers import (
    INITIALIZERS,
    Constant,
    Normal,
    Orthogonal,
    Uniform,
    XavierUniform,
    Zeros,
    default_initializer,
)

N_OUT, N_IN = 300, 200
VARIANCES = {
    "normal": 0.05**2,
    "uniform": 0.1**2 / 12,
    "xavier_normal": 2 / (N_IN + N_OUT),
    "xavier_uniform": 2 / (N_IN + N_OUT),
    "he_normal": 2 / N_IN,
    "he_uniform": 2 / N_IN,
    "lecun_normal": 1 / N_IN,
}
KURTOSIS = {"normal": 3.0, "uniform": 1.8}
"""Kurtosis, fourth moment over squared variance: distinguishes a normal from a uniform distribution."""
BOUNDS = {
    "uniform": 0.05,
    "xavier_uniform": math.sqrt(6 / (N_IN + N_OUT)),
    "he_uniform": math.sqrt(6 / N_IN),
}

sizes = st.integers(1, 12)


def drawn(init: Initializer, shape: tuple[int, ...], seed: int = 0, dtype: str = "float64") -> Array:
    view = np.full(shape, np.nan, dtype)
    init.fill(view, np.random.default_rng(seed))
    return view


def test_the_registry_holds_exactly_the_documented_names() -> None:
    scaled = ["xavier_normal", "xavier_uniform", "he_normal", "he_uniform", "lecun_normal"]
    documented = ["zeros", "constant", "normal", "uniform", *scaled, "orthogonal"]
    assert list(INITIALIZERS) == documented


@pytest.mark.parametrize("name", sorted(VARIANCES))
def test_moments_of_60_000_weights(name: str) -> None:
    """The tolerances are five standard errors of each moment for this number of draws."""
    w = drawn(INITIALIZERS[name](), (N_OUT, N_IN))
    variance, kurtosis = VARIANCES[name], KURTOSIS[name.rpartition("_")[2]]
    n = w.size
    assert abs(w.mean()) < 5 * math.sqrt(variance / n)
    assert abs(w.var() / variance - 1) < 5 * math.sqrt((kurtosis - 1) / n)
    assert abs((w**4).mean() / variance**2 - kurtosis) < 0.2


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_uniform_draws_fill_their_bounds_and_stay_inside(name: str) -> None:
    w, bound = drawn(INITIALIZERS[name](), (N_OUT, N_IN)), BOUNDS[name]
    assert np.abs(w).max() <= bound
    assert w.max() > 0.999 * bound
    assert w.min() < -0.999 * bound


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
@given(n_out=sizes, n_in=sizes, seed=st.integers(0, 1000))
def test_a_transposed_view_gets_the_same_weights(name: str, n_out: int, n_in: int, seed: int) -> None:
    view = np.full((n_in, n_out), np.nan).T
    INITIALIZERS[name]().fill(view, np.random.default_rng(seed))
    np.testing.assert_array_equal(view, drawn(INITIALIZERS[name](), (n_out, n_in), seed))


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
def test_float32_is_float64_rounded(name: str) -> None:
    single = drawn(INITIALIZERS[name](), (7, 5), seed=3, dtype="float32")
    double = drawn(INITIALIZERS[name](), (7, 5), seed=3)
    np.testing.assert_array_equal(single, double.astype(np.float32))


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
def test_a_bias_can_be_drawn(name: str) -> None:
    bias = drawn(INITIALIZERS[name](), (50,))
    assert np.isfinite(bias).all()
    if name == "he_uniform":
        assert np.abs(bias).max() <= math.sqrt(6 / 50)  # a bias counts as one row of 50 inputs


@given(n_out=sizes, n_in=sizes, seed=st.integers(0, 1000))
def test_orthogonal_rows_or_columns(n_out: int, n_in: int, seed: int) -> None:
    w = drawn(Orthogonal(), (n_out, n_in), seed)
    product = w @ w.T if n_out <= n_in else w.T @ w
    np.testing.assert_allclose(product, np.eye(min(n_out, n_in)), atol=1e-13)


def test_orthogonal_matrices_are_uniformly_distributed() -> None:
    """Without the signs fixed by R, the first entry of Q would never be positive."""
    first = [drawn(Orthogonal(), (3, 3), seed)[0, 0] for seed in range(400)]
    assert abs(np.mean(first)) < 5 * math.sqrt(1 / 3 / 400)  # each entry has variance 1/n


def test_options() -> None:
    assert not drawn(Zeros(), (3, 2)).any()
    assert (drawn(Constant(value=-0.25), (3, 2)) == -0.25).all()
    shifted = drawn(Normal(mean=3.0, std=0.5), (200, 200))
    assert shifted.mean() == pytest.approx(3, abs=5 * 0.5 / 200)
    assert shifted.std() == pytest.approx(0.5, rel=0.02)
    between = drawn(Uniform(low=2.0, high=3.0), (50, 50))
    assert between.min() >= 2
    assert between.max() < 3


def test_the_same_generator_gives_the_same_weights_and_advances() -> None:
    rng = np.random.default_rng(5)
    first, second = np.empty((4, 4)), np.empty((4, 4))
    XavierUniform().fill(first, rng)
    XavierUniform().fill(second, rng)
    np.testing.assert_array_equal(first, drawn(XavierUniform(), (4, 4), seed=5))
    assert (first != second).all()


def test_the_default_follows_from_the_activation() -> None:
    chosen = {name: default_initializer(activation()).name for name, activation in ACTIVATIONS.items()}
    rectifiers = {"relu", "leaky_relu", "elu", "gelu", "silu", "softplus"}
    assert {name for name, init in chosen.items() if init == "he_normal"} == rectifiers
    assert {chosen[name] for name in set(chosen) - rectifiers} == {"xavier_normal"}


def test_he_preserves_the_signal_through_ten_relu_layers() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=(200, 256))
    for _ in range(10):
        w = np.empty((256, 256))
        INITIALIZERS["he_normal"]().fill(w, rng)
        a = np.maximum(a @ w.T, 0)
    assert 0.5 < (a**2).mean() < 2
