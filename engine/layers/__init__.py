"""Layers: each a `forward(x)` and a `backward(gradient)` over views of the network's vectors."""

from engine.layers.base import Layer, PerBatchSize, Place, Size
from engine.layers.batchnorm import BatchNorm
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.mode import Mode
from engine.layers.registry import LAYERS, build_layers, sizes_of

__all__ = [
    "LAYERS",
    "BatchNorm",
    "Dense",
    "Dropout",
    "Layer",
    "Mode",
    "PerBatchSize",
    "Place",
    "Size",
    "build_layers",
    "sizes_of",
]
