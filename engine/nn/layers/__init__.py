"""Layers: `forward(x)` and `backward(gradient)` on views of the network's vectors."""

from engine.nn.layers.base import Layer, LayerPlace, PerBatchSize, Size
from engine.nn.layers.batchnorm import BatchNorm
from engine.nn.layers.dense import Dense
from engine.nn.layers.dropout import Dropout
from engine.nn.layers.mode import Mode
from engine.nn.layers.registry import LAYERS, build_layers, layer_specs, sizes_of

__all__ = [
    "LAYERS",
    "BatchNorm",
    "Dense",
    "Dropout",
    "Layer",
    "LayerPlace",
    "Mode",
    "PerBatchSize",
    "Size",
    "build_layers",
    "layer_specs",
    "sizes_of",
]
