"""`backend = "torch"`: training in PyTorch, on any of its devices."""

from typing import TYPE_CHECKING

from engine.torch.library import load_torch

if TYPE_CHECKING:
    from engine.data import Data
    from engine.experiment.experiment import Experiment
    from engine.nn.network import Network
    from engine.torch.backend.torch_backend import TorchBackend


def make_backend(
    experiment: "Experiment", network: "Network", data: "Data", batch_size: int
) -> "TorchBackend":
    """Return the back end that trains `network` in PyTorch.

    Raises:
        DeviceError: the device is missing, or PyTorch is not installed.
    """
    load_torch()
    from engine.torch.backend.torch_backend import TorchBackend

    return TorchBackend(experiment, network, data, batch_size)
