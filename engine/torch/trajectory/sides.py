"""One side of a trajectory check: its steps, and its vectors."""

from collections.abc import Container, Generator
from contextlib import closing

import numpy as np

from engine.arrays import Array
from engine.events import Steps
from engine.nn.network import Network
from engine.training.trainer import Trainer


def counted(network: Network, idle: Container[str]) -> Array:
    """Return 1 for each parameter that is compared and 0 for those of the tensors `idle`, (n_parameters,)."""
    return np.concatenate(
        [np.full(view.size, float(name not in idle)) for name, view, _ in network.parameters()]
    )


def vector_of(network: Network) -> Array:
    """Return all parameters, tensor by tensor, (n_parameters,)."""
    return np.concatenate([view.ravel() for _, view, _ in network.parameters()])


def buffers_of(network: Network) -> dict[str, Array]:
    """Return the running statistics by name."""
    return dict(network.named_buffers())


def updates(trainer: Trainer) -> Generator[Steps, None, None]:
    """Yield the training's steps without its other events."""
    with closing(iter(trainer)) as events:  # type: ignore[type-var]
        for event in events:
            if isinstance(event, Steps):
                yield event
