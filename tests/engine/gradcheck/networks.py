"""Small networks and batches for the gradient checks."""

import numpy as np
from numpy.typing import NDArray

from engine.arrays import AnyArray
from engine.nn.activations import ACTIVATIONS, Activation, Elu, LeakyRelu, Relu, Softmax
from engine.nn.initializer import Initializer
from engine.nn.initializers import Constant, HeNormal, Normal, Orthogonal, Zeros
from engine.nn.loss import Loss
from engine.nn.losses import LOSSES, CrossEntropy
from engine.nn.network import Network
from engine.nn.specs import DenseSpec, NetworkSpec

BOUNDED = tuple(kind() for name, kind in ACTIVATIONS.items() if name != "exponential")
"""Activations for any weights and data: an exponential of an exponential overflows."""
Batch = tuple[NDArray[np.float64], AnyArray]


def network_of(
    sizes: tuple[int, ...],
    hidden: Activation | None = None,
    output: Activation | None = None,
    loss: Loss | None = None,
    *,
    bias_std: float = 0.3,
    seed: int = 0,
    dtype: str = "float32",
) -> Network:
    """Return a network of these sizes, by default with ReLU and softmax cross-entropy, and with biases away from 0."""
    units = [DenseSpec(units=n, activation=hidden or Relu()) for n in sizes[1:-1]]
    units.append(DenseSpec(units=sizes[-1], activation=output or Softmax()))
    network = Network(
        NetworkSpec(loss=loss or CrossEntropy(), layers=tuple(units)), (sizes[0],), seed=seed, dtype=dtype
    )
    rng = np.random.default_rng(seed)
    for layer in network.layers:
        layer.bias[:] = rng.normal(0, bias_std, layer.n_out)
    return network


def batch_of(network: Network, m: int = 8, seed: int = 0) -> Batch:
    """Return normal inputs (m, n_features), and classes (m,) or values (m, n_outputs) as the loss requires."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(m, network.n_features))
    k = network.n_outputs
    if network.loss.takes_values:
        return x, rng.normal(size=(m, k))
    if isinstance(network.loss, CrossEntropy) and k == 1:
        return x, np.ones(m, np.int64)  # the only class there is
    return x, rng.integers(max(k, 2), size=m)


def any_network(seed: int) -> tuple[Network, Batch]:
    """Return a random network and batch: unusual pairs, dead and saturated units, sizes from 1, wide scales."""
    rng = np.random.default_rng(seed)
    activations = [*BOUNDED, LeakyRelu(slope=0.3), Elu(alpha=0.5)]
    losses = [kind() for kind in LOSSES.values()]
    layers = tuple(
        DenseSpec(
            units=int(rng.integers(1, 7)),
            activation=activations[rng.integers(len(activations))],
            init=_any_initializer(rng),
            bias=(Zeros(), Constant(value=0.1), Normal(std=float(10 ** rng.uniform(-2, 1))))[rng.integers(3)],
        )
        for _ in range(rng.integers(1, 5))
    )
    spec = NetworkSpec(loss=losses[rng.integers(len(losses))], layers=layers)
    network = Network(
        spec, (int(rng.integers(1, 6)),), seed=seed, dtype=str(rng.choice(["float32", "float64"]))
    )
    x, y = batch_of(network, int(rng.integers(1, 13)), seed)
    x *= 10 ** rng.uniform(-3, 3)
    x[0] *= rng.random() < 0.8  # sometimes a sample of zeros
    return network, (x, y)


def _any_initializer(rng: np.random.Generator) -> Initializer | None:
    std = float(10 ** rng.uniform(-3, 1.3))
    known = (None, None, HeNormal(), Orthogonal(), Zeros(), Constant(value=0.3), Normal(std=std))
    return known[rng.integers(len(known))]
