"""The check of a loss and a gradient that are two Python functions, as a course has them written."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine.gradcheck import Report

X = np.random.default_rng(0).standard_normal((20, 5))
Y = np.eye(3)[np.random.default_rng(1).integers(0, 3, 20)]
DECAY = 0.01
Weights = dict[str, Any]


def weights() -> Weights:
    rng = np.random.default_rng(2)
    return {
        "W1": rng.standard_normal((4, 5)),
        "b1": 0.1 * rng.standard_normal(4),
        "W2": rng.standard_normal((3, 4)),
        "b2": np.zeros(3),
    }


def forward(w: Weights) -> tuple[Any, Any, Any]:
    z = X @ w["W1"].T + w["b1"]
    a = np.maximum(0, z)
    e = np.exp(a @ w["W2"].T + w["b2"])
    return z, a, e / e.sum(axis=1, keepdims=True)


def loss(w: Weights) -> Any:
    p = forward(w)[2]
    return -np.log((p * Y).sum(axis=1)).mean() + DECAY / 2 * sum(
        (w[name] ** 2).sum() for name in ("W1", "W2")
    )


def gradient(w: Weights) -> Weights:
    z, a, p = forward(w)
    dz2 = (p - Y) / len(X)
    dz1 = (dz2 @ w["W2"]) * (z > 0)
    return {
        "W1": dz1.T @ X + DECAY * w["W1"],
        "b1": dz1.sum(axis=0),
        "W2": dz2.T @ a + DECAY * w["W2"],
        "b2": dz2.sum(axis=0),
    }


def spoilt(name: str, spoil: Callable[[Any, Any], Any]) -> Callable[[Weights], Weights]:
    return lambda w: gradient(w) | {name: spoil(gradient(w)[name], w[name])}


def one_entry(g: Any, w: Any) -> Any:
    g[2, 3] += 1e-4
    return g


BUGS: dict[str, tuple[str, Callable[[Any, Any], Any], str]] = {
    "sign": ("b1", lambda g, w: -g, "wrong sign"),
    "factor": ("W1", lambda g, w: 20 * g, "the mean over them is missing"),
    "transposed": ("W2", lambda g, w: g.T, "transposed"),
    "off by one column": ("W1", lambda g, w: np.roll(g, 1, axis=1), "shifted by one along axis 1"),
    "off by one": ("b1", lambda g, w: np.roll(g, -1), "shifted by one along axis 0"),
    "missing term": ("W2", lambda g, w: g - DECAY * w, "a term 0.01 · W2 is missing"),
    "forgotten bias": ("b2", lambda g, w: 0 * g, "never computed"),
    "float32": ("W1", lambda g, w: g.astype(np.float32), "float32"),
    "rounded on the way": ("W1", lambda g, w: g.astype(np.float32).astype(np.float64), "float32"),
    "one entry": ("W1", one_entry, ""),
    "shape": ("b2", lambda g, w: g[:, np.newaxis], "shape (3, 1) instead of (3,)"),
    "not finite": ("b2", lambda g, w: g / 0 * 0, "b2[0] is nan"),
    "whole numbers": ("W1", lambda g, w: (10 * g).astype(int), "cut to whole numbers"),
}


def test_a_right_gradient_passes_in_every_form() -> None:
    w = weights()
    names = list(w)
    as_list = [w[name] for name in names]
    reports = [
        engine.check_gradients(loss, gradient, w),
        engine.check_function(
            lambda v: loss(dict(zip(names, v, strict=True))),
            lambda v: [*gradient(dict(zip(names, v, strict=True))).values()],
            as_list,
            names=names,
        ),
    ]
    for report in reports:
        assert report.passed, report.message
        assert list(report.parameters) == names
        assert report.checked == 39
        assert "W1" in str(report)
        assert repr(report).startswith("Report(passed: all 4 parameter tensors agree with finite differences")
    assert engine.check_gradients(lambda v: v**3, lambda v: 3 * v**2, 2.0).passed


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found_and_located(bug: str) -> None:
    name, spoil, words = BUGS[bug]
    with np.errstate(all="ignore"):
        report = engine.check_gradients(loss, spoilt(name, spoil), weights())
    assert not report.passed
    assert [row.name for row in report.rows if row.failed] == [name]
    assert report.culprit == report.worst.name == name
    assert words in report.message
    if bug == "one entry":
        assert report.worst.index == (2, 3)
        assert "W1[2, 3] is" in report.message


def test_a_wrong_entry_of_a_large_array_is_found_by_bisection() -> None:
    w = np.random.default_rng(0).standard_normal((100, 100))
    report = engine.check_gradients(
        lambda v: (v**2).sum() / 2,
        lambda v: np.where(np.arange(v.size).reshape(v.shape) == 709, 1.5, 1) * v,
        w,
    )
    assert not report.passed
    assert report.worst.index == (7, 9)


@pytest.mark.parametrize("distance", [0.0, 1e-12, 1e-9, 1e-6, 3e-6, 1e-3])
@pytest.mark.parametrize("wrong", [False, True])
def test_a_kink_at_any_distance_is_no_error_and_hides_none(distance: float, wrong: bool) -> None:
    slopes = np.array([1.0, -2, 3])
    w = np.array([distance, -distance, 2.0])
    factor = 2 if wrong else 1
    report = engine.check_gradients(
        lambda v: (np.abs(v) * slopes).sum() + (v**2).sum(), lambda v: factor * np.sign(v) * slopes + 2 * v, w
    )
    assert report.passed is not wrong, report.message


def test_at_a_kink_a_gradient_between_the_sides_passes_and_one_beyond_fails() -> None:
    w = np.array([0.0, 1.0])
    for at_zero, passes in ((-1, True), (0, True), (0.3, True), (1, True), (1.01, False), (-3, False)):
        report = engine.check_gradients(
            lambda v: np.abs(v).sum(), lambda v, at_zero=at_zero: np.where(v == 0, at_zero, np.sign(v)), w
        )
        assert report.passed is passes, at_zero
    assert engine.check_gradients(lambda v: np.sqrt(v**3).sum(), lambda v: 1.5 * np.sqrt(v), w).passed


def test_a_check_that_could_compare_nothing_says_so() -> None:
    report = engine.check_gradients(lambda v: v.max(), lambda v: np.full(3, 1 / 3), np.ones(3))
    assert report.passed
    assert report.kinks == 3
    assert report.message == "nothing could be compared: at kinks: 3 entries, all that were tried"


def broken(kind: str) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Return a loss and a gradient, one of which misbehaves."""
    rng, buffer = np.random.default_rng(0), np.zeros(3)

    def right(w: Any) -> Any:
        return (w**2).sum()

    def slope(w: Any) -> Any:
        return 2 * w

    def in_place(w: Any) -> Any:
        w *= 2
        return w

    def adding(w: Any) -> Any:
        buffer[:] += 2 * w
        return buffer

    return {
        "raises": (lambda w: w @ np.ones(2), slope),
        "gradient raises": (right, lambda w: w.missing),
        "array": (lambda w: w**2, slope),
        "none": (lambda w: None, slope),
        "no gradient": (right, lambda w: None),
        "nan": (lambda w: math.nan, slope),
        "random": (lambda w: (w**2).sum() + rng.standard_normal(), slope),
        "random gradient": (right, lambda w: 2 * w + rng.standard_normal()),
        "in place": (right, in_place),
        "adding": (right, adding),
        "float32": (lambda w: np.float32((w**2).sum()), slope),
        "float32 inside": (lambda w: float((w.astype(np.float32) ** 2).sum()), slope),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("raises", "loss(w) raised ValueError"),
        ("gradient raises", "gradient(w) raised AttributeError"),
        ("array", "loss(w) returned an array of shape (3,): return one number"),
        ("none", "loss(w) returned None"),
        ("no gradient", "gradient(w) returned None"),
        ("nan", "loss(w) is nan"),
        ("random", "for the same w"),
        ("random gradient", "are random numbers drawn in it?"),
        ("in place", "gradient(w) changes w in place"),
        ("adding", "not zeroed between two calls"),
        ("float32", "rounded as in float32"),
        ("float32 inside", "rounded as in float32"),
    ],
)
def test_what_is_wrong_in_a_function_is_named_as_the_users(kind: str, words: str) -> None:
    w = np.array([0.3, -1.2, 2.0])
    report = engine.check_gradients(*broken(kind), w)
    assert not report.passed
    assert any(words in problem for problem in report.problems), report.problems
    if "raises" in kind:
        assert "test_functions.py, line" in report.message
    np.testing.assert_array_equal(w, [0.3, -1.2, 2.0])


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (2 * np.ones(3), "w is a dict: return a dict"),
        ({"v": 1}, "no entry 'w' and an entry 'v' that w has not"),
    ],
)
def test_a_gradient_of_another_form_is_a_problem(returned: Any, words: str) -> None:
    report = engine.check_gradients(lambda w: (w["w"] ** 2).sum(), lambda w: returned, {"w": np.ones(3)})
    assert words in report.message
    short = engine.check_gradients(lambda w: w[0].sum(), lambda w: [np.ones(2)], [np.ones(2), np.ones(3)])
    assert "1 entry, w is a list of 2 arrays" in short.message


