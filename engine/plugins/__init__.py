"""Activations, losses, layers, optimizers, ... of your own: their base classes, `register`, and modules that load them.

A class decorated with `@register` is known by its name in this process. In others, the command line and the workers of
runs, it is known where the environment variable NNTERM_PLUGINS names its module. See docs/python.md.

Names load on first use: the experiment file needs the loading alone.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.data.generated import generated
    from engine.nn.activation import Activation, Scratch
    from engine.nn.initializer import Initializer
    from engine.nn.layers import Layer, LayerPlace, Size
    from engine.nn.loss import Loss, LossScratch
    from engine.nn.specs import LayerSpec
    from engine.optim.optimizer import Optimizer
    from engine.optim.schedule import Schedule
    from engine.plugins.loading import load_plugins
    from engine.plugins.registering import register

_HOMES = {
    "Activation": "engine.nn.activation",
    "Initializer": "engine.nn.initializer",
    "Layer": "engine.nn.layers",
    "LayerPlace": "engine.nn.layers",
    "LayerSpec": "engine.nn.specs",
    "Loss": "engine.nn.loss",
    "LossScratch": "engine.nn.loss",
    "Optimizer": "engine.optim.optimizer",
    "Schedule": "engine.optim.schedule",
    "Scratch": "engine.nn.activation",
    "Size": "engine.nn.layers",
    "generated": "engine.data.generated",
    "load_plugins": "engine.plugins.loading",
    "register": "engine.plugins.registering",
}

__all__ = [
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


def __dir__() -> list[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__"))]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'engine.plugins' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
