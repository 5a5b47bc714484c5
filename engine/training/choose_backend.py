"""The back end that an experiment asks for, imported by name when it is first needed."""

import importlib

from engine.data import Data
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.training.backends import Backend


def make_backend(experiment: Experiment, network: Network, data: Data, batch_size: int) -> Backend:
    """Return what computes the training of `network`, as `training.backend` and `training.device` say.

    Raises:
        DeviceError: the device is not here, or PyTorch is not installed.
    """
    if experiment.training.backend == "torch":
        # by name: the core stands below engine.torch, which is loaded for those alone who ask for it
        backend: Backend = importlib.import_module("engine.torch.backend").make_backend(
            experiment, network, data, batch_size
        )
        return backend
    from engine.training.numpy_backend import NumpyBackend

    return NumpyBackend(experiment, network, data, batch_size)
