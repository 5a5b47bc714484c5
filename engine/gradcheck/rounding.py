"""Bounds on the rounding error of a gradient: the difference that two correct programs may have.

Two implementations of a saturated or badly scaled network differ by more than a fixed tolerance, and a unit at
its kink may be on either side. The bound follows both passes with absolute values: a running error analysis.
Source: Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 3.3.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.arrays import AnyArray, Array
from engine.gradcheck.kinks import scores_of
from engine.gradcheck.report import INPUT
from engine.nn.layers import BatchNorm, Dense, Dropout, Layer
from engine.nn.network import Network

LOSS = "loss"
"""Key of the bound on the loss, among those of the tensors."""
SAFETY = 8.0
"""Largest error of one result, in units of rounding."""


@dataclass
class Bound:
    """Bounds on a quantity of the backward pass, elementwise: on its size and on its error."""

    size: Array
    error: Array


@dataclass
class Passing:
    """One layer in the forward pass: its input with an error bound, and the unit of rounding."""

    layer: Any
    x: Bound
    """|x| and the bound on its error, both (m, n_in)."""
    unit: float
    theirs: Array | None = None
    """The other program's pre-activations, (m, n_out), where they are known."""


def rounding_bounds(
    network: Network, x: Array, targets: Array, theirs: Sequence[Array] | None = None
) -> dict[str, float]:
    """Return by tensor a bound on the norm of the difference that rounding in the network's dtype can cause.

    All bounds are 0 if a kind of layer has no rounding analysis; the tolerance alone then decides.

    Args:
        network: any; its dtype sets the precision.
        x: (m, n_features).
        targets: (m, n_outputs).
        theirs: the other program's pre-activations, (m, n_out) of each layer. A unit near its kink is then allowed
            another slope only where the two are on different sides of it. None: wherever rounding may decide the side.
    """
    if layers_without_analysis(network):
        return dict.fromkeys([*(name for name, _, _ in network.parameters()), INPUT, LOSS], 0.0)
    with np.errstate(all="ignore"):
        return dict(_bounds(network, x, targets, theirs))


def layers_without_analysis(network: Network) -> list[Layer]:
    """Return the layers of a kind without a rounding analysis."""
    return [layer for layer in network.layers if type(layer) not in _BACKWARD]


def buffer_bounds(network: Network, x: Array) -> dict[str, float]:
    """Return by name a bound on the rounding error of the running statistics after one step, from the last forward."""
    unit = SAFETY * float(np.finfo(network.dtype).eps)
    bounds = {name: 0.0 for name, _ in network.named_buffers()}
    if layers_without_analysis(network):
        return bounds
    for passing in _forward(network, x, unit):
        layer = passing.layer
        if isinstance(layer, BatchNorm):
            centred = 2 * (passing.x.error + unit * (passing.x.size + passing.x.size.mean(0)))  # of x − μ
            deviation = np.abs(layer.normalised) / layer.factor + centred
            moved = layer.momentum * np.array([centred.mean(0), (4 * deviation * centred).mean(0)])
            sizes = (layer.running_mean, layer.running_var)
            for (name, _), off, size in zip(layer.named_buffers(), moved, sizes, strict=True):
                bounds[name] = float(np.linalg.norm(off + unit * np.abs(size)))
    return bounds


def _bounds(
    network: Network, x: Array, targets: Array, theirs: Sequence[Array] | None
) -> Iterator[tuple[str, float]]:
    unit = SAFETY * float(np.finfo(network.dtype).eps)
    network.outputs(network.as_rows(x))  # the whole batch: every layer then holds what it computed for it
    passings = list(_forward(network, x, unit, theirs))
    last = passings[-1]
    off = _error_of_z(last) if network.scores_are_logits else _error_of_activation(last)
    reach = np.abs(last.layer.pre_activation) + off + np.abs(targets)
    scores = 2 * (1 + reach) / len(x)  # at least |dL/d scores|
    yield LOSS, float((scores * off).sum())
    flow = Bound(
        scores, scores * np.where(_at_kink_of_loss(last, network, targets, off), 1.0, _factor_error(last))
    )
    for passing in reversed(passings):
        if passing is not last or not network.scores_are_logits:
            flow = _through_activation(passing, flow)
        total = Bound(flow.size, flow.error + unit * flow.size)  # of dz, and of the products that follow
        flow = yield from _BACKWARD[type(passing.layer)](passing, total)
    yield INPUT, float(np.linalg.norm(flow.error))


