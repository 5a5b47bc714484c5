"""The choice of the back end, which is imported when it is first needed."""

import importlib

from engine.data import Data
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.training.backends import Backend


def make_backend(experiment: Experiment, network: Network, data: Data, batch_size: int) -> Backend:
    """Return the back end for `training.backend` and `training.device` of the experiment.

    Raises:
        DeviceError: the device is not available, or PyTorch is not installed.
    """
    if experiment.training.backend == "torch":
        # by name: engine.torch is a layer above, and is loaded only on request
        backend: Backend = importlib.import_module("engine.torch.backend").make_backend(
            experiment, network, data, batch_size
        )
        return backend
    from engine.training.numpy_backend import NumpyBackend

    return NumpyBackend(experiment, network, data, batch_size)
