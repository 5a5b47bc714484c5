"""The kinds of layers, and the layers of a network.

A new kind is a file with its section and its class, and an entry in `LAYERS`.
"""

from collections.abc import Iterator

from engine.errors import ExperimentError, Problem
from engine.nn.layers.base import Layer, LayerPlace, Size
from engine.nn.layers.batchnorm import BatchNorm
from engine.nn.layers.dense import Dense
from engine.nn.layers.dropout import Dropout
from engine.nn.specs import DenseSpec, LayerSpec, NetworkSpec
from engine.words import counted

LAYERS: dict[str, type[Layer]] = {layer.spec_type.kind(): layer for layer in (Dense, BatchNorm, Dropout)}
"""The class of each kind by its `type` in the experiment file."""


def layer_specs() -> dict[str, type[LayerSpec]]:
    """Return the section of each kind by its `type` in the experiment file."""
    return {kind: layer.spec_type for kind, layer in LAYERS.items()}


def build_layers(network: NetworkSpec, n_features: int, seed: int) -> tuple[list[Layer], Dense]:
    """Return all layers of a network and its last layer; their parameters are not bound yet.

    Raises:
        ExperimentError: a layer has no units, or the last one is not dense.
    """
    layers: list[Layer] = []
    n_in = n_features
    for i, spec in enumerate(network.layers):
        if isinstance(spec, DenseSpec) and spec.units < 1:
            key = f"network.layers[{i}].units"
            problem = Problem(key, f"{key} = {spec.units}: a layer needs at least 1 unit", "", {key: 16})
            raise ExperimentError([problem])
        layers.append(LAYERS[spec.kind()].build(spec, LayerPlace(i, n_in, seed)))
        n_in = layers[-1].n_out
    last = layers[-1]
    if not isinstance(last, Dense):
        key = f"network.layers[{len(layers) - 1}]"
        raise ExperimentError([Problem(key, f"{key}: the last layer must be dense", "add a dense layer")])
    return layers, last


def sizes_of(network: NetworkSpec, n_features: int) -> Iterator[tuple[int, Size]]:
    """Yield (number of inputs, sizes) of each layer, without building it.

    Raises:
        ExperimentError: a layer other than a dense one, which has a check of its own, has no outputs.
    """
    n_in = n_features
    for i, spec in enumerate(network.layers):
        size = LAYERS[spec.kind()].size_of(spec, n_in)
        if size.n_out < 1 and not isinstance(spec, DenseSpec):
            key = f"network.layers[{i}]"
            reason = f"{key}: a {spec.kind()} layer with {counted(n_in, 'input')} has no outputs"
            raise ExperimentError([Problem(f"{key}.type", reason, "remove it, or widen the previous layer")])
        yield n_in, size
        n_in = size.n_out
