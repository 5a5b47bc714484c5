"""The known bugs as functions: each replaces methods of one network object and returns the name of the spoilt part.

An empty name: the network lacks the part. Classes and weights do not change.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.nn.layers import BatchNorm, Dense, Dropout, Layer
from engine.nn.loss import Loss
from engine.nn.network import Network

Spoil = Callable[[Dense, Array, Array | None], Array | None]
"""Spoils the gradients of a dense layer after its backward pass, given dz and dx; returns the dx to pass on."""


def _dense_layers(network: Network) -> list[Dense]:
    return [layer for layer in network.layers if isinstance(layer, Dense)]


def middle(network: Network) -> Dense | None:
    """Return the dense layer in the middle of those that have a layer below them; None: there is none."""
    above = [layer for layer in _dense_layers(network) if layer is not network.layers[0]]
    return above[len(above) // 2] if above else None


def largest(network: Network) -> Dense | None:
    """Return the dense layer with the largest weight matrix of at least two rows and columns."""
    wide = [layer for layer in _dense_layers(network) if min(layer.n_in, layer.n_out) > 1]
    return max(wide, key=lambda layer: layer.weight.size, default=None)


def spoilt(choose: Callable[[Network], Dense | None], spoil: Spoil) -> Callable[[Network], str]:
    """Return a function that plants `spoil` in the chosen dense layer."""

    def plant(network: Network) -> str:
        layer = choose(network)
        if layer is None:
            return ""
        right = layer.affine_backward

        def affine_backward(dz: Array, wants_input_gradient: bool) -> Array | None:
            dx = right(dz, wants_input_gradient)
            return spoil(layer, dz, dx)

        _replace(layer, "affine_backward", affine_backward)
        return layer.name

    return plant


def _replace(owner: object, name: str, value: object) -> None:
    vars(owner)[name] = value


def negated(layer: Dense, dz: Array, dx: Array | None) -> Array | None:
    """Negate dx."""
    return None if dx is None else -dx


def transposed(layer: Dense, dz: Array, dx: Array | None) -> Array | None:
    """Transpose the weight gradient, keeping its shape."""
    layer.weight_grad[...] = layer.weight_grad.T.copy().reshape(layer.weight_grad.shape)
    return dx


def first_sample_bias(layer: Dense, dz: Array, dx: Array | None) -> Array | None:
    """Take the bias gradient from the first sample alone."""
    layer.bias_grad[...] = dz[0]
    return dx


def unit_left_out(layer: Dense, dz: Array, dx: Array | None) -> Array | None:
    """Set the weight gradient of the unit with the largest to 0."""
    sizes = np.abs(layer.weight_grad).sum(axis=1)
    layer.weight_grad[int(sizes.argmax())] = 0
    return dx


def without_derivative(network: Network) -> str:
    """Leave out the derivative of a hidden activation."""
    bent = [layer for layer in _dense_layers(network)[:-1] if not layer.activation.is_linear]
    if not bent:
        return ""
    layer = bent[len(bent) // 2]
    _replace(layer, "backward", layer.affine_backward)
    return layer.name


class _SummedLoss:
    """A loss whose gradient lacks the division by the batch size; everything else is that of `right`."""

    def __init__(self, right: Loss) -> None:
        self._right = right

    def __getattr__(self, name: str) -> Any:
        return getattr(self._right, name)

    def differentiate(
        self, scores: Array, targets: Array, gradient: Array, scale: float, scratch: Any
    ) -> Any:
        term = self._right.differentiate(scores, targets, gradient, scale, scratch)
        gradient *= len(gradient)
        return term

    def value_and_gradient(self, scores: Array, targets: Array, gradient: Array, scale: float) -> float:
        value = self._right.value_and_gradient(scores, targets, gradient, scale)
        gradient *= len(gradient)
        return value


def without_mean(network: Network) -> str:
    """Leave out the division by the batch size in the loss."""
    _replace(network, "loss", _SummedLoss(network.loss))
    return "loss"


def _first(network: Network, kind: type[Layer]) -> Any:
    """Return the first layer of a kind that has a layer below it, None without one."""
    return next((layer for layer in network.layers[1:] if isinstance(layer, kind)), None)


def without_mask(network: Network) -> str:
    """Pass the gradient through a dropout layer unmasked."""
    layer = _first(network, Dropout)
    if layer is None:
        return ""
    _replace(layer, "backward", lambda gradient, wants_input_gradient: gradient)
    return str(layer.name)


def without_batch_mean(network: Network) -> str:
    """Leave out the mean term of a batch normalisation."""
    layer = _first(network, BatchNorm)
    if layer is None:
        return ""
    right = layer.normal_backward

    def normal_backward(dz: Array, wants_input_gradient: bool) -> Array | None:
        mean = dz.mean(axis=0)
        dx: Array | None = right(dz, wants_input_gradient)
        return dx if dx is None or not layer.is_of_batch else dx + layer.weight * layer.factor * mean

    _replace(layer, "normal_backward", normal_backward)
    return str(layer.name)


def one_mask_per_batch(network: Network) -> str:
    """Let a dropout layer drop the same units in every sample of a batch."""
    layer = _first(network, Dropout)
    if layer is None or not layer.rate:
        return ""
    right = layer.mask
    _replace(layer, "mask", lambda step, m: np.repeat(right(step, 1), m, axis=0))
    return str(layer.name)


def off_in_float32(network: Network) -> str:
    """Make a weight gradient too large by a thousandth in float32, in float64 leave it right."""
    layer = middle(network) or network.last
    if network.dtype != np.float32:
        return ""
    right = layer.affine_backward

    def affine_backward(dz: Array, wants_input_gradient: bool) -> Array | None:
        dx = right(dz, wants_input_gradient)
        if dz.dtype == np.float32:
            layer.weight_grad[...] *= 1.001
        return dx

    _replace(layer, "affine_backward", affine_backward)
    return layer.name
