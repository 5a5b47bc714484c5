"""Optimizers: a hand-worked step of each, 100 steps compared with PyTorch in float64, blocks, and clipping."""

import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.arrays import Array
from engine.optim.optimizer import Optimizer, clip_by_norm, euclidean_norm
from engine.optim.optimizers import OPTIMIZERS, Adam, AdamW, Perceptron, Sgd
from tests.engine.oracles import AGREES, as_tensor, norm_error, relative_error, torch

STEPS = 100
TORCH_OPTIMIZERS = {
    "sgd": "SGD",
    "rmsprop": "RMSprop",
    "adagrad": "Adagrad",
    "adam": "Adam",
    "adamw": "AdamW",
    "perceptron": "SGD",
}
CASES: list[tuple[str, dict[str, Any]]] = [
    ("sgd", {}),
    ("sgd", {"lr": 0.03, "weight_decay": 0.1}),
    ("sgd", {"momentum": 0.9}),
    ("sgd", {"momentum": 0.9, "nesterov": True}),
    ("sgd", {"momentum": 0.5, "nesterov": True, "weight_decay": 0.2}),
    ("sgd", {"momentum": 0.99, "weight_decay": 0.01, "lr": 0.01}),
    ("rmsprop", {}),
    ("rmsprop", {"lr": 0.1, "alpha": 0.5, "eps": 1e-3, "weight_decay": 0.1}),
    ("rmsprop", {"alpha": 0.0}),
    ("adagrad", {}),
    ("adagrad", {"lr": 0.5, "eps": 1e-2, "weight_decay": 0.1}),
    ("adam", {}),
    ("adam", {"lr": 0.1, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3, "weight_decay": 0.1}),
    ("adam", {"beta1": 0.0, "beta2": 0.0}),
    ("adamw", {}),
    ("adamw", {"lr": 0.1, "beta1": 0.8, "beta2": 0.99, "eps": 1e-4, "weight_decay": 0.3}),
    ("adamw", {"weight_decay": 0.0}),
    ("perceptron", {}),
    ("perceptron", {"lr": 1.0, "weight_decay": 0.1}),
]


def torch_options(optimizer: Optimizer) -> dict[str, Any]:
    """Return all options with PyTorch's names, so that no default is used."""
    options = {name: getattr(optimizer, name) for name in optimizer.__struct_fields__}
    if "beta1" in options:
        options["betas"] = (options.pop("beta1"), options.pop("beta2"))
    return options


def gradients(n: int, seed: int, dtype: str = "float64") -> list[Array]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=n).astype(dtype) * 10.0 ** rng.integers(-3, 2) for _ in range(STEPS)]


def run(optimizer: Optimizer, theta: Array, grads: list[Array], rates: list[float] | None = None) -> Array:
    theta = theta.copy()
    state = optimizer.start(theta)
    for i, grad in enumerate(grads):
        optimizer.update(theta, grad.copy(), state, rates[i] if rates else optimizer.lr)
    assert state.updates == len(grads)
    return theta


def run_torch(
    optimizer: Optimizer, theta: Array, grads: list[Array], rates: list[float] | None = None
) -> Array:
    parameter = as_tensor(theta, wants_gradient=True)
    theirs = getattr(torch.optim, TORCH_OPTIMIZERS[optimizer.name])([parameter], **torch_options(optimizer))
    for i, grad in enumerate(grads):
        theirs.param_groups[0]["lr"] = rates[i] if rates else optimizer.lr
        parameter.grad = as_tensor(grad)
        theirs.step()
    return parameter.detach().numpy()


WITH_TWIN = sorted(name for name, kind in OPTIMIZERS.items() if kind.torch_name)


def test_the_registry_holds_exactly_the_documented_names() -> None:
    assert list(OPTIMIZERS) == ["sgd", "rmsprop", "adagrad", "adam", "adamw", "perceptron"]
    assert {name for name, _ in CASES} == set(OPTIMIZERS)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_100_steps_match_torch(name: str, options: dict[str, Any]) -> None:
    optimizer = OPTIMIZERS[name].from_options(options)
    theta, grads = np.random.default_rng(7).normal(size=23), gradients(23, seed=8)
    truth = run_torch(optimizer, theta, grads)
    assert norm_error(truth, theta) > 1e-3  # theta has changed
    assert relative_error(run(optimizer, theta, grads), truth) <= AGREES


