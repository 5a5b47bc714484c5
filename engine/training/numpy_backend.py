"""The NumPy back end: computes in the network's own arrays."""

import copy
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from engine import blas
from engine.data import Data, Split
from engine.experiment.experiment import Experiment
from engine.experiment.specs import TrainingSpec
from engine.nn.network import Network
from engine.optim.optimizer import OptimizerState
from engine.team import Team
from engine.training.backends import Facts, Orders
from engine.training.batches import BatchSource
from engine.training.evaluation import Figures, evaluate
from engine.training.step import Step, make_step
from engine.training.threads import SecondsWith, is_large


class NumpyBackend:
    """Updates `network` in place; see `engine.training.backends.Backend`."""

    def __init__(self, experiment: Experiment, network: Network, data: Data, batch_size: int) -> None:
        self._training, self._network = experiment.training, network
        self._classifies = data.task != "regression"
        self._batch = BatchSource(network, data, batch_size, experiment.seed, self._classifies)
        self._state = experiment.training.optimizer.start(network.theta)
        self._data, self._batch_size = data, batch_size
        self._threads = 1

    @property
    def facts(self) -> Facts:
        """Facts of NumPy on the CPU."""
        return Facts(
            backend="numpy",
            device="cpu",
            dtype=self._network.dtype.name,
            threads=self._threads,
            library=self._library,
        )

    @cached_property
    def _library(self) -> str:
        return blas.describe()

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Share the computation with a team of threads, each with one thread of BLAS."""
        with blas.limited(), sharing(self._network, self._threads):
            yield

    def use_threads(self, threads: int) -> None:
        """Compute with this many threads."""
        self._threads = threads

    def thread_trial(self) -> SecondsWith | None:
        """Return a function that times updates of a copy with the first samples."""
        if not is_large(self._network, self._batch_size):
            return None
        return NumpyTrial(self._training, self._network, self._data, self._batch_size).seconds_with

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


class NumpyTrial:
    """Updates of a copy of the network, by its first batch: they change nothing of the training."""

    def __init__(self, training: TrainingSpec, network: Network, data: Data, batch_size: int) -> None:
        self._training, self._network = training, copy.deepcopy(network)
        self._state = training.optimizer.start(network.theta)
        self._rows = network.empty_rows(batch_size)
        data.train.take(np.arange(batch_size), self._rows[:, :-1])
        self._targets = network.encode(data.train.y[:batch_size])

    @np.errstate(all="ignore")
    def seconds_with(self, threads: int) -> float:
        """Make one update with this many threads, and return its duration in seconds."""
        network, optimizer = self._network, self._training.optimizer
        scale = optimizer.gradient_scale(optimizer.lr)
        with blas.limited(), sharing(network, threads):
            started = time.perf_counter()
            network.backpropagate(self._rows, self._targets, scale)
            optimizer.update(network.theta, network.grad, self._state, optimizer.lr, scale, network.team)
            return time.perf_counter() - started


@contextmanager
def sharing(network: Network, threads: int) -> Iterator[None]:
    """Share the computation of `network` with a team of `threads` within the context."""
    if threads == 1:
        yield
        return
    team = Team(threads)
    network.share_with(team)
    try:
        with team.at_work():
            yield
    finally:
        network.share_with(None)
