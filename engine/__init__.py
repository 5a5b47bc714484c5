"""The engine of nnterm: a neural network written from scratch in NumPy, its training, runs and gradient checks.

    experiment = engine.Experiment.quick("mnist", layers=[128, 64])
    data = engine.load_data(experiment.data)
    network = engine.Network.of(experiment, data)
    for event in engine.Trainer(experiment, network, data):
        print(event)

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
    from engine.events import (
        Checkpoint,
        Command,
        Epoch,
        Event,
        Failed,
        Finding,
        Finished,
        Layers,
        Started,
        Steps,
    )
    from engine.experiment.experiment import Experiment
    from engine.glassbox import explain
    from engine.gradcheck.functions.checker import check_function
    from engine.nn.network import Network
    from engine.proof.subjects import check_gradients
    from engine.runs import Run
    from engine.storage.weights import load_network, save_network
    from engine.torch import check_trajectory, verify_with_torch
    from engine.training.curves import curves
    from engine.training.trainer import Trainer

    __version__: str

_NAMES = {
    "engine.data": ("Data", "load_data"),
    "engine.errors": (
        "CheckpointError",
        "DataError",
        "DeviceError",
        "ExperimentError",
        "NntermError",
        "RunError",
    ),
    "engine.events": (
        "Checkpoint",
        "Command",
        "Epoch",
        "Event",
        "Failed",
        "Finding",
        "Finished",
        "Layers",
        "Started",
        "Steps",
    ),
    "engine.experiment.experiment": ("Experiment",),
    "engine.glassbox": ("explain",),
    "engine.gradcheck.functions.checker": ("check_function",),
    "engine.nn.network": ("Network",),
    "engine.proof.subjects": ("check_gradients",),
    "engine.runs": ("Run",),
    "engine.storage.weights": ("load_network", "save_network"),
    "engine.torch": ("check_trajectory", "verify_with_torch"),
    "engine.training.curves": ("curves",),
    "engine.training.trainer": ("Trainer",),
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "Command",
    "Data",
    "DataError",
    "DeviceError",
    "Epoch",
    "Event",
    "Experiment",
    "ExperimentError",
    "Failed",
    "Finding",
    "Finished",
    "Layers",
    "Network",
    "NntermError",
    "Run",
    "RunError",
    "Started",
    "Steps",
    "Trainer",
    "check_function",
    "check_gradients",
    "check_trajectory",
    "curves",
    "explain",
    "load_data",
    "load_network",
    "save_network",
    "verify_with_torch",
]


def __dir__() -> list[str]:
    return [*sorted(_HOMES), "__version__", *(name for name in globals() if name.startswith("__"))]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("nnterm")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
