"""The experiment file: typed sections, defaults, validation, overrides and presets.

The public names load on first use, so that modules free of NumPy can be imported from here without it.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.data.spec import DataSpec
    from engine.experiment.experiment import Experiment, problems, with_overrides
    from engine.experiment.specs import CheckpointSpec, TrainingSpec
    from engine.nn.specs import NetworkSpec

_HOMES = {
    "CheckpointSpec": "engine.experiment.specs",
    "DataSpec": "engine.data.spec",
    "Experiment": "engine.experiment.experiment",
    "NetworkSpec": "engine.nn.specs",
    "TrainingSpec": "engine.experiment.specs",
    "problems": "engine.experiment.experiment",
    "with_overrides": "engine.experiment.experiment",
}

__all__ = [
    "CheckpointSpec",
    "DataSpec",
    "Experiment",
    "NetworkSpec",
    "TrainingSpec",
    "problems",
    "with_overrides",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'engine.experiment' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
