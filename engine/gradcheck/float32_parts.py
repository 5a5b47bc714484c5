"""The network's own code in float32 compared with the same code in float64, part by part and as a whole.

A training computes in float32 by default, and differences and PyTorch look at float64. A fault that is only in float32
shows between the two: the loss, each layer alone at values of size 1, where rounding is small, and all gradients.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.gradcheck.analytic import norm_ratio, take_gradients
from engine.gradcheck.in_float64 import in_float64
from engine.gradcheck.kind_stage import homogeneous
from engine.gradcheck.modes import in_mode, modes_of
from engine.gradcheck.report import INPUT, Fault
from engine.gradcheck.rounding import LOSS, layers_without_analysis, rounding_bounds
from engine.gradcheck.tensors import gradients_by_name, tensors_of
from engine.nn.layers import Mode
from engine.nn.network import Network

TOLERANCE = 1e-5
"""Largest norm ratio of float32 and float64 that passes without a bound; correct code stays below 3.2e-7."""
TOLERANCE_UNBOUND = 1e-2
"""The same for a network with a layer whose rounding has no analysis: a sum that cancels loses three digits and more."""
TOLERANCE_ALONE = 3e-5
"""The same for a part alone, whose random values may cancel."""
ROWS = 16
"""Samples in the batch of a part alone."""


def float32_faults(network: Network, x: Array, targets: Array, seed: int) -> Iterator[Fault]:
    """Yield the faults that the code has in float32 alone, those of single parts first.

    Args:
        network: as it trains; nothing is looked at unless it does in float32. Unchanged afterwards.
        x: (m, n_features), float64.
        targets: (m, n_outputs), float64.
        seed: of the random values of the parts.
    """
    if network.dtype != np.float32:
        return
    parts = list(_parts_alone(network, seed))
    yield from parts
    if not parts:
        yield from _whole(network, x.astype(np.float32), targets.astype(np.float32))


def _parts_alone(network: Network, seed: int) -> Iterator[Fault]:
    for i, layer in reversed([*enumerate(network.layers)]):
        exact = _of_layer(network, i, "float64", seed, None)
        rough = _of_layer(network, i, "float32", seed, None)
        same = _same_sides(exact, rough)
        exact, rough = (_of_layer(network, i, dtype, seed, same) for dtype in ("float64", "float32"))
        for name, values in rough.items():
            ratio = norm_ratio(values, exact[name])
            if name != SIDES and not ratio <= TOLERANCE_ALONE:
                yield Fault(layer.name, _words(f"{layer.name}: {name}", ratio))
                break


SIDES = "sides"
"""Key of the sides of a layer's kinks."""
Values = dict[str, Array]


def _same_sides(exact: Values, rough: Values) -> NDArray[np.bool_]:
    """Return where both are on the same side of each kink, (ROWS, n_out)."""
    if SIDES in exact:
        same: NDArray[np.bool_] = exact[SIDES] == rough[SIDES]
        return same
    return np.ones(exact["its output"].shape, bool)


def _of_layer(
    network: Network, index: int, dtype: str, seed: int, counts: NDArray[np.bool_] | None
) -> Values:
    """Return what a layer alone computes in `dtype` at random values, in float64; values where not `counts` are 0."""
    with in_float64(network, dtype) as borrowed, np.errstate(all="ignore"):
        layer, rng = borrowed.layers[index], np.random.default_rng([seed, index])
        layer.mode = Mode.TRIAL
        for _, view, _ in layer.parameters():
            view[...] = _rounded(
                rng.normal(0, 1 / np.sqrt(view.shape[-1] if view.ndim > 1 else 1), view.shape)
            )
        x = homogeneous(_rounded(rng.normal(size=(ROWS, layer.n_in)))).astype(dtype)
        weights = _rounded(rng.normal(size=(ROWS, layer.n_out))).astype(dtype)
        if counts is not None:
            weights *= counts
        layer.forward(x)
        found = {"its output": layer.output * (1 if counts is None else counts)}
        sides = layer.kink_sides()
        found |= {} if sides is None else {SIDES: sides}
        dx = layer.backward(weights, True)
        found |= {f"the gradient for {name}": gradient for name, _, gradient in layer.parameters()}
        found |= {} if dx is None else {"the gradient for its input": dx}
        return {name: values.astype(np.float64) for name, values in found.items()}


def _rounded(values: Array) -> Array:
    """Return float64 values that float32 has exactly."""
    return values.astype(np.float32).astype(np.float64)


def _whole(network: Network, x: Array, targets: Array) -> Iterator[Fault]:
    """Compare all gradients; the first fault, nearest to the output."""
    tolerance = TOLERANCE_UNBOUND if layers_without_analysis(network) else TOLERANCE
    for mode in modes_of(network):
        exact, z = _gradients(network, "float64", x, targets, mode)
        rough, _ = _gradients(network, "float32", x, targets, mode)
        with in_float64(network, "float32") as borrowed, in_mode(borrowed, mode):
            bounds = rounding_bounds(borrowed, x, targets, z)
        for name in reversed(rough):
            ratio = norm_ratio(rough[name], exact[name])
            off = float(np.linalg.norm(rough[name] - exact[name]))
            if not ratio <= tolerance and not off <= bounds[name]:
                culprit = name.rpartition(".")[0] or (LOSS if name == LOSS else network.layers[0].name)
                what = "the loss" if name == LOSS else f"the gradient for {name}"
                yield Fault(culprit, _words(what, ratio) + (f" in {mode} mode" if mode else ""))
                return


def _gradients(
    network: Network, dtype: str, x: Array, targets: Array, mode: str
) -> tuple[dict[str, Array], list[Array]]:
    """Return the gradients by tensor, of the input and the loss, in float64, and each layer's pre-activations."""
    with in_float64(network, "float64") as borrowed:
        tensors = tensors_of(borrowed)
    with in_float64(network, dtype) as borrowed, in_mode(borrowed, mode):
        taken = take_gradients(borrowed, x.astype(dtype), targets.astype(dtype))
        with np.errstate(all="ignore"):
            borrowed.outputs(borrowed.as_rows(x))
        z: list[Array] = [layer.pre_activation.astype(np.float64) for layer in borrowed.layers]
    found = {INPUT: taken.input_gradient} | gradients_by_name(tensors, taken.gradient)
    found[LOSS] = np.array([taken.loss])
    return {name: values.astype(np.float64) for name, values in found.items()}, z


def _words(what: str, ratio: float) -> str:
    size = "is not finite" if np.isnan(ratio) else f"is off by {ratio:.1e} (norm ratio)"
    return f"in float32, in which this network trains, {what} {size}; in float64 it is right"