def _at_kink_of_loss(last: Passing, network: Network, targets: Array, off: Array) -> AnyArray:
    """Return True where scores with errors up to `off` may be on either side of the loss's kink, (m, n_outputs)."""
    distance = network.loss.from_kink(scores_of(network), targets)
    if distance is None:
        return np.zeros(off.shape, bool)
    near: AnyArray = np.abs(distance) <= off
    if last.theirs is None:
        return near
    scores = last.theirs if network.scores_are_logits else network.last.activation(last.theirs)
    other = network.loss.from_kink(scores, targets)
    return near if other is None else near & (np.sign(other) != np.sign(distance))


def _may_differ(passing: Passing, error: Array) -> AnyArray:
    """Return True where z with errors up to `error` may be on the other side of the activation's kink, (m, n_out)."""
    z, kinks = passing.layer.pre_activation, passing.layer.activation.kinks
    near: AnyArray = np.abs(z) <= error
    return near if passing.theirs is None else near & (kinks(z) != kinks(passing.theirs))


def _forward(
    network: Network, x: Array, unit: float, theirs: Sequence[Array] | None = None
) -> Iterator[Passing]:
    """Yield each layer with the error bound of its input, followed through the network."""
    bound = Bound(np.abs(x.astype(np.float64)), np.zeros(x.shape))
    for i, layer in enumerate(network.layers):
        passing = Passing(layer, bound, unit, theirs[i] if theirs is not None else None)
        yield passing
        output = np.abs(layer.output.astype(np.float64))
        error = _error_of_activation(passing) + unit * (
            output + layer.activation.cancelled(layer.pre_activation)
        )
        bound = Bound(output, error)


def _error_of_z(passing: Passing) -> Array:
    """Bound the error of z, (m, n_out)."""
    return _ERROR_OF_Z[type(passing.layer)](passing)


def _dense_error(passing: Passing) -> Array:
    layer: Dense = passing.layer
    weight = np.abs(layer.weight.T.astype(np.float64))
    size = 1 + passing.x.size @ weight + np.abs(layer.bias)  # at least |z|
    error: Array = passing.unit * size + passing.x.error @ weight
    return error


def _dropout_error(passing: Passing) -> Array:
    error: Array = (passing.x.error + passing.unit * passing.x.size) / (1 - passing.layer.rate)
    return error


def _norm_error(passing: Passing) -> Array:
    layer: BatchNorm = passing.layer
    weight = np.abs(layer.weight.astype(np.float64))
    error: Array = weight * _error_of_normal(passing) + passing.unit * (
        1 + weight * np.abs(layer.normalised) + np.abs(layer.bias)
    )
    return error


def _error_of_normal(passing: Passing) -> Array:
    """Bound the error of x̂ = (x − μ) / √(σ² + ε), (m, n): x − μ cancels, and its error is divided by σ."""
    layer: BatchNorm = passing.layer
    x = passing.x
    centred = x.error + passing.unit * (x.size + _mean_size(layer, x.size))  # of x − μ
    if layer.is_of_batch:
        centred = centred + x.error.mean(0)
    error: Array = centred * layer.factor + np.abs(layer.normalised) * _relative_error_of_factor(
        passing, centred
    )
    return error


def _mean_size(layer: BatchNorm, size: Array) -> Array:
    return size.mean(0) if layer.is_of_batch else np.abs(layer.running_mean.astype(np.float64))


def _relative_error_of_factor(passing: Passing, centred: Array) -> Array:
    """Bound the relative error of 1/σ, (n,): the variance's error is 2 mean(|x − μ| · its error)."""
    layer: BatchNorm = passing.layer
    if not layer.is_of_batch:
        return np.full(layer.n_out, passing.unit)
    moved: Array = (np.abs(layer.normalised) * centred).mean(0) * layer.factor
    return moved + passing.unit


