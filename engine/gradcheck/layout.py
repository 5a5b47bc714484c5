"""Where each parameter tensor lies in the network's vectors, whatever order the layers keep in memory."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.numpy_network import Network


@dataclass(frozen=True)
class Tensor:
    """A parameter tensor and the place of each element in `theta`."""

    name: str
    places: NDArray[np.integer[Any]]
    """Index into `theta` of each element, in the tensor's shape."""

    @property
    def shape(self) -> tuple[int, ...]:
        return self.places.shape

    @property
    def layer(self) -> str:
        return self.name.rpartition(".")[0]

    def index_of(self, place: int) -> tuple[int, ...]:
        """Return the tensor's index for an index into `theta`."""
        return tuple(int(i) for i in np.argwhere(self.places == place)[0])


def tensors_of(network: Network) -> list[Tensor]:
    """Return the network's tensors in its order; `network` is a borrowed one in float64.

    Numbering `theta` and reading the views tells the layout without knowing it.
    """
    theta = network.theta.copy()
    try:
        network.theta[:] = np.arange(len(theta))  # exact in float64 up to 2⁵³
        return [Tensor(name, view.astype(np.int64)) for name, view, _ in network.parameters()]
    finally:
        network.theta[:] = theta


def gradients_by_name(tensors: list[Tensor], gradient: Array) -> dict[str, Array]:
    """Return a gradient vector (n_parameters,) tensor by tensor, each in its shape."""
    return {tensor.name: gradient[tensor.places] for tensor in tensors}
