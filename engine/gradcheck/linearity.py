"""The test that a layer's backward pass is linear in the gradient from above, as every derivative is."""

import numpy as np

from engine.arrays import Array
from engine.gradcheck.kind_stage import homogeneous
from engine.nn.layers import Layer

NOT_LINEAR = "not linear in the gradient from above: its sign or size decides what passes"
"""The words for guided backpropagation and the like."""
ADDED = "wrong: a part of it does not depend on the gradient from above, as that of a decay"
Gradients = list[tuple[str, Array, Array]]
"""(name, values, gradient) of each tensor of a layer, and of its input."""


def not_linear(layer: Layer, batches: tuple[Array, Array], weights: Array, gradients: Gradients) -> str:
    """Return the words for a backward pass that is not linear in the gradient from above; "" if it is."""
    flipped, without = (_taken(layer, batches, factor * weights) for factor in (-1.0, 0.0))
    for (_, _, gradient), other, rest in zip(gradients, flipped, without, strict=False):
        if rest.any():
            return ADDED
        if not np.allclose(other, -gradient, rtol=1e-9, atol=1e-12):
            return NOT_LINEAR
    return ""


def _taken(layer: Layer, batches: tuple[Array, Array], weights: Array) -> list[Array]:
    """Return copies of the gradients of the last of some batches for a gradient from above, its input's last."""
    dx = None
    for x in batches:
        layer.forward(homogeneous(x))
        dx = layer.backward(weights.copy(), True)
    return [gradient.copy() for _, _, gradient in layer.parameters()] + ([] if dx is None else [dx.copy()])
