"""Manual edits of weights, on a copy of the network: the run is never changed."""

import math
from collections.abc import Sequence

import msgspec

from engine.arrays import Array
from engine.errors import NntermError
from engine.inspection.snapshot import NetworkSnapshot
from engine.nn.activations import Activation, Linear, Scratch
from engine.nn.layers import Layer
from engine.nn.network import Network


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One weight set to a value, or a whole unit disabled."""

    layer: int
    """Index among the layers that have units, counted from 0."""
    unit: int
    input: int | None = None
    """Index of the unit's weight; the number of weights means its bias; None: disable the unit."""
    value: float = 0.0

    @property
    def silences(self) -> bool:
        """True if the unit is silenced: weights, bias and activation are 0."""
        return self.input is None


class Muted(Activation, frozen=True):
    """Another activation, with output 0 for some units."""

    inner: Activation = Linear()
    units: tuple[int, ...] = ()

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        self.inner.forward(z, out, scratch)
        out[:, list(self.units)] = 0

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        self.inner.backward(gradient, z, a, scratch)
        gradient[:, list(self.units)] = 0


def layers_with_units(network: Network) -> list[Layer]:
    """Return the layers whose units have weights and a bias of their own, in order."""
    return [layer for layer in network.layers if _has_units(layer)]


def _has_units(layer: Layer) -> bool:
    """Return True if a layer has two parameters with one row per unit."""
    lengths = [len(view) for _, view, _ in layer.parameters()]
    return lengths == [layer.n_out, layer.n_out]


def weights_of(layer: Layer) -> tuple[Array, Array]:
    """Return views of a layer's weights, (n_out, n), one row per unit, and of its biases, (n_out,)."""
    weight, bias = (view for _, view, _ in layer.parameters())
    return (weight if weight.ndim > 1 else weight[:, None]), bias


def find_unit(network: Network, layer: int, unit: int) -> Layer:
    """Return the layer that has a unit.

    Raises:
        NntermError: there is no such layer, or no such unit in it.
    """
    layers = layers_with_units(network)
    _check(layer, len(layers), "layer with units")
    _check(unit, layers[layer].n_out, f"unit in {layers[layer].name}")
    return layers[layer]


def edited(snapshot: NetworkSnapshot, edits: Sequence[Edit]) -> NetworkSnapshot:
    """Return a snapshot of a copy of the network with all edits made, cached; `snapshot` itself if there are none.

    Raises:
        NntermError: an edit names a weight that does not exist, or a value that is not finite.
    """
    if not edits:
        return snapshot
    cached: tuple[tuple[Edit, ...], NetworkSnapshot] | None = snapshot.cache.get("edited")
    if cached is None or cached[0] != tuple(edits):
        network = snapshot.network.copy()
        for edit in edits:
            _make(network, edit)
        cached = snapshot.cache["edited"] = (tuple(edits), snapshot.with_network(network))
    return cached[1]


def _make(network: Network, edit: Edit) -> None:
    layer = find_unit(network, edit.layer, edit.unit)
    weight, bias = weights_of(layer)
    if edit.input is None:
        weight[edit.unit], bias[edit.unit] = 0, 0
        _mute(layer, edit.unit)
        return
    _check(edit.input, weight.shape[1] + 1, f"weight of unit {edit.unit} in {layer.name}")
    if not math.isfinite(edit.value):
        raise NntermError(f"{edit.value} is no weight: it takes a finite number")
    if edit.input == weight.shape[1]:
        bias[edit.unit] = edit.value
    else:
        weight[edit.unit, edit.input] = edit.value


def _mute(layer: Layer, unit: int) -> None:
    """Hold a unit's activation at 0; a softmax gets a logit of 0 instead, since its outputs must sum to 1."""
    activation = layer.activation
    if isinstance(activation, Muted):
        layer.activation = Muted(inner=activation.inner, units=(*activation.units, unit))
    elif activation.is_elementwise:
        layer.activation = Muted(inner=activation, units=(unit,))


def _check(position: int, count: int, what: str) -> None:
    if not 0 <= position < count:
        raise NntermError(
            f"there is no {what} with number {position}; they are numbered from 0 to {count - 1:,}"
        )
