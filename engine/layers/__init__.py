"""Layers: each a `forward(x)` and a `backward(gradient)` over views of the network's two vectors."""

from engine.layers.base import Layer
from engine.layers.dense import Dense

__all__ = ["Dense", "Layer"]
