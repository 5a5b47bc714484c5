"""Constant factors between a wrong and the true gradient, and their usual causes."""

import numpy as np

from engine.arrays import Array

FIT = 1e-4
"""Largest part of the gradient that a constant factor may leave unexplained."""


SHARE_LEFT = 0.1
"""Largest part of the error itself that a constant factor may leave unexplained."""


def constant_factor(analytic: Array, truth: Array) -> float | None:
    """Return c with analytic ≈ c · truth over all elements, both (n,); None if no constant fits."""
    power = float(truth @ truth)
    if power == 0 or not np.isfinite(analytic).all():
        return None
    c = float(analytic @ truth) / power
    rest = float(np.linalg.norm(analytic - c * truth))
    return c if rest <= FIT * max(1.0, abs(c)) * power**0.5 else None


def wrong_factor(analytic: Array, truth: Array) -> float | None:
    """Return the constant factor of a wrong gradient; None if none fits, or the error is not one of the factor."""
    c = constant_factor(analytic, truth)
    if c is None:
        return None
    rest = float(np.linalg.norm(analytic - c * truth))
    return c if rest <= SHARE_LEFT * abs(c - 1) * float(np.linalg.norm(truth)) else None


def explain_factor(c: float, m: int, n_outputs: int) -> str:
    """Return the usual cause of a factor `c`, in words, for a batch of m samples and `n_outputs` outputs."""
    k = n_outputs
    known = [
        *KNOWN,
        (float(m), f"{m} times the true gradient, the batch size: the mean over the batch (1/m) is missing"),
        (1 / m, f"1/{m} of the true gradient, 1 over the batch size: divided by m twice"),
        (float(k), f"{k} times the true gradient, the number of outputs: the mean over them is missing"),
        (1 / k, f"1/{k} of the true gradient, 1 over the number of outputs: divided by it twice"),
        (float(m * k), f"{m * k} times the true gradient: the mean over batch and outputs is missing"),
    ]
    return _usual(c, known) or _plain(c)


def explain_unknown_factor(c: float) -> str:
    """Return the usual cause of a factor `c`, in words, where the numbers of samples and outputs are not known."""
    text = _usual(c, KNOWN)
    whole, reciprocal = round(c), round(1 / c) if c else 0
    if not text and whole > 2 and abs(c - whole) <= FIT * whole:
        return (
            f"{whole} times the true gradient: with {whole} samples or outputs, the mean over them is missing"
        )
    if not text and reciprocal > 2 and abs(1 / c - reciprocal) <= FIT * reciprocal:
        return f"1/{reciprocal} of the true gradient: with {reciprocal} samples or outputs, divided by them twice"
    return text or _plain(c)


KNOWN = [
    (-1.0, "−1 times the true gradient: a wrong sign"),
    (0.0, "zero: never computed, or cut off"),
    (2.0, "2 times the true gradient: counted twice, or not zeroed between two calls"),
    (0.5, "half the true gradient: a factor 2 is missing"),
]
"""Factors with a cause that depends on no size."""


def _usual(c: float, known: list[tuple[float, str]]) -> str:
    return next((text for value, text in known if abs(c - value) <= 1e-3 * max(abs(value), 1e-3)), "")


def _plain(c: float) -> str:
    signed = f"{c:.6g}".replace("-", "−")
    return f"{signed} times the true gradient, the same factor everywhere"