def test_an_array_that_is_reused_and_a_conversion_are_noted() -> None:
    buffer = np.zeros(3)

    def reusing(w: Any) -> Any:
        buffer[:] = 2 * w
        return buffer

    report = engine.check_gradients(lambda w: (w**2).sum(), reusing, np.ones(3, np.float32))
    assert report.passed
    assert any("returns the same array each time" in note for note in report.notes)
    assert any("converted to float64" in note for note in report.notes)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((loss, gradient, {"W": np.array(["a"])}), "no real numbers"),
        ((loss, gradient, np.array([1.0, np.nan])), "NaN or an Inf"),
        ((loss, gradient, []), "is empty"),
        ((loss, gradient, {}), "holds no arrays"),
        ((loss, X, Y), "needs its gradient as the second argument, which is a ndarray"),
        ((object(), X, Y), "not a object"),
        ((engine.Network, X, Y), "not Network"),
    ],
)
def test_what_cannot_be_checked_is_refused_in_a_line(arguments: tuple[Any, Any, Any], words: str) -> None:
    with pytest.raises(engine.DataError) as raised:
        engine.check_gradients(*arguments)
    assert words in raised.value.message
    assert "\n" not in raised.value.message


def test_the_time_budget_is_kept_and_noted() -> None:
    report: Report = engine.check_gradients(loss, gradient, weights(), budget_s=0)
    assert report.passed
    assert report.checked == 4
    assert "the time budget ended after 4 of 39 differences" in report.notes
