"""The engine of nnterm: a neural network written from scratch in NumPy, its training, runs and gradient checks.

Names are imported on first access, so that `import engine` is fast and does not import torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.data import Data, load_data
    from engine.errors import (
        CheckpointError,
        DataError,
        DeviceError,
        ExperimentError,
        NntermError,
        RunError,
    )
    from engine.experiment.experiment import Experiment
    from engine.glassbox import explain
    from engine.gradcheck import check_gradients
    from engine.nn.network import Network
    from engine.runs import Run
    from engine.storage.weights import load_network, save_network
    from engine.torch import check_trajectory, verify_with_torch
    from engine.training.trainer import Trainer

_HOMES = {
    "CheckpointError": "engine.errors",
    "Data": "engine.data",
    "DataError": "engine.errors",
    "DeviceError": "engine.errors",
    "Experiment": "engine.experiment.experiment",
    "ExperimentError": "engine.errors",
    "Network": "engine.nn.network",
    "NntermError": "engine.errors",
    "Run": "engine.runs",
    "RunError": "engine.errors",
    "Trainer": "engine.training.trainer",
    "check_gradients": "engine.gradcheck",
    "check_trajectory": "engine.torch",
    "explain": "engine.glassbox",
    "load_data": "engine.data",
    "load_network": "engine.storage.weights",
    "save_network": "engine.storage.weights",
    "verify_with_torch": "engine.torch",
}

__all__ = [
    "CheckpointError",
    "Data",
    "DataError",
    "DeviceError",
    "Experiment",
    "ExperimentError",
    "Network",
    "NntermError",
    "Run",
    "RunError",
    "Trainer",
    "check_gradients",
    "check_trajectory",
    "explain",
    "load_data",
    "load_network",
    "save_network",
    "verify_with_torch",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
