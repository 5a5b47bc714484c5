"""Conversion of parameter vectors between the order of `network.theta` and PyTorch's order, used in weights files."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.nn.network import Network


def from_torch_order(network: Network, vector: Array) -> Array:
    """Return a copy of `vector`, (n_parameters,), in the order of `network.theta` and its dtype.

    `vector` has the order of `torch.nn.utils.parameters_to_vector`: parameter by parameter, each row by row.
    """
    result = np.empty_like(network.theta)
    start = 0
    for _, view in views_of(network, result):
        view[...] = vector[start : start + view.size].reshape(view.shape)
        start += view.size
    return result


def to_torch_order(network: Network, vector: Array) -> Array:
    """Return a copy of `vector`, (n_parameters,) and ordered as `network.theta`, in the order of
    `torch.nn.utils.parameters_to_vector`.
    """
    return np.concatenate([view.ravel() for _, view in views_of(network, vector)])


def views_of(network: Network, vector: Array) -> Iterator[tuple[str, Array]]:
    """Yield each parameter's name and its view into `vector`, (n_parameters,) and ordered as `network.theta`.

    The views have the parameters' shapes: (n_out, n_in) for `layers.0.weight`, (n_out,) for `layers.0.bias`.
    """
    origin = network.theta.__array_interface__["data"][0]
    for name, view, _ in network.parameters():
        offset = (view.__array_interface__["data"][0] - origin) // vector.itemsize
        yield name, np.lib.stride_tricks.as_strided(vector[offset:], view.shape, view.strides)
