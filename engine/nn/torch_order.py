"""The two orders of a vector of parameters: that of `network.theta`, and torch's, in which files keep it."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.nn.network import Network


def from_torch_order(network: Network, vector: Array) -> Array:
    """Return a vector in torch's order, (n_parameters,), in the order of `network.theta`."""
    result = np.empty_like(network.theta)
    start = 0
    for _, view in views_of(network, result):
        view[...] = vector[start : start + view.size].reshape(view.shape)
        start += view.size
    return result


def to_torch_order(network: Network, vector: Array) -> Array:
    """Return a vector in the order of `network.theta`, (n_parameters,), in that of `parameters_to_vector`."""
    return np.concatenate([view.ravel() for _, view in views_of(network, vector)])


def views_of(network: Network, vector: Array) -> Iterator[tuple[str, Array]]:
    """Yield each parameter's name and its view into `vector`, which is laid out as `network.theta`."""
    origin = network.theta.__array_interface__["data"][0]
    for name, view, _ in network.parameters():
        offset = (view.__array_interface__["data"][0] - origin) // vector.itemsize
        yield name, np.lib.stride_tricks.as_strided(vector[offset:], view.shape, view.strides)
