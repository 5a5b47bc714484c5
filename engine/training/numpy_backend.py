"""The NumPy back end: computes in the network's own arrays."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

from engine import blas
from engine.data import Data, Split
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.optim.optimizer import OptimizerState
from engine.training.backends import Facts, Orders
from engine.training.batches import BatchSource
from engine.training.evaluation import Figures, evaluate
from engine.training.step import Step, make_step


class NumpyBackend:
    """Updates `network` in place; see `engine.training.backends.Backend`."""

    def __init__(self, experiment: Experiment, network: Network, data: Data, batch_size: int) -> None:
        self._training, self._network = experiment.training, network
        self._classifies = data.task != "regression"
        self._batch = BatchSource(network, data, batch_size, experiment.seed, self._classifies)
        self._state = experiment.training.optimizer.start(network.theta)

    @cached_property
    def facts(self) -> Facts:
        """Facts of NumPy on the CPU."""
        return Facts(
            backend="numpy",
            device="cpu",
            dtype=self._network.dtype.name,
            threads=blas.THREADS,
            library=blas.describe(),
        )

    def computing(self) -> AbstractContextManager[None]:
        """Return a context that limits the threads of BLAS."""
        return blas.limited()

    def agree(self, orders: Orders) -> Orders:
        """Return `orders`: there is only one process."""
        return orders

    def load(self, state: OptimizerState) -> None:
        """Use `state`; the weights are used in place."""
        self._state = state

    def sync(self) -> None:
        """Do nothing: the values are updated in place."""

    def start_epoch(self, epoch: int, records: bool) -> None:
        """Shuffle the indices of the samples."""
        self._batch.start_epoch(epoch, records)

    def stepper(self, first: int) -> Step:
        """Return the function that makes one update in NumPy."""
        return make_step(self._training, self._network, self._state, self._batch, first)

    def fetch(self, losses: Sequence[Any]) -> list[float]:
        """Return the losses as numbers; part of the computation is deferred to here."""
        return self._network.loss.values(losses)

    def count_correct(self, start: int, stop: int) -> int:
        """Return the number of correct predictions."""
        return self._batch.count_correct(start, stop)

    def evaluate(self, split: Split) -> Figures:
        """Return the figures over `split`, computed in blocks of rows."""
        return evaluate(self._network, split, self._classifies)
