"""The analytic gradients of one batch, and the check that they depend on theta and the batch alone."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.gradcheck.report import NETWORK, Fault
from engine.gradcheck.rounding import LOSS, rounding_bounds
from engine.nn.layers import Mode
from engine.nn.network import Network

SAME = 1e-9
"""Largest norm ratio of two gradients that should differ by rounding only."""
LARGEST_DOUBLED = 2048
"""Largest batch that is also checked with every sample doubled."""


@dataclass(frozen=True)
class Analytic:
    """The network's own loss and gradients for one batch."""

    loss: float
    gradient: Array
    """(n_parameters,)"""
    input_gradient: Array
    """For the data, (m · n_features,), row by row."""


def take_gradients(network: Network, x: Array, targets: Array) -> Analytic:
    """Return the network's gradients for x (m, n_features) and targets (m, n_outputs).

    Other batches are run first, so that a gradient that depends on an earlier batch is detected.
    """
    few = max(1, len(x) // 2)
    with np.errstate(all="ignore"):  # an Inf is found and named afterwards
        network.loss_and_gradient(0.5 * x[:few], targets[:few])
        network.loss_and_gradient(*other_batch(x, targets))
        loss = network.loss_and_gradient(x, targets)
        gradient = network.grad.copy()
        return Analytic(loss, gradient, network.input_gradient(x, targets).ravel())


def repetition_faults(network: Network, x: Array, targets: Array, analytic: Analytic) -> list[Fault]:
    """Return the faults that make the gradient depend on more than theta and the batch; `network` in float64.

    Covers a gradient not zeroed between two calls, randomness, an ignored scale, and a sum in place of the mean.
    """
    with np.errstate(all="ignore"):
        return [Fault(NETWORK, text) for text in _repetition(network, x, targets, analytic)]


def other_batch(x: Array, targets: Array) -> tuple[Array, Array]:
    """Return the batch, of the same size, that the network is run on just before the one that is checked."""
    return np.ascontiguousarray(
        0.7 * x[::-1, ::-1]
    ), targets  # no multiple of x: a stale gradient is none either


def norm_ratio(a: Array, b: Array) -> float:
    """Return ‖a − b‖ / (‖a‖ + ‖b‖), 0 for two zeros, NaN where either is not finite."""
    total = float(np.linalg.norm(a)) + float(np.linalg.norm(b))
    return float(np.linalg.norm(a - b)) / total if total else 0.0


def _repetition(network: Network, x: Array, targets: Array, analytic: Analytic) -> Iterator[str]:
    loss, gradient = analytic.loss, analytic.gradient
    again = network.loss_and_gradient(x, targets)
    if not (_close(loss, again) and norm_ratio(gradient, network.grad) <= SAME):
        yield f"a second call with the same data {_comparison(gradient, network.grad)}"
    value = network.loss_value(x, targets)
    if not _close(loss, value):
        yield f"loss_and_gradient gives the loss {loss:.10g}, loss_value {value:.10g}"
    network.learn_from(network.as_rows(x), targets, 0.5)
    if norm_ratio(0.5 * gradient, network.grad) > SAME:
        comparison = _comparison(0.5 * gradient, network.grad)
        yield f"learn_from with scale 0.5, compared with half the gradient, {comparison}"
    if len(x) <= LARGEST_DOUBLED and not _doubling_differs(network, len(x)):
        yield from _doubling(network, x, targets, analytic)


def _doubling_differs(network: Network, m: int) -> bool:
    """True if a doubled batch has another gradient: through other masks, or because one sample has no variance."""
    active = [layer for layer in network.layers if layer.has_modes and layer.mode is not Mode.EVALUATION]
    return any(layer.needs_step for layer in active) or (m == 1 and bool(active))


def _doubling(network: Network, x: Array, targets: Array, analytic: Analytic) -> Iterator[str]:
    """Check that the mean over a batch stays the same when every sample occurs twice."""
    loss, gradient = analytic.loss, analytic.gradient
    doubled = network.loss_and_gradient(np.concatenate([x, x]), np.concatenate([targets, targets]))
    if norm_ratio(gradient, network.grad) > SAME and not _is_rounding(network, x, targets, gradient):
        comparison = _comparison(gradient, network.grad)
        yield f"the batch doubled {comparison}: {_why_doubled(gradient, network.grad)}"
    elif not _close(loss, doubled) and abs(loss - doubled) > rounding_bounds(network, x, targets)[LOSS]:
        yield f"the batch doubled gives the loss {doubled:.6g} instead of {loss:.6g}: not a mean over samples"


def _why_doubled(gradient: Array, doubled: Array) -> str:
    """Return the usual cause of another gradient for the same samples, each twice."""
    c = _multiple(gradient, doubled)
    if c is not None and math.isclose(c, 2, rel_tol=SAME):
        return "the mean over the samples (1/m) is missing"
    if c is not None and math.isclose(c, 0.5, rel_tol=SAME):
        return "divided by m twice"
    return "a mean over the samples would be the same, but samples are left out or their number counts"


def _is_rounding(network: Network, x: Array, targets: Array, gradient: Array) -> bool:
    """True if rounding alone explains the difference: a gradient that cancels to 1e-18 has no correct digit."""
    off = float(np.linalg.norm(network.grad - gradient))
    bounds = rounding_bounds(network, x, targets)
    return off <= math.hypot(*(bounds[name] for name, _, _ in network.parameters()))


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def _comparison(expected: Array, got: Array) -> str:
    c = _multiple(expected, got)
    if c is not None:
        return f"gives {c:.6g} times the gradient"
    return f"gives another gradient (norm ratio {norm_ratio(expected, got):.1e})"


def _multiple(expected: Array, got: Array) -> float | None:
    """Return c with got = c · expected up to rounding; None if there is none."""
    power = float(expected @ expected)
    c = float(got @ expected) / power if power else 0.0
    return c if power and norm_ratio(c * expected, got) <= SAME else None
