"""Activations, losses, layers, optimizers, ... of your own: their base classes, `register`, and files that load them.

A class decorated with `@register` is known by its name in this process. In others, the command line and the workers of
runs, it is known where the environment variable NNTERM_PLUGINS names its module. See docs/python.md.
"""

from engine.data.generated import generated
from engine.nn.activation import Activation, Scratch
from engine.nn.initializer import Initializer
from engine.nn.layers import Layer, LayerPlace, Size
from engine.nn.loss import Loss, LossScratch
from engine.nn.specs import LayerSpec
from engine.optim.optimizer import Optimizer
from engine.optim.schedule import Schedule
from engine.plugins.loading import VARIABLE, load_plugins
from engine.plugins.registering import register

__all__ = [
    "VARIABLE",
    "Activation",
    "Initializer",
    "Layer",
    "LayerPlace",
    "LayerSpec",
    "Loss",
    "LossScratch",
    "Optimizer",
    "Schedule",
    "Scratch",
    "Size",
    "generated",
    "load_plugins",
    "register",
]