@pytest.mark.parametrize("name", WITH_TWIN)
@given(seed=st.integers(0, 2**32 - 1), decay=st.floats(0, 0.5), lr=st.floats(1e-4, 0.5))
def test_a_changing_learning_rate_matches_torch(name: str, seed: int, decay: float, lr: float) -> None:
    momentum = {"momentum": 0.9} if name == "sgd" else {}
    optimizer = OPTIMIZERS[name](lr=lr, weight_decay=decay, **momentum)
    rates = [lr / (1 + i) for i in range(10)]
    theta, grads = np.random.default_rng(seed).normal(size=5), gradients(5, seed)[:10]
    assert (
        norm_error(run(optimizer, theta, grads, rates), run_torch(optimizer, theta, grads, rates)) <= AGREES
    )


@pytest.mark.parametrize("name", sorted(set(WITH_TWIN) - {"perceptron"}))
def test_defaults_are_torchs(name: str) -> None:
    ours, theirs = OPTIMIZERS[name](), getattr(torch.optim, TORCH_OPTIMIZERS[name])([torch.zeros(1)]).defaults
    options = torch_options(ours)
    if name == "sgd":
        del options["lr"]  # 0.1 instead of torch's 0.001
    assert options == {option: theirs[option] for option in options}


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        (Sgd(lr=0.5), [0.0, 3.0]),
        (Sgd(lr=0.5, weight_decay=1.0), [-0.5, 2.0]),
        (Sgd(lr=0.5, momentum=0.5), [0.0, 3.0]),
        (Sgd(lr=0.5, momentum=0.5, nesterov=True), [-0.5, 3.5]),
        (OPTIMIZERS["rmsprop"](lr=0.1, alpha=0.75), [0.8, 2.2]),
        (OPTIMIZERS["adagrad"](lr=0.1), [0.9, 2.1]),
        (Adam(lr=0.1), [0.9, 2.1]),
        (AdamW(lr=0.1, weight_decay=0.5), [0.85, 2.0]),
        (Perceptron(lr=1.0), [-1.0, 4.0]),
    ],
)
def test_the_first_step_by_hand(optimizer: Optimizer, expected: list[float]) -> None:
    """θ = (1, 2), g = (2, −2)."""
    moved = run(optimizer, np.array([1.0, 2.0]), [np.array([2.0, -2.0])])
    np.testing.assert_allclose(moved, expected, rtol=1e-8)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_beyond_a_million_parameters_blocks_give_the_same_bits(name: str, options: dict[str, Any]) -> None:
    optimizer = OPTIMIZERS[name].from_options(options)
    n = 1_000_003
    rng = np.random.default_rng(0)
    theta = rng.normal(size=n).astype(np.float32)
    grads = [rng.normal(size=n).astype(np.float32) for _ in range(2)]
    ends = np.r_[0:500, 65_000:66_000, n - 500 : n]  # the borders of the first block and the short last block
    whole = run(optimizer, theta, grads)
    parts = run(optimizer, theta[ends], [grad[ends] for grad in grads])
    np.testing.assert_array_equal(whole[ends], parts)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_float32_stays_float32_and_near_float64(name: str, options: dict[str, Any]) -> None:
    optimizer = OPTIMIZERS[name].from_options(options)
    theta, grads = np.random.default_rng(7).normal(size=23), gradients(23, seed=8)
    single = run(optimizer, theta.astype(np.float32), [grad.astype(np.float32) for grad in grads])
    assert single.dtype == np.float32
    assert norm_error(single, run(optimizer, theta, grads)) < 1e-4


@pytest.mark.parametrize(("name", "options"), CASES)
def test_zero_and_huge_gradients_keep_theta_finite(name: str, options: dict[str, Any]) -> None:
    optimizer = OPTIMIZERS[name].from_options(options)
    for dtype in ("float32", "float64"):
        theta = np.ones(3, dtype)
        state = optimizer.start(theta)
        with np.errstate(all="raise", under="ignore"):
            for grad in ([0, 0, 0], [1e8, -1e8, 1e-30], [0, 1e-30, 1e8]):
                optimizer.update(theta, np.array(grad, dtype), state, optimizer.lr)
        assert np.isfinite(theta).all()


def test_state_vectors_are_named_for_the_checkpoint() -> None:
    theta = np.ones(4)
    names = {name: sorted(optimizer().start(theta).vectors) for name, optimizer in OPTIMIZERS.items()}
    assert names == {
        "sgd": [],
        "rmsprop": ["square_average"],
        "adagrad": ["square_sum"],
        "adam": ["first_moment", "second_moment"],
        "adamw": ["first_moment", "second_moment"],
        "perceptron": [],
    }
    assert sorted(Sgd(momentum=0.9).start(theta).vectors) == ["momentum"]


