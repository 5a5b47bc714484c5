"""Threads that share small computations too, so that tests need no large networks."""

import pytest

from engine import cores


def share_small_computations(patch: pytest.MonkeyPatch, usable: int = 3) -> None:
    """Let teams divide products, functions and updates of any size, and this process use some cores.

    Args:
        patch: undone by its owner.
        usable: cores, whatever this machine has.
    """
    for name, value in (("SHARED_FLOPS", 0), ("SHARED_NUMBERS", 0), ("PART_EDGE", 8)):
        patch.setattr(f"engine.team.{name}", value)
    patch.setattr("engine.optim.optimizer.UNDIVIDED", 100)
    patch.setattr("engine.optim.optimizer.BLOCK", 64)
    give_cores(patch, usable)


def give_cores(patch: pytest.MonkeyPatch, usable: int) -> None:
    """Let this process use some cores, whatever this machine has."""
    patch.delenv("NNTERM_THREADS", raising=False)
    patch.setattr(cores, "_affinity", lambda: usable)
    patch.setattr(cores, "_quota", lambda root: None)
