"""Makes everything that a training needs of its experiment: data, network, trainer."""

from typing import TYPE_CHECKING, NamedTuple

from engine import blas
from engine.data import load_data
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.training.trainer import Trainer

if TYPE_CHECKING:
    from engine.data import Data


class TrainingSetup(NamedTuple):
    """A trainer that stands at the first weights, and the matrix library that computes."""

    trainer: Trainer
    library: str


def set_up(experiment: Experiment, data: "Data | None" = None) -> TrainingSetup:
    """Return a trainer of `experiment`, on `data` where they are at hand already.

    Raises:
        DataError: the data are gone, or cannot be read.
    """
    data = load_data(experiment.data) if data is None else data
    library = blas.prepare()
    network = Network.of(experiment, data)
    return TrainingSetup(Trainer(experiment, network, data), library)