def test_training_resumes_from_a_saved_state() -> None:
    optimizer, theta, grads = Adam(), np.ones(5), gradients(5, seed=1)
    straight = run(optimizer, theta, grads)
    first = optimizer.start(theta)
    for grad in grads[:50]:
        optimizer.update(theta, grad.copy(), first, optimizer.lr)
    second = optimizer.start(theta)
    second.updates = first.updates
    for name, vector in first.vectors.items():
        second.vectors[name][:] = vector
    for grad in grads[50:]:
        optimizer.update(theta, grad.copy(), second, optimizer.lr)
    np.testing.assert_array_equal(theta, straight)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_a_gradient_in_the_preferred_scale_makes_the_same_update(name: str, decay: float) -> None:
    optimizer = OPTIMIZERS[name](weight_decay=decay)
    plain, scaled = np.ones(5), np.ones(5)
    states = optimizer.start(plain), optimizer.start(scaled)
    scale = optimizer.gradient_scale(0.05)
    for grad in gradients(5, seed=2)[:20]:
        optimizer.update(plain, grad.copy(), states[0], 0.05)
        optimizer.update(scaled, scale * grad, states[1], 0.05, scale)
    np.testing.assert_allclose(scaled, plain, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sgd", {"lr": 0.0}),
        ("sgd", {"lr": -0.1}),
        ("sgd", {"lr": "fast"}),
        ("sgd", {"momentum": 1.0}),
        ("sgd", {"momentum": -0.1}),
        ("sgd", {"nesterov": 1}),
        ("adam", {"beta1": 1.0}),
        ("adam", {"eps": 0.0}),
        ("adam", {"momentum": 0.9}),
        ("rmsprop", {"weight_decay": -1e-3}),
    ],
)
def test_invalid_options_are_refused(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        OPTIMIZERS[name].from_options(options)


@given(
    n=st.integers(1, 50),
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([1e-8, 1.0, 1e6]),
    max_norm=st.floats(1e-3, 1e3),
)
def test_clip_by_norm_matches_torch(n: int, seed: int, size: float, max_norm: float) -> None:
    grad = size * np.random.default_rng(seed).normal(size=n)
    parameter = torch.zeros(n, dtype=torch.float64, requires_grad=True)
    parameter.grad = as_tensor(grad)
    truth = torch.nn.utils.clip_grad_norm_([parameter], max_norm).item()
    norm = clip_by_norm(grad, max_norm)
    assert relative_error(norm, truth) <= AGREES
    assert relative_error(grad, parameter.grad.numpy()) <= AGREES


def test_clip_by_norm_by_hand() -> None:
    grad = np.array([3.0, 4.0])
    assert clip_by_norm(grad, 10.0) == 5.0
    assert grad.tolist() == [3.0, 4.0]
    assert clip_by_norm(grad, 1.0) == 5.0
    np.testing.assert_allclose(grad, [0.6, 0.8], rtol=1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_clip_by_norm_keeps_a_gradient_that_is_not_finite(bad: float) -> None:
    grad = np.array([1.0, bad, 3.0])
    assert not math.isfinite(clip_by_norm(grad, 0.5))
    np.testing.assert_array_equal(grad, [1.0, bad, 3.0])


def test_clip_by_norm_handles_squares_beyond_float32() -> None:
    grad = np.array([3e30, -4e30], np.float32)
    assert clip_by_norm(grad, 1.0) == pytest.approx(5e30, rel=1e-6)
    np.testing.assert_allclose(grad, [0.6, -0.8], rtol=1e-6)
    assert euclidean_norm(np.array([3e200, 4e200])) == pytest.approx(5e200, rel=1e-14)


@pytest.mark.parametrize("max_norm", [0.0, -1.0, math.nan])
def test_clip_by_norm_refuses_a_bound_that_is_not_positive(max_norm: float) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        clip_by_norm(np.ones(2), max_norm)


def test_a_forgotten_bias_correction_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    theta, grads = np.ones(5), gradients(5, seed=2)[:5]
    right = run(Adam(), theta, grads)
    original = Adam._update_block
    monkeypatch.setattr(
        Adam, "_update_block", lambda self, *arguments: original(self, *arguments[:4], 10**6, arguments[5])
    )
    assert norm_error(run(Adam(), theta, grads), right) > 1e-6
