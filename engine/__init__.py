"""nnterm's engine: a neural network written from scratch in NumPy, its trainer, runs and proofs.

Names load on first use, so that `import engine` stays light and never brings torch.
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
    from engine.experiment import Experiment
    from engine.glassbox import explain
    from engine.gradcheck import check_gradients
    from engine.numpy_network import Network
    from engine.runs import Run
    from engine.torch import check_trajectory, verify_with_torch
    from engine.trainer import Trainer
    from engine.weights import load_network, save_network

_HOMES = {
    "CheckpointError": "engine.errors",
    "Data": "engine.data",
    "DataError": "engine.errors",
    "DeviceError": "engine.errors",
    "Experiment": "engine.experiment",
    "ExperimentError": "engine.errors",
    "Network": "engine.numpy_network",
    "NntermError": "engine.errors",
    "Run": "engine.runs",
    "RunError": "engine.errors",
    "Trainer": "engine.trainer",
    "check_gradients": "engine.gradcheck",
    "check_trajectory": "engine.torch",
    "explain": "engine.glassbox",
    "load_data": "engine.data",
    "load_network": "engine.weights",
    "save_network": "engine.weights",
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