def _through_activation(passing: Passing, flow: Bound) -> Bound:
    slope, slope_error = _slope(passing.layer), _factor_error(passing)
    return Bound(flow.size * slope, flow.error * np.maximum(slope, slope_error) + flow.size * slope_error)


def _factor_error(passing: Passing) -> Array:
    """Bound the rounding error of f'(z), (m, n_out); 1 where z may be on either side of its kink."""
    layer, error = passing.layer, _error_of_z(passing)
    moved: Array = error * layer.activation.curvature(layer.pre_activation.astype(np.float64))
    if layer.activation.kinks(layer.pre_activation) is None:
        return moved
    return np.where(_may_differ(passing, error), 1.0, moved)


def _error_of_activation(passing: Passing) -> Array:
    """Bound the error of f(z), (m, n_out): at a kink by the other side's slope, or by a step's jump."""
    layer, error = passing.layer, _error_of_z(passing)
    slope = _slope(layer)
    steepest = np.maximum(slope, layer.activation.slope_bound())
    moved: Array = error * np.minimum(slope + error, steepest)  # past a step's jump z is elsewhere
    if layer.activation.kinks(layer.pre_activation) is None:
        return moved
    across = 1.0 if layer.activation.jumps else np.maximum(error, moved)
    return np.where(_may_differ(passing, error), across, moved)


def _slope(layer: Layer) -> Array:
    """Return |f'(z)|, (m, n_out); for an activation over the whole row, a bound on its Jacobian."""
    z = layer.pre_activation.astype(np.float64)
    if not layer.activation.is_elementwise:
        return np.ones_like(z)
    return np.asarray(np.abs(layer.activation.derivative(z)))


Bounds = Generator[tuple[str, float], None, Bound]
"""Yields (name, bound) of a layer's tensors, and returns the bound of the gradient for its input."""


def _dense_backward(passing: Passing, dz: Bound) -> Bounds:
    layer, x = passing.layer, passing.x
    yield f"{layer.name}.weight", float(np.linalg.norm(dz.error.T @ (x.size + x.error) + dz.size.T @ x.error))
    yield f"{layer.name}.bias", float(np.linalg.norm(dz.error.sum(axis=0)))
    weight = np.abs(layer.weight.astype(np.float64))
    return Bound(dz.size @ weight, dz.error @ weight)  # (m, n_in)


def _dropout_backward(passing: Passing, dz: Bound) -> Bounds:
    yield from ()
    scale = 1 / (1 - passing.layer.rate)
    return Bound(dz.size * scale, dz.error * scale)


def _norm_backward(passing: Passing, dz: Bound) -> Bounds:
    """Bound dx = γ/σ (dz − mean dz − x̂ mean(dz x̂)) term by term; in evaluation dx = γ/σ dz."""
    layer = passing.layer
    normal, off = np.abs(layer.normalised.astype(np.float64)), _error_of_normal(passing)
    products = dz.error * (normal + off) + dz.size * off
    yield f"{layer.name}.weight", float(np.linalg.norm(products.sum(axis=0)))
    yield f"{layer.name}.bias", float(np.linalg.norm(dz.error.sum(axis=0)))
    factor = np.abs(layer.weight * layer.factor).astype(np.float64)  # γ/σ
    size, error = dz.size, dz.error
    if layer.is_of_batch:
        along = (dz.size * normal).mean(0)
        size = size + dz.size.mean(0) + normal * along
        error = (
            error + dz.error.mean(0) + off * along + (normal + off) * products.mean(0) + passing.unit * size
        )
        centred = off / layer.factor
        error = error + size * _relative_error_of_factor(passing, centred)
    return Bound(size * factor, error * factor + passing.unit * size * factor)


_ERROR_OF_Z: dict[type[Layer], Callable[[Passing], Array]] = {
    Dense: _dense_error,
    Dropout: _dropout_error,
    BatchNorm: _norm_error,
}
_BACKWARD: dict[type[Layer], Callable[[Passing, Bound], Bounds]] = {
    Dense: _dense_backward,
    Dropout: _dropout_backward,
    BatchNorm: _norm_backward,
}
