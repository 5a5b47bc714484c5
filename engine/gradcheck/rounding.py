"""How far rounding alone can move a gradient: what two right programs may differ by.

Two implementations of a saturated or badly scaled network differ by more than a fixed tolerance, and a unit at
its kink may fall on either side. The bound follows the backward pass with absolute values, as a running error
analysis does. Source: Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 3.3.
"""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.gradcheck.report import INPUT
from engine.layers import Dense
from engine.numpy_network import Network

SAFETY = 8.0
"""Units of rounding that one result may be off by."""


def rounding_bounds(network: Network, x: Array, targets: Array) -> dict[str, float]:
    """Return by tensor a bound on the norm of the difference that rounding in the network's dtype explains.

    Args:
        network: any; its dtype sets the precision.
        x: (m, n_features).
        targets: (m, n_outputs).
    """
    with np.errstate(all="ignore"):
        return dict(_bounds(network, x, targets))


def _bounds(network: Network, x: Array, targets: Array) -> Iterator[tuple[str, float]]:
    unit = SAFETY * float(np.finfo(network.dtype).eps)
    network.forward(x)
    outputs = [np.abs(layer.output.astype(np.float64)) for layer in network.layers]
    inputs = [np.abs(x.astype(np.float64)), *outputs[:-1]]  # |a| that enters each layer, (m, n_in)
    last = network.layers[-1]
    m = len(x)
    flow = (
        2 * (1 + np.abs(last.pre_activation) + np.abs(targets)) / m
    )  # at least |dL/d scores|, (m, n_outputs)
    error = flow * _factor_error(last, inputs[-1], unit)
    for layer, a in zip(reversed(network.layers), reversed(inputs), strict=True):
        if layer is not last or not network.scores_are_logits:
            slope, slope_error = _slope(layer), _factor_error(layer, a, unit)
            flow, error = flow * slope, error * slope + flow * slope_error
        total = error + unit * flow  # of dz, and of the products that follow
        yield f"{layer.name}.weight", float(np.linalg.norm(total.T @ a))
        yield f"{layer.name}.bias", float(np.linalg.norm(total.sum(axis=0)))
        weight = np.abs(layer.weight.astype(np.float64))
        flow, error = flow @ weight, total @ weight  # (m, n_in)
    yield INPUT, float(np.linalg.norm(error))


def _factor_error(layer: Dense, a: Array, unit: float) -> Array:
    """How far f'(z) may be off by rounding, (m, n_out); 1 where z may lie on either side of its kink."""
    size: Array = 1 + a @ np.abs(layer.weight.T) + np.abs(layer.bias)  # at least |z|
    error = unit * size
    if layer.activation.kinks(layer.pre_activation) is None:
        return error
    return np.where(np.abs(layer.pre_activation) <= error, 1.0, error)


def _slope(layer: Dense) -> Array:
    """|f'(z)|, (m, n_out); for an activation over the whole row, what its Jacobian is at most."""
    z = layer.pre_activation.astype(np.float64)
    return np.ones_like(z) if layer.activation.name == "softmax" else np.abs(layer.activation.derivative(z))
