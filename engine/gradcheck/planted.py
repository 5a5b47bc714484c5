"""Known bugs that can be planted in the backward pass of one network object, to see how a gradient check finds them.

A new demonstration is one entry in `PLANTED`. A bug replaces methods of this network's layers only, and is removed when
the block of `planted` ends: neither classes nor weights change.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import Array
from engine.errors import NntermError, did_you_mean
from engine.nn.layers import BatchNorm, Dense, Dropout, Layer
from engine.nn.loss import Loss
from engine.nn.network import Network

Spoil = Callable[[Dense, Array, Array | None], Array | None]
"""Spoils the gradients of a dense layer after its backward pass, given dz and dx; returns the dx to pass on."""


class PlantedBug(NamedTuple):
    """A bug to plant."""

    name: str
    title: str
    right: str
    """The correct line."""
    wrong: str
    """The planted one."""
    reading: str
    """The pattern in the report from which the bug can be told."""
    plant: Callable[[Network], str]
    """Plants it in a network; returns the name of the spoilt part, or "" if the network has no such part."""
    needs: str
    """The part that a network needs for it, with its article."""


def _dense_layers(network: Network) -> list[Dense]:
    return [layer for layer in network.layers if isinstance(layer, Dense)]


def _middle(network: Network) -> Dense | None:
    """Return the dense layer in the middle of those that have a layer below them; None: there is none."""
    above = [layer for layer in _dense_layers(network) if layer is not network.layers[0]]
    return above[len(above) // 2] if above else None


def _largest(network: Network) -> Dense | None:
    """Return the dense layer with the largest weight matrix of at least two rows and columns."""
    wide = [layer for layer in _dense_layers(network) if min(layer.n_in, layer.n_out) > 1]
    return max(wide, key=lambda layer: layer.weight.size, default=None)


def _spoilt(choose: Callable[[Network], Dense | None], spoil: Spoil) -> Callable[[Network], str]:
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


def _negated(layer: Dense, dz: Array, dx: Array | None) -> Array | None:
    return None if dx is None else -dx


def _transposed(layer: Dense, dz: Array, dx: Array | None) -> Array | None:
    layer.weight_grad[...] = layer.weight_grad.T.copy().reshape(layer.weight_grad.shape)
    return dx


def _first_sample_bias(layer: Dense, dz: Array, dx: Array | None) -> Array | None:
    layer.bias_grad[...] = dz[0]
    return dx


def _unit_left_out(layer: Dense, dz: Array, dx: Array | None) -> Array | None:
    sizes = np.abs(layer.weight_grad).sum(axis=1)
    layer.weight_grad[int(sizes.argmax())] = 0
    return dx


def _without_derivative(network: Network) -> str:
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


def _without_mean(network: Network) -> str:
    _replace(network, "loss", _SummedLoss(network.loss))
    return "loss"


def _first(network: Network, kind: type[Layer]) -> Any:
    """Return the first layer of a kind that has a layer below it, None without one."""
    return next((layer for layer in network.layers[1:] if isinstance(layer, kind)), None)


def _without_mask(network: Network) -> str:
    layer = _first(network, Dropout)
    if layer is None:
        return ""
    _replace(layer, "backward", lambda gradient, wants_input_gradient: gradient)
    return str(layer.name)


def _without_batch_mean(network: Network) -> str:
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


_BELOW = "That layer's own tensors and all above agree; every tensor below it is wrong"
PLANTED: dict[str, PlantedBug] = {
    bug.name: bug
    for bug in (
        PlantedBug(
            "sign",
            "wrong sign in a layer's backward",
            "dx = dz W",
            "dx = −dz W",
            f"{_BELOW} by the factor −1: the error map of each is one even colour.",
            _spoilt(_middle, _negated),
            "a second dense layer",
        ),
        PlantedBug(
            "mean",
            "gradient not divided by the batch size",
            "∂L/∂z = (p − t) / m",
            "∂L/∂z = p − t",
            "Every tensor of the network is too large by the same factor, the number of samples: start at the loss.",
            _without_mean,
            "a loss",
        ),
        PlantedBug(
            "transposed",
            "weight gradient transposed",
            "dW = dzᵀ x",
            "dW = (dzᵀ x)ᵀ, reshaped",
            "One weight tensor alone is wrong, with right values at wrong places: its map is bright but for a few cells; "
            "the bias of the same layer and all other tensors agree.",
            _spoilt(_largest, _transposed),
            "a dense layer with several inputs and units",
        ),
        PlantedBug(
            "derivative",
            "activation derivative left out",
            "dz = da · f′(z)",
            "dz = da",
            "The layer and every tensor below it are wrong, unevenly: where f′(z) is near 1 the entries still agree. All "
            "layers above agree.",
            _without_derivative,
            "a hidden dense layer with an activation",
        ),
        PlantedBug(
            "bias",
            "bias gradient of the first sample only",
            "db = Σᵢ dz[i]",
            "db = dz[0]",
            "One bias alone is wrong; the weights of the same layer agree.",
            _spoilt(_middle, _first_sample_bias),
            "a second dense layer",
        ),
        PlantedBug(
            "unit",
            "one unit left out of the weight gradient",
            "dW[k] = Σᵢ dz[i,k] x[i] for every k",
            "dW[k] = 0 for one k",
            "One bright row in the map of one weight tensor: a row is a unit. A bright column would be an input.",
            _spoilt(_largest, _unit_left_out),
            "a dense layer with several inputs and units",
        ),
        PlantedBug(
            "dropout",
            "dropout mask missing in backward",
            "dx = dz · mask / (1 − rate)",
            "dx = dz",
            f"{_BELOW}, in training mode only: in evaluation mode dropout does nothing.",
            _without_mask,
            "a dropout layer",
        ),
        PlantedBug(
            "batchnorm",
            "mean term of batch normalisation missing",
            "dx = γ/σ (dz − mean dz − x̂ mean(dz x̂))",
            "dx = γ/σ (dz − x̂ mean(dz x̂))",
            f"{_BELOW}, in training mode only: in evaluation mode mean and variance are constants.",
            _without_batch_mean,
            "a batchnorm layer",
        ),
    )
}
"""The demonstrations by name."""


@contextmanager
def planted(network: Network, name: str) -> Iterator[tuple[PlantedBug, str]]:
    """Plant a bug in `network` within the block; yield it with the name of the spoilt part.

    Raises:
        NntermError: there is no such bug, or the network lacks the part that it needs.
    """
    bug = PLANTED.get(name)
    if bug is None:
        raise NntermError(f'there is no bug "{name}" to plant', did_you_mean(name, PLANTED))
    owners = (network, *network.layers)
    saved = [dict(vars(owner)) for owner in owners]
    try:
        part = bug.plant(network)
        if not part:
            raise NntermError(
                f'the bug "{name}" cannot be planted: the network lacks {bug.needs}',
                f"possible here: {', '.join(possible(network))}",
            )
        yield bug, part
    finally:
        for owner, attributes in zip(owners, saved, strict=True):
            vars(owner).clear()
            vars(owner).update(attributes)


def possible(network: Network) -> tuple[str, ...]:
    """Return the names of the bugs that can be planted in this network, which stays unchanged."""
    twin = network.copy()
    return tuple(name for name, bug in PLANTED.items() if bug.plant(twin))
