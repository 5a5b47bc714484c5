"""The experiment file: typed sections, defaults, validation, overrides and presets.

`Experiment` loads on first use, so that modules free of NumPy can be imported from here without it.
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
