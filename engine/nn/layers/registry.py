"""Which layer belongs to which type of the experiment file: the one place where the kinds are told apart."""

from collections.abc import Iterator
from typing import Any

from engine.errors import ExperimentError, Problem
from engine.nn.layers.base import Layer, LayerPlace, Size
from engine.nn.layers.batchnorm import BatchNorm
from engine.nn.layers.dense import Dense
from engine.nn.layers.dropout import Dropout
from engine.nn.specs import BatchNormSpec, DenseSpec, DropoutSpec, NetworkSpec

LAYERS: dict[type[Any], type[Layer]] = {DenseSpec: Dense, DropoutSpec: Dropout, BatchNormSpec: BatchNorm}
"""The class of each kind, by its section of the experiment file."""


def build_layers(network: NetworkSpec, n_features: int, seed: int) -> tuple[list[Layer], Dense]:
    """Return all layers of a network, and the last one once more; their parameters are not there yet.

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
        layers.append(LAYERS[type(spec)].build(spec, LayerPlace(i, n_in, seed)))
        n_in = layers[-1].n_out
    last = layers[-1]
    if not isinstance(last, Dense):
        key = f"network.layers[{len(layers) - 1}]"
        raise ExperimentError([Problem(key, f"{key}: the last layer must be dense", "add a dense layer")])
    return layers, last


def sizes_of(network: NetworkSpec, n_features: int) -> Iterator[tuple[int, Size]]:
    """Yield for each layer its number of inputs and its numbers, without building anything."""
    n_in = n_features
    for spec in network.layers:
        size = LAYERS[type(spec)].size_of(spec, n_in)
        yield n_in, size
        n_in = size.n_out
