"""The common start of the processes of a group, and the training of those that are not the first.

Imports torch; import it inside a function.
"""

import msgspec
import numpy as np

from engine.errors import NntermError, RunError
from engine.experiment.experiment import Experiment
from engine.torch.parallel.group import ProcessGroup
from engine.torch.parallel.torchrun import join
from engine.training.position import Position
from engine.training.setup import set_up
from engine.training.trainer import Trainer


class StartPoint(msgspec.Struct, frozen=True):
    """The state of the first process's trainer without the vectors."""

    position: Position
    learning_rate: float
    updates: int
    has_best: bool


def call_together(experiment: Experiment) -> None:
    """Send the experiment to the other processes; called by the first one.

    Raises:
        RunError: they are unreachable, or the back end is not PyTorch.
    """
    group = join()
    if experiment.training.backend != "torch":
        raise RunError("only PyTorch supports several processes", 'set training.backend = "torch"')
    group.agree(experiment.to_raw())


def begin_together(trainer: Trainer) -> None:
    """Bring the trainers of all processes to the state of the first one's.

    Raises:
        RunError: another process cannot train, or has ended.
    """
    group = join()
    _raise_any_problem(group, "")
    network, state = trainer.network, trainer.optimizer_state
    best = trainer.best_state
    here = StartPoint(trainer.position, trainer.learning_rate, state.updates, best is not None)
    there = group.agree(here)
    if there.has_best and best is None:
        best = np.empty_like(network.state)
    for array in (network.state, *state.vectors.values(), *([] if best is None else [best])):
        group.share(array)
    if group.rank:
        state.updates = there.updates
        trainer.restore(network.state.copy(), there.position, state, there.learning_rate, best)


def train_along() -> int:
    """Train in step with the first process until it ends, without writing files; return the exit code.

    Raises:
        NntermError: this process cannot train, or another has ended.
    """
    group = join()
    raw: dict[str, object] = group.agree({})
    try:
        trainer = set_up(Experiment.from_raw(raw))
    except NntermError as error:
        _raise_any_problem(group, error.message)
        raise
    begin_together(trainer)
    for _ in trainer:
        pass
    return 0


def _raise_any_problem(group: ProcessGroup, own: str) -> None:
    """Raise a RunError in every process if one cannot train; `own` is this process's problem, "" if none."""
    for rank in range(group.size):
        problem = group.agree(own, of=rank)
        if problem:
            raise RunError(f"process {rank + 1} of {group.size} cannot train: {problem}")
