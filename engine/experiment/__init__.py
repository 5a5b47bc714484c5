"""The experiment file: typed sections, defaults, validation, overrides and presets.

`Experiment` is imported on first access, so that the modules that need no NumPy do not load it.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment

__all__ = ["Experiment"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(importlib.import_module("engine.experiment.experiment"), name)
    raise AttributeError(f"module 'engine.experiment' has no attribute {name!r}")
