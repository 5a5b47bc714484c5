"""Bugs to plant in the real backpropagation: in a layer, an activation or a loss, by name."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from engine.arrays import Array
from engine.nn.activations import (
    Activation,
    ExponentialActivation,
    Gelu,
    LeakyRelu,
    Relu,
    Scratch,
    Sigmoid,
    Tanh,
)
from engine.nn.layers import Dense
from engine.nn.loss import Loss, LossScratch
from engine.nn.losses import BinaryCrossEntropy, CrossEntropy, Hinge, Huber, Mae, Mse

Patch = pytest.MonkeyPatch
Spoil = Callable[[Dense, Array | None], Array | None]
"""Changes a layer's gradients after its backward; takes and returns the gradient for its input."""


def spoil_layer(monkeypatch: Patch, name: str, spoil: Spoil) -> None:
    """Plant a bug in the backward pass of one layer, including the fused last one."""
    right = Dense.affine_backward

    def wrong(self: Dense, dz: Array, wants_input_gradient: bool) -> Array | None:
        dx = right(self, dz, wants_input_gradient)
        return spoil(self, dx) if self.name == name else dx

    monkeypatch.setattr(Dense, "affine_backward", wrong)


def scale_weight(factor: float, layer: Dense, dx: Array | None) -> Array | None:
    layer.weight_grad[...] *= factor
    return dx


def scale_bias(factor: float, layer: Dense, dx: Array | None) -> Array | None:
    layer.bias_grad[...] *= factor
    return dx


def scale_input(factor: float, layer: Dense, dx: Array | None) -> Array | None:
    return None if dx is None else factor * dx


def transpose_weight(layer: Dense, dx: Array | None) -> Array | None:
    layer.weight_grad[...] = layer.weight_grad.T.copy()
    return dx


def reshape_weight(layer: Dense, dx: Array | None) -> Array | None:
    layer.weight_grad[...] = layer.weight_grad.T.copy().reshape(layer.weight_grad.shape)
    return dx


def forget_one_unit(layer: Dense, dx: Array | None) -> Array | None:
    layer.weight_grad[1] = 0
    return dx


def forget_one_weight(layer: Dense, dx: Array | None) -> Array | None:
    layer.weight_grad[1, 2] = 0
    return dx


def shift_bias(layer: Dense, dx: Array | None) -> Array | None:
    layer.bias_grad[...] = np.roll(layer.bias_grad, 1)
    return dx


def average_bias(layer: Dense, dx: Array | None) -> Array | None:
    layer.bias_grad[...] = layer.bias_grad.mean()
    return dx


def decay_weight(layer: Dense, dx: Array | None) -> Array | None:
    layer.weight_grad[...] += 1e-3 * layer.weight
    return dx


def forget_last_sample(layer: Dense, dx: Array | None) -> Array | None:
    if dx is not None:
        dx[-1] = 0
    return dx


LAYER_BUGS: dict[str, Spoil] = {
    "weight: sign": partial(scale_weight, -1.0),
    "weight: off by a thousandth": partial(scale_weight, 1.001),
    "weight: never computed": partial(scale_weight, 0.0),
    "weight: transposed": transpose_weight,
    "weight: reshaped": reshape_weight,
    "weight: one unit forgotten": forget_one_unit,
    "weight: one weight forgotten": forget_one_weight,
    "weight: a decay that the loss does not have": decay_weight,
    "bias: sign": partial(scale_bias, -1.0),
    "bias: divided by the batch twice": partial(scale_bias, 1 / 8),
    "bias: forgotten": partial(scale_bias, 0.0),
    "bias: shifted by one": shift_bias,
    "bias: broadcast": average_bias,
    "input: sign": partial(scale_input, -1.0),
    "input: doubled": partial(scale_input, 2.0),
    "input: last sample dropped": forget_last_sample,
}


Derivative = Callable[[Array, Array], Array]
"""Returns a wrong f' for z and a."""

