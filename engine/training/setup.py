"""The trainer of an experiment, set up from its data and its network."""

from engine import blas
from engine.data import Data, load_data
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.training.trainer import Trainer


def set_up(experiment: Experiment, data: Data | None = None) -> Trainer:
    """Return a trainer of `experiment` at its initial weights; limits and warms up the matrix library.

    Args:
        data: the experiment's data; None: load them.

    Raises:
        DataError: the data are missing or cannot be read.
        DeviceError: the experiment's back end or device is not available.
    """
    data = load_data(experiment.data) if data is None else data
    blas.prepare()
    return Trainer(experiment, Network.of(experiment, data), data)
