"""What computes a training: the seam between the loop and NumPy or PyTorch."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from engine.data import Split
from engine.events import FinalState
from engine.optim.optimizers import OptimizerState
from engine.training.evaluation import Figures
from engine.training.step import Step


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What computes, and on what, as the `started` event tells it."""

    backend: str
    device: str
    dtype: str
    threads: int
    library: str
    """What multiplies matrices, with its version."""
    processes: int = 1
    """That share each batch."""
    note: str = ""
    """What was asked for and is not here, in words; empty where everything is."""


class Orders(msgspec.Struct, frozen=True):
    """What all processes of a training agree on before each chunk: what the first of them says."""

    learning_rate: float
    """Before the schedule."""
    steps: int
    """Updates in the chunk at most."""
    stop_reason: FinalState | None = None


class Backend(Protocol):
    """Makes updates from batches, and judges.

    Between `load` and `sync` it may keep weights and optimizer state in a memory of its own. After `sync` the
    network's `state` and the optimizer's state that were loaded hold the newest values.
    """

    @property
    def facts(self) -> Facts:
        """What computes."""
        ...

    def computing(self) -> AbstractContextManager[None]:
        """Surrounds everything that is computed: the number of threads and the precision are set in it."""
        ...

    def agree(self, orders: Orders) -> Orders:
        """Return the orders of the first of the processes that share each batch."""
        ...

    def load(self, state: OptimizerState) -> None:
        """Take the network's state as it stands, and `state`, which stays the trainer's."""
        ...

    def sync(self) -> None:
        """Write the newest values into the network's state and the optimizer's."""
        ...

    def start_epoch(self, epoch: int, records: bool) -> None:
        """Take the samples in this epoch's order.

        Args:
            records: whether `count_correct` will be asked for.
        """
        ...

    def stepper(self, first: int) -> Step:
        """Return the function that makes one update a call, the first one numbered `first`."""
        ...

    def fetch(self, losses: Sequence[Any]) -> list[float]:
        """Return the losses that the stepper gave as numbers."""
        ...

    def count_correct(self, start: int, stop: int) -> int:
        """Return how many samples from `start` to `stop` in the epoch's order were guessed right as they were learned."""
        ...

    def evaluate(self, split: Split) -> Figures:
        """Return loss and accuracy over a whole split, in evaluation mode."""
        ...
