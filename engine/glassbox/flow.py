"""The values of a walk for its drawing: outputs and gradients of each layer, and the weights of a small network."""

import numpy as np

from engine.arrays import AnyArray, Array
from engine.glassbox.steps import LayerFlow, Values
from engine.nn.network import Network

UNITS_KEPT = 512
"""Largest number of a layer's values that are carried: the first ones."""
WEIGHTS_KEPT = 64
"""Largest number of weights of a layer that are carried; a larger layer's are left out."""
INPUTS_KEPT = 4_096
POINTS_KEPT = 300
"""Samples of two features that are carried as the surroundings of the walk's."""


def layer_flow(
    name: str, output: Array, gradient: Array | None, gradients: dict[str, Array], network: Network
) -> LayerFlow:
    """Return the values of one layer.

    Args:
        name: of the layer.
        output: (m, n).
        gradient: (m, n); None: not computed.
        gradients: of the layer's parameters, by full name.
        network: that is walked.
    """
    views = {known: view for known, view, _ in network.parameters()}
    weight, bias = views.get(f"{name}.weight"), views.get(f"{name}.bias")
    is_small = weight is not None and weight.ndim == 2 and weight.size <= WEIGHTS_KEPT
    return LayerFlow(
        name=name,
        outputs=_values(output[0]),
        gradients=() if gradient is None else _values(gradient[0]),
        weights=tuple(map(_values, weight)) if is_small and weight is not None else (),
        weight_gradients=tuple(map(_values, gradients[f"{name}.weight"])) if is_small else (),
        biases=_values(bias) if is_small and bias is not None else (),
    )


def input_values(x: Array) -> Values:
    """Return the first sample of x (m, n_features)."""
    return tuple(np.asarray(x[0][:INPUTS_KEPT], np.float64).tolist())


def surroundings(x: Array, y: AnyArray) -> tuple[tuple[float, float, int], ...]:
    """Return samples x (m, 2) with their classes, (m,) or of other shapes for values."""
    classes = y.astype(int) if y.ndim == 1 and y.dtype.kind in "iu" else np.zeros(len(x), int)
    return tuple((float(a), float(b), int(c)) for (a, b), c in zip(x, classes, strict=True))


def _values(row: Array) -> Values:
    return tuple(np.asarray(row[:UNITS_KEPT], np.float64).tolist())
