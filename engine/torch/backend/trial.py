"""Updates of a copy on the CPU, which time numbers of threads. Imports torch; import it inside a function."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from engine.experiment.specs import TrainingSpec
from engine.nn.network import Network
from engine.torch.backend.batches import Resident
from engine.torch.backend.flat_twin import FlatTwin
from engine.torch.backend.optimizers import TorchOptimizer
from engine.torch.twin import build_twin


class TorchTrial:
    """Updates of a copy of the network, by its first batch: they change nothing of the training."""

    def __init__(self, training: TrainingSpec, network: Network, train: Resident, batch_size: int) -> None:
        self._rate = training.optimizer.lr
        self._replica = FlatTwin(network, build_twin(network, "cpu", network.dtype.name))
        self._optimizer = TorchOptimizer(training.optimizer, self._replica.theta, self._replica.grad)
        self._optimizer.load(training.optimizer.start(network.theta))
        self._x, self._targets = train.rows(train.x[:batch_size]), train.targets[:batch_size]
        if network.needs_step:
            self._replica.twin.set_step(0)

    def seconds_with(self, threads: int) -> float:
        """Make one update with this many threads, and return its duration in seconds."""
        twin = self._replica.twin
        with threads_of_torch(threads):
            started = time.perf_counter()
            self._replica.gather(twin.loss_of(twin.logits(self._x), self._targets))
            self._optimizer.step(self._rate)
            return time.perf_counter() - started


@contextmanager
def threads_of_torch(threads: int) -> Iterator[None]:
    """Let PyTorch compute with this many threads within the context."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