ACTIVATION_BUGS: dict[str, tuple[type[Activation], Derivative, str]] = {
    "relu: the other side": (Relu, lambda z, a: z < 0, ""),
    "relu: a leak": (Relu, lambda z, a: np.where(z > 0, 1.0, 0.01), "only for z < 0"),
    "relu: left out": (Relu, lambda z, a: np.ones_like(z), "left out"),
    "leaky relu: slope 0": (LeakyRelu, lambda z, a: z > 0, "only for z < 0"),
    "leaky relu: wrong slope": (LeakyRelu, lambda z, a: np.where(z > 0, 1.0, 0.02), "only for z < 0"),
    "tanh: not squared": (Tanh, lambda z, a: 1 - a, ""),
    "tanh: at the activation": (Tanh, lambda z, a: 1 - np.tanh(a) ** 2, "instead of at z"),
    "sigmoid: half of the product": (Sigmoid, lambda z, a: a, ""),
    "sigmoid: at the activation": (
        Sigmoid,
        lambda z, a: 1 / (2 + np.exp(a) + np.exp(-a)),
        "instead of at z",
    ),
    "exponential: at the activation": (ExponentialActivation, lambda z, a: np.exp(np.minimum(a, 9)), ""),
    "gelu: without the density": (Gelu, lambda z, a: np.where(z == 0, 0.5, a / z), ""),
}


def spoil_activation(monkeypatch: Patch, bug: str) -> Activation:
    """Plant a bug of `ACTIVATION_BUGS`, and return the activation that has it."""
    kind, derivative, _ = ACTIVATION_BUGS[bug]

    def wrong(self: Activation, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        gradient *= derivative(z, a)

    monkeypatch.setattr(kind, "backward", wrong)
    return kind()


LossGradient = Callable[[Array, Array, Array], Array]
"""Returns a wrong gradient for the right one, the scores and the targets."""

LOSS_BUGS: dict[str, tuple[Loss, LossGradient, str]] = {
    "cross-entropy: sign": (CrossEntropy(), lambda g, s, t: -g, "wrong sign"),
    "cross-entropy: sum for mean": (CrossEntropy(), lambda g, s, t: g * len(g), "mean over the batch"),
    "cross-entropy: divided by m twice": (CrossEntropy(), lambda g, s, t: g / len(g), "divided by m twice"),
    "cross-entropy: no target": (CrossEntropy(), lambda g, s, t: g + t / len(g), ""),
    "cross-entropy: classes off by one": (
        CrossEntropy(),
        lambda g, s, t: g + (t - np.roll(t, 1, axis=1)) / len(g),
        "",
    ),
    "cross-entropy: samples off by one": (
        CrossEntropy(),
        lambda g, s, t: g + (t - np.roll(t, 1, axis=0)) / len(g),
        "",
    ),
    "mse: without the 2": (Mse(), lambda g, s, t: g / 2, "factor 2"),
    "mse: sign": (Mse(), lambda g, s, t: -g, "wrong sign"),
    "mse: no mean over outputs": (Mse(), lambda g, s, t: g * g.shape[1], "number of outputs"),
    "mae: the error itself": (Mae(), lambda g, s, t: (s - t) / s.size, ""),
    "huber: not clipped": (Huber(delta=0.5), lambda g, s, t: (s - t) / s.size, ""),
    "huber: clipped to 1": (Huber(delta=3.0), lambda g, s, t: np.clip(s - t, -1, 1) / s.size, ""),
    "hinge: beyond the margin too": (Hinge(), lambda g, s, t: (1 - 2 * t) / s.size, ""),
    "binary: no mean at all": (BinaryCrossEntropy(), lambda g, s, t: g * g.size, "batch and outputs"),
    "binary: first sample dropped": (
        BinaryCrossEntropy(),
        lambda g, s, t: g * (np.arange(len(g)) > 0)[:, None],
        "",
    ),
}


def spoil_loss(monkeypatch: Patch, bug: str) -> Loss:
    """Plant a bug of `LOSS_BUGS`, and return the loss that has it."""
    loss, spoil, _ = LOSS_BUGS[bug]
    right = type(loss).differentiate

    def wrong(
        self: Loss, scores: Array, targets: Array, gradient: Array, scale: float, scratch: LossScratch
    ) -> object:
        term = right(self, scores, targets, gradient, scale, scratch)
        gradient[...] = spoil(gradient / scale, scores, targets) * scale
        return term

    monkeypatch.setattr(type(loss), "differentiate", wrong)
    return loss
