"""The protocol between the training loop and the back end that computes it, NumPy or PyTorch."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from engine.data import Split
from engine.events import FinalState
from engine.optim.optimizer import OptimizerState
from engine.training.evaluation import Figures
from engine.training.step import Step
from engine.training.threads import SecondsWith


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The back end, its device and its precision, as the `started` event has them."""

    backend: str
    device: str
    dtype: str
    threads: int
    """Threads of each process."""
    library: str
    """Name and version of the library that multiplies matrices."""
    processes: int = 1
    """Processes that share each batch."""
    note: str = ""
    """Remark for the user if a requested device is not available; else empty."""


class Orders(msgspec.Struct, frozen=True):
    """Settings of the next chunk, which the first process sends to all others."""

    learning_rate: float
    """Learning rate before the schedule."""
    steps: int
    """Maximum number of updates in the chunk."""
    stop_reason: FinalState | None = None


class Backend(Protocol):
    """Makes updates from batches, and evaluates.

    Between `load` and `sync` it may keep weights and optimizer state in its own memory. After `sync` the network's
    `state` and the loaded optimizer state hold the newest values.
    """

    @property
    def facts(self) -> Facts:
        """The back end, its device and its precision."""
        ...

    def computing(self) -> AbstractContextManager[None]:
        """Return a context for all computation, which sets the number of threads and the precision."""
        ...

    def use_threads(self, threads: int) -> None:
        """Compute with this many threads in the next `computing`; before it is called, with one."""
        ...

    def thread_trial(self) -> SecondsWith | None:
        """Return a function that times updates of a copy of the network; None if more threads would not help."""
        ...

    def agree(self, orders: Orders) -> Orders:
        """Return the orders of the first process; every process calls this before each chunk."""
        ...

    def load(self, state: OptimizerState) -> None:
        """Start from the network's current state and the optimizer state `state`, which the trainer owns."""
        ...

    def sync(self) -> None:
        """Write the newest values into the network's state and the loaded optimizer state."""
        ...

    def start_epoch(self, epoch: int, records: bool) -> None:
        """Put the samples in the order of this epoch.

        Args:
            epoch: counted from 0.
            records: True if `count_correct` will be called for it.
        """
        ...

    def stepper(self, first: int) -> Step:
        """Return the function that makes one update per call; the first has the number `first`."""
        ...

    def fetch(self, losses: Sequence[Any]) -> list[float]:
        """Return the losses from the stepper as numbers."""
        ...

    def count_correct(self, start: int, stop: int) -> int:
        """Return how many of the samples from `start` to `stop` in the epoch's order were classified correctly, each by
        the weights before its update.
        """
        ...

    def evaluate(self, split: Split) -> Figures:
        """Return mean loss and accuracy over a whole split, in evaluation mode."""
        ...
