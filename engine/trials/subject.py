"""The subject of a trial: an experiment with its data, from its first weights or from those of a run."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from engine.arrays import Array
from engine.data import Data, load_data
from engine.errors import DataError, NntermError
from engine.experiment.experiment import Experiment
from engine.nn.network import Network

ON_NUMPY = {"backend": "numpy", "device": "auto", "processes": 1, "threads": 1, "compile": False}
"""Settings of `[training]` in every trial, whatever the experiment has: a trial is small and reproducible."""


@dataclass(frozen=True)
class TrialSubject:
    """An experiment and its data.

    Args:
        experiment: complete; it may be forced.
        data: loaded data of the experiment.
        state: a run's newest weights, (n_parameters + n_buffers,), for trials that start from them.
        run: name of that run.
    """

    experiment: Experiment
    data: Data
    state: Array | None = None
    run: str = ""

    @classmethod
    def of(cls, experiment: Experiment, network: Network | None = None, run: str = "") -> Self:
        """Return the subject of an experiment, with its data loaded and NumPy as its back end.

        Args:
            experiment: complete; it may be forced.
            network: a run's newest weights; None: the experiment's first ones.
            run: name of that run.

        Raises:
            ExperimentError: the experiment is wrong.
            DataError: its data cannot be read, leave nothing to train on, or do not fit the weights.
        """
        raw = experiment.to_raw()
        raw["training"] |= ON_NUMPY
        experiment = Experiment.from_raw(raw)
        data = load_data(experiment.data)
        fresh = Network.of(experiment, data)
        if network is not None and network.state.shape != fresh.state.shape:
            raise DataError("the weights do not match these data", "they were trained on other data")
        state = None if network is None else network.state.astype(fresh.dtype)
        return cls(experiment, data, state, run)

    @property
    def classifies(self) -> bool:
        """True if the task is a classification."""
        return self.data.task != "regression"

    @cached_property
    def n_parameters(self) -> int:
        """Parameters of the network."""
        return self.fresh().n_parameters

    def fresh(self) -> Network:
        """Return a network with the experiment's first weights."""
        experiment = self.experiment
        return Network.of(experiment, self.data)

    def network(self) -> Network:
        """Return a network with the run's weights, or the first ones if there is no run."""
        network = self.fresh()
        if self.state is not None:
            network.state[:] = self.state
        return network

    def experiment_with(self, **training: Any) -> Experiment:
        """Return the experiment with other values in `[training]`."""
        raw = self.experiment.to_raw()
        raw["training"] |= training
        return Experiment.from_raw(raw)

    @property
    def words(self) -> str:
        """Data, layers, optimizer and batch size in words."""
        training, name = self.experiment.training, self.data.info.name
        sizes = f"{self.data.info.n_features}-{self.experiment.network.outline}"
        batch = f"batch {training.batch_size}" if training.batch_size else "full batch"
        return f"{name}, {sizes}, {training.optimizer.name} {training.optimizer.lr:g}, {batch}"

    @property
    def beginning(self) -> str:
        """The weights of `network` in words."""
        if self.state is None:
            return first_weights(self.experiment.seed)
        return f"the newest weights of the run {self.run}"


def first_weights(seed: int) -> str:
    """Return the words for first weights."""
    return f"initial weights, seed {seed}"


def refuse_perceptron(subject: TrialSubject, why: str) -> None:
    """Refuse a network that learns by Rosenblatt's rule.

    Raises:
        NntermError: it learns by that rule.
    """
    loss, optimizer = subject.experiment.network.loss, subject.experiment.training.optimizer
    if not (optimizer.follows_gradient and (loss is None or loss.follows_gradient)):
        raise NntermError(f"a perceptron {why}", "choose another loss and optimizer, or another trial")
