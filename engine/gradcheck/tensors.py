"""The place of each parameter tensor's elements in the network's vectors, independent of the memory layout."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.nn.network import Network

Places = slice | NDArray[np.integer[Any]]
"""Indices of some elements of a vector."""


@dataclass(frozen=True)
class Tensor:
    """A parameter tensor and the index of each element in `theta`."""

    name: str
    places: NDArray[np.integer[Any]]
    """Index into `theta` of each element, in the tensor's shape."""

    @property
    def shape(self) -> tuple[int, ...]:
        return self.places.shape

    @cached_property
    def run(self) -> Places:
        """All places in any order: a slice of `theta` if they are contiguous, which is much faster."""
        first, last = int(self.places.min()), int(self.places.max())
        if last - first + 1 == self.places.size:
            return slice(first, last + 1)
        return self.places.ravel()

    @property
    def layer(self) -> str:
        return self.name.rpartition(".")[0]

    def index_of(self, place: int) -> tuple[int, ...]:
        """Return the tensor's index for an index into `theta`."""
        return tuple(int(i) for i in np.argwhere(self.places == place)[0])


def tensors_of(network: Network) -> list[Tensor]:
    """Return the network's tensors in its order; `network` is a borrowed one in float64.

    The layout is found by writing 0, 1, 2, ... into `theta` and reading the views.
    """
    theta = network.theta.copy()
    try:
        network.theta[:] = np.arange(len(theta))  # exact in float64 up to 2⁵³
        return [Tensor(name, view.astype(np.int64)) for name, view, _ in network.parameters()]
    finally:
        network.theta[:] = theta


def halves(places: Places) -> tuple[Places, Places]:
    """Return the first and the second half of some places."""
    if isinstance(places, slice):
        middle = (places.start + places.stop) // 2
        return slice(places.start, middle), slice(middle, places.stop)
    middle = len(places) // 2
    return places[:middle], places[middle:]


def gradients_by_name(tensors: list[Tensor], gradient: Array) -> dict[str, Array]:
    """Return a gradient vector (n_parameters,) as tensors by name, each in its shape."""
    return {tensor.name: gradient[tensor.places] for tensor in tensors}
