"""The back end that computes in NumPy, in the network's own arrays: nothing is to be loaded or brought back."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

from engine import blas
from engine.data import Data, Split
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.optim.optimizers import OptimizerState
from engine.training.backends import Facts, Orders
from engine.training.batches import BatchSource
from engine.training.evaluation import Figures, evaluate
from engine.training.step import Step, make_step


class NumpyBackend:
    """Makes updates of `network` itself; see `engine.training.backends.Backend`."""

    def __init__(self, experiment: Experiment, network: Network, data: Data, batch_size: int) -> None:
        self._training, self._network = experiment.training, network
        self._classifies = data.task != "regression"
        self._batch = BatchSource(network, data, batch_size, experiment.seed, self._classifies)
        self._state = experiment.training.optimizer.start(network.theta)

    @cached_property
    def facts(self) -> Facts:
        """NumPy on the CPU."""
        return Facts(
            backend="numpy",
            device="cpu",
            dtype=self._network.dtype.name,
            threads=blas.THREADS,
            library=blas.describe(),
        )

    def computing(self) -> AbstractContextManager[None]:
        """Limit BLAS to its threads."""
        return blas.limited()

    def agree(self, orders: Orders) -> Orders:
        """There is no other process."""
        return orders

    def load(self, state: OptimizerState) -> None:
        """Work on `state` from now on."""
        self._state = state

    def sync(self) -> None:
        """Everything is where it should be."""

    def start_epoch(self, epoch: int, records: bool) -> None:
        """Shuffle the samples' indices."""
        self._batch.start_epoch(epoch, records)

    def stepper(self, first: int) -> Step:
        """Return the update in NumPy."""
        return make_step(self._training, self._network, self._state, self._batch, first)

    def fetch(self, losses: Sequence[Any]) -> list[float]:
        """Compute what was left of them."""
        return self._network.loss.values(losses)

    def count_correct(self, start: int, stop: int) -> int:
        """Compare the guesses with the truth."""
        return self._batch.count_correct(start, stop)

    def evaluate(self, split: Split) -> Figures:
        """Judge the network, a block of rows at a time."""
        return evaluate(self._network, split, self._classifies)
