"""Losses: hand-worked values, agreement with PyTorch in float64, and stability for huge logits."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.arrays import Array
from engine.nn.activations import ACTIVATIONS
from engine.nn.loss import LossScratch
from engine.nn.losses import (
    LOSSES,
    BinaryCrossEntropy,
    CrossEntropy,
    Hinge,
    Huber,
    Mae,
    Mse,
    PerceptronCriterion,
)
from tests.engine.oracles import AGREES, TORCH_LOSSES, Float64, as_tensor, relative_error, torch

NAMES = sorted(LOSSES)
REST_OF_A_DIFFERENCE = 1e-5
"""Below 1e-5 of its full scale, a gradient p − t is a difference with an absolute error of 1e-16."""

sizes = st.integers(1, 8)
seeds = st.integers(0, 2**32 - 1)
scales = st.sampled_from([0.1, 1.0, 10.0])


def draw(name: str, m: int, k: int, scale: float, seed: int) -> tuple[Float64, Float64]:
    rng = np.random.default_rng(seed)
    scores = scale * rng.normal(size=(m, k))
    if name == "cross_entropy":
        return scores, np.eye(k)[rng.integers(0, k, m)]
    if LOSSES[name].takes_values:
        return scores, rng.normal(size=(m, k))
    return scores, rng.integers(0, 2, (m, k)).astype(float)


def value_and_gradient(name: str, scores: Array, targets: Array, scale: float = 1.0) -> tuple[float, Array]:
    gradient = np.full_like(scores, np.nan)
    return LOSSES[name]().value_and_gradient(scores.copy(), targets, gradient, scale), gradient


@pytest.mark.parametrize("name", NAMES)
@given(lengths=st.lists(sizes, max_size=6), k=sizes, seed=seeds)
def test_the_values_of_many_batches_equal_those_of_each(
    name: str, lengths: list[int], k: int, seed: int
) -> None:
    loss, terms, alone = LOSSES[name](), [], []
    for m in lengths:
        scores, targets = draw(name, m, k, 1.0, seed + m)
        alone.append(loss.value(scores, targets))
        scratch = LossScratch(scores.shape, scores.dtype)
        terms.append(loss.differentiate(scores.copy(), targets, scratch.gradient, 1.0, scratch))
    values = loss.values(terms)
    assert all(type(value) is float for value in values)
    assert values == pytest.approx(alone, rel=1e-12, abs=1e-14)


def test_the_registry_holds_exactly_the_documented_names() -> None:
    documented = ["cross_entropy", "binary_cross_entropy", "mse", "mae", "huber", "hinge", "perceptron"]
    assert list(LOSSES) == documented
    assert all(loss.link in ACTIVATIONS for loss in LOSSES.values())


@pytest.mark.parametrize("name", NAMES)
@given(m=sizes, k=sizes, scale=scales, seed=seeds)
def test_value_and_gradient_match_torch(name: str, m: int, k: int, scale: float, seed: int) -> None:
    scores, targets = draw(name, m, k, scale, seed)
    tensor = as_tensor(scores, wants_gradient=True)
    truth = TORCH_LOSSES[name](tensor, as_tensor(targets))
    truth.backward()
    value, gradient = value_and_gradient(name, scores, targets)
    largest = max(1.0, np.abs(scores).max())  # torch computes (1 − t) z − ln σ(z), terms of this size
    assert relative_error(value, truth.item(), REST_OF_A_DIFFERENCE * largest) <= AGREES
    assert relative_error(gradient, tensor.grad.numpy(), REST_OF_A_DIFFERENCE / m) <= AGREES


@given(m=sizes, k=sizes, seed=seeds)
def test_cross_entropy_of_classes_matches_torch(m: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, classes = rng.normal(size=(m, k)), rng.integers(0, k, m)
    truth = torch.nn.functional.cross_entropy(as_tensor(scores), torch.tensor(classes)).item()
    assert relative_error(CrossEntropy().value(scores, np.eye(k)[classes]), truth, 1e-10) <= AGREES


@given(m=sizes, k=sizes, seed=seeds)
def test_soft_targets_match_torch(m: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, shares = rng.normal(size=(m, k)), rng.dirichlet(np.ones(k), m)
    for name in ("cross_entropy", "binary_cross_entropy"):
        truth = TORCH_LOSSES[name](as_tensor(scores), as_tensor(shares)).item()
        assert relative_error(LOSSES[name]().value(scores, shares), truth, 1e-5) <= AGREES


@pytest.mark.parametrize("name", NAMES)
@given(m=sizes, k=sizes, seed=seeds, scale=st.floats(1e-4, 10))
def test_scale_multiplies_only_the_gradient(name: str, m: int, k: int, seed: int, scale: float) -> None:
    scores, targets = draw(name, m, k, 1.0, seed)
    value, gradient = value_and_gradient(name, scores, targets)
    same, scaled = value_and_gradient(name, scores, targets, scale)
    assert same == value
    np.testing.assert_allclose(scaled, scale * gradient, rtol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_value_changes_neither_scores_nor_targets(name: str) -> None:
    scores, targets = draw(name, 5, 3, 1.0, seed=0)
    kept = scores.copy(), targets.copy()
    value = LOSSES[name]().value(scores, targets)
    assert value == value_and_gradient(name, scores, targets)[0]
    np.testing.assert_array_equal((scores, targets), kept)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_huge_logits_give_finite_values_without_a_warning(name: str, dtype: type) -> None:
    scores = np.array([[1e4, -1e4, 0], [-1e4, 1e4, 1e4], [1e4, 1e4, 1e4], [-1e4, -1e4, -1e4]], dtype)
    for hot in range(3):
        targets = np.zeros((4, 3), dtype)
        targets[:, hot] = 1
        with np.errstate(all="raise", under="ignore"):
            value, gradient = value_and_gradient(name, scores, targets)
        assert math.isfinite(value)
        assert value >= 0
        assert gradient.dtype == dtype
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", NAMES)
def test_float32_agrees_with_float64_to_float32_precision(name: str) -> None:
    scores, targets = draw(name, 200, 10, 3.0, seed=1)
    single = scores.astype(np.float32)
    value, gradient = value_and_gradient(name, single, targets.astype(np.float32))
    exact, truth = value_and_gradient(name, single.astype(np.float64), targets)
    assert value == pytest.approx(exact, rel=2e-6)
    np.testing.assert_allclose(gradient, truth, rtol=1e-5, atol=1e-7)


def test_thousands_of_classes_match_torch_without_a_square_matrix() -> None:
    k = 4_000
    scores, targets = draw("cross_entropy", 4, k, 10.0, 0)
    tensor = as_tensor(scores, wants_gradient=True)
    truth = TORCH_LOSSES["cross_entropy"](tensor, as_tensor(targets))
    truth.backward()
    tracemalloc.start()
    value, gradient = value_and_gradient("cross_entropy", scores, targets)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert relative_error(value, truth.item()) <= AGREES
    assert relative_error(gradient, tensor.grad.numpy(), REST_OF_A_DIFFERENCE / 4) <= AGREES
    assert peak < 10 * scores.nbytes


@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy", "perceptron"])
@given(m=sizes, seed=seeds)
def test_a_confident_correct_prediction_has_a_small_non_negative_loss(name: str, m: int, seed: int) -> None:
    _, targets = draw(name, m, 4, 1.0, seed)
    margins = np.random.default_rng(seed).uniform(16, 40, targets.shape).astype(np.float32)
    scores = np.where(targets > 0, margins, -margins)
    value = value_and_gradient(name, scores, targets.astype(np.float32))[0]
    assert 0 <= value <= 3e-7
    if name == "binary_cross_entropy":
        truth = math.fsum(math.log1p(math.exp(-margin)) for margin in margins.ravel().tolist()) / margins.size
        assert relative_error(value, truth) < 1e-6
        assert relative_error(BinaryCrossEntropy().value(scores.astype(float), targets), truth) <= AGREES
    if name == "perceptron":
        assert value == 0


def test_cross_entropy_by_hand() -> None:
    scores = np.log([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]])
    targets = np.array([[0.0, 1, 0], [0, 0, 1]])
    value, gradient = value_and_gradient("cross_entropy", scores, targets)
    assert value == pytest.approx(math.log(4), rel=1e-14)  # (ln 4 + ln 4) / 2
    expected = [[1 / 16, -3 / 8, 5 / 16], [3 / 16, 3 / 16, -3 / 8]]
    np.testing.assert_allclose(gradient, expected, rtol=1e-14)


def test_binary_cross_entropy_by_hand() -> None:
    scores, targets = np.array([[math.log(3)], [math.log(3)]]), np.array([[1.0], [0.0]])
    value, gradient = value_and_gradient("binary_cross_entropy", scores, targets)
    assert value == pytest.approx((math.log(4 / 3) + math.log(4)) / 2, rel=1e-14)
    np.testing.assert_allclose(gradient, [[-0.125], [0.375]], rtol=1e-14)


def test_mse_by_hand() -> None:
    scores, targets = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 2.0], [5.0, 3.0]])
    value, gradient = value_and_gradient("mse", scores, targets)
    assert value == 1.5  # (1 + 0 + 4 + 1) / 4
    np.testing.assert_array_equal(gradient, [[0.5, 0.0], [-1.0, 0.5]])


def test_mae_by_hand() -> None:
    scores, targets = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 2.0], [5.0, 3.0]])
    value, gradient = value_and_gradient("mae", scores, targets)
    assert value == 1.0  # (1 + 0 + 2 + 1) / 4
    np.testing.assert_array_equal(gradient, [[0.25, 0.0], [-0.25, 0.25]])


def test_huber_by_hand() -> None:
    scores, targets = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 2.0], [8.0, 1.0]])
    gradient = np.empty_like(scores)
    value = Huber(delta=2.0).value_and_gradient(scores, targets, gradient, 1.0)
    assert value == 3.125  # (1/2 + 0 + 2·(5 − 1) + 2·(3 − 1)) / 4
    np.testing.assert_array_equal(gradient, [[0.25, 0.0], [-0.5, 0.5]])


def test_hinge_by_hand() -> None:
    scores, targets = np.array([[0.5, -3.0], [1.0, 2.0]]), np.array([[1.0, 0.0], [1.0, 0.0]])
    value, gradient = value_and_gradient("hinge", scores, targets)
    assert value == 0.875  # (0.5 + 0 + 0 + 3) / 4; at the kink, 1 − 1·1, the gradient is 0
    np.testing.assert_array_equal(gradient, [[-0.25, 0.0], [0.0, 0.25]])


@given(m=sizes, k=sizes, seed=seeds, delta=st.floats(0.01, 5))
def test_the_delta_of_huber_is_that_of_torch(m: int, k: int, seed: int, delta: float) -> None:
    scores, targets = draw("huber", m, k, 1.0, seed)
    truth = torch.nn.functional.huber_loss(as_tensor(scores), as_tensor(targets), delta=delta).item()
    assert relative_error(Huber(delta=delta).value(scores, targets), truth, 1e-6) <= AGREES


@pytest.mark.parametrize("loss", [Mse(), Mae(), Huber(), Huber(delta=0.2), Huber(delta=30.0), Hinge()])
def test_no_constant_is_better_than_the_best(loss: Mse | Mae | Huber | Hinge) -> None:
    constants = np.linspace(-2, 2, 4001)
    classes = np.repeat([[1.0], [0.0]], [3, 7], axis=0)
    for targets in (classes, np.random.default_rng(0).gamma(0.5, size=(40, 1))):
        by_shares = targets is classes
        given = (
            loss.constant_loss(targets.mean(axis=0)) if by_shares else loss.constant_loss_of_values(targets)
        )
        if given is None:
            assert isinstance(loss, Hinge)
            continue
        tried = min(loss.value(np.full_like(targets, c), targets) for c in constants)
        assert given <= tried + 1e-12
        assert given == pytest.approx(tried, rel=1e-3)


@pytest.mark.parametrize("name", ["mae", "hinge", "perceptron"])
def test_the_gradient_jumps_at_the_kink_and_nowhere_else(name: str) -> None:
    loss = LOSSES[name]()
    scores, targets = draw(name, 40, 3, 1.0, seed=0)
    distance = loss.from_kink(scores, targets)
    assert distance is not None
    at = scores - distance
    for scores in (at, at + 1e-9):
        assert (
            relative_error(*(value_and_gradient(name, scores + d, targets)[1] for d in (1e-6, -1e-6)), 1)
            > 0.005
        )
    gradients = [value_and_gradient(name, at + 0.5 + d, targets)[1] for d in (1e-6, -1e-6)]
    np.testing.assert_array_equal(*gradients)


def test_perceptron_by_hand() -> None:
    scores, targets = np.array([[2.0], [-1.0], [3.0], [-4.0]]), np.array([[0.0], [1.0], [1.0], [0.0]])
    value, gradient = value_and_gradient("perceptron", scores, targets)
    assert value == 0.75  # (2 + 1) / 4: two of four are on the wrong side
    np.testing.assert_array_equal(gradient, [[0.25], [-0.25], [0.0], [0.0]])


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_sign_in_the_gradient_is_caught(name: str) -> None:
    scores, targets = draw(name, 4, 3, 1.0, seed=3)
    _, gradient = value_and_gradient(name, scores, targets)
    assert relative_error(-gradient, gradient, 1e-5) > 1


def test_links_are_the_activations_that_the_losses_include() -> None:
    links = [CrossEntropy.link, BinaryCrossEntropy.link, Mse.link, Hinge.link, PerceptronCriterion.link]
    assert links == ["softmax", "sigmoid", "linear", "linear", "step"]
