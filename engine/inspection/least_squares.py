"""The least-squares fit of a linear layer: the best that an output layer alone can do in a regression."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import AnyArray, Array
from engine.data import Split
from engine.nn.network import ROWS_AT_A_TIME, Network

MOST_FEATURES = 4_096
"""Features up to which the equations are solved: then their matrix takes 134 MB, and the solution some 20 s."""


def fit_line(network: Network, split: Split) -> Iterator[None]:
    """Set the weights of a network of one linear layer by least squares; yield after every block of samples.

    Centred normal equations in float64, (Σ x xᵀ) Wᵀ = Σ x yᵀ; the minimum-norm solution if features are linearly
    dependent. Source: Hastie, Tibshirani, Friedman 2009, section 3.2.
    """
    x_mean = np.zeros(network.n_features)
    for x, _ in _blocks(network, split):
        x_mean += x.sum(axis=0) / len(split)
        yield
    targets = np.asarray(split.y, np.float64)  # (n, n_outputs)
    y_mean = targets.mean(axis=0)
    squares = np.zeros((network.n_features, network.n_features))
    products = np.zeros((network.n_features, network.n_outputs))
    for x, indices in _blocks(network, split):
        x -= x_mean
        squares += x.T @ x
        products += x.T @ (targets[indices] - y_mean)
        yield
    slopes, *_ = np.linalg.lstsq(squares, products)  # (n_features, n_outputs)
    network.last.weight[:] = slopes.T
    network.last.bias[:] = y_mean - x_mean @ slopes


def _blocks(network: Network, split: Split) -> Iterator[tuple[Array, AnyArray]]:
    """Yield x in float64, (m, n_features), which may be modified, and the indices of these samples, (m,)."""
    x = np.empty((min(len(split), ROWS_AT_A_TIME), network.n_features))
    for start in range(0, len(split), ROWS_AT_A_TIME):
        indices = np.arange(start, min(len(split), start + ROWS_AT_A_TIME))
        split.take(indices, x[: len(indices)])
        yield x[: len(indices)], indices
