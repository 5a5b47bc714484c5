"""Networks and batches drawn by hypothesis: whatever can be built, with data that no one would choose."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS, Activation, Elu, LeakyRelu
from engine.arrays import AnyArray
from engine.initializers import INITIALIZERS, Constant, Initializer, Normal, Uniform
from engine.losses import LOSSES, CrossEntropy, Loss, Mse
from engine.numpy_network import Network
from engine.specs import DenseSpec, NetworkSpec

MOST_UNITS, MOST_SAMPLES = 4, 12
KINDS = ("normal", "with zeros", "whole numbers", "all alike", "a column of zeros", "large offset")
"""Of data: kinks at 0, ties, features that say nothing."""


@dataclass(frozen=True)
class Drawn:
    """What hypothesis chose; `build` makes the same network and batch of it each time."""

    spec: NetworkSpec
    n_features: int
    samples: int
    dtype: str
    seed: int
    weight_scale: float
    """All parameters are multiplied by it."""
    data_scale: float
    target_scale: float
    kind: str

    def build(self) -> tuple[Network, NDArray[np.float64], AnyArray]:
        """Return the network, x (m, n_features) and y, classes (m,) or values (m, n_outputs)."""
        rng = np.random.default_rng(self.seed)
        network = Network(self.spec, (self.n_features,), seed=self.seed, dtype=self.dtype)
        network.theta *= self.weight_scale
        return network, self._data(rng), self._targets(network, rng)

    def _data(self, rng: np.random.Generator) -> NDArray[np.float64]:
        x = rng.normal(size=(self.samples, self.n_features))
        match self.kind:
            case "with zeros":
                x *= rng.random(x.shape) < 0.5
            case "whole numbers":
                x = np.round(2 * x)
            case "all alike":
                x[:] = x[0]
            case "a column of zeros":
                x[:, 0] = 0
            case "large offset":
                x += 10
        return x * self.data_scale

    def _targets(self, network: Network, rng: np.random.Generator) -> AnyArray:
        k = network.n_outputs
        if isinstance(network.loss, Mse):
            return self.target_scale * rng.normal(size=(self.samples, k))
        if isinstance(network.loss, CrossEntropy) and k == 1:
            return np.ones(self.samples, np.int64)  # the only class there is
        return rng.integers(max(k, 2), size=self.samples)


def powers_of_ten(low: float, high: float) -> st.SearchStrategy[float]:
    """Scales, 1 as often as not."""
    return st.one_of(st.just(1.0), st.floats(low, high).map(lambda exponent: float(10**exponent)))


def activations() -> st.SearchStrategy[Activation]:
    """Every activation of the registry, and those with options at other values."""
    known = [kind() for kind in ACTIVATIONS.values()]
    return st.sampled_from([*known, LeakyRelu(slope=0.3), LeakyRelu(slope=-0.5), Elu(alpha=0.5)])


def initializers() -> st.SearchStrategy[Initializer]:
    """Every initialiser of the registry, and wide ones: weights up to 50, all alike, of one sign."""
    known = [kind() for kind in INITIALIZERS.values()]
    wide = [Normal(std=3.0), Normal(std=20.0), Constant(value=0.3), Uniform(low=0.1, high=2.0)]
    return st.sampled_from([*known, *wide])


def losses() -> st.SearchStrategy[Loss]:
    """Every loss of the registry."""
    return st.sampled_from([kind() for kind in LOSSES.values()])


@st.composite
def networks(draw: st.DrawFn) -> Drawn:
    """Depth 1 to 4, any activation, loss and initialiser in any order, scales over many decades."""
    layer = st.builds(
        DenseSpec,
        units=st.integers(1, MOST_UNITS),
        activation=activations(),
        init=st.one_of(st.none(), initializers()),
        bias=initializers(),
    )
    layers = draw(st.lists(layer, min_size=1, max_size=4))
    loss = draw(losses())
    last = layers[-1]
    if draw(st.booleans()):  # half of them as the loss wants it
        last = DenseSpec(
            units=last.units, activation=ACTIVATIONS[loss.link](), init=last.init, bias=last.bias
        )
    return Drawn(
        spec=NetworkSpec(loss=loss, layers=(*layers[:-1], last)),
        n_features=draw(st.integers(1, 4)),
        samples=draw(st.integers(1, MOST_SAMPLES)),
        dtype=draw(st.sampled_from(["float32", "float64"])),
        seed=draw(st.integers(0, 2**32 - 1)),
        weight_scale=draw(powers_of_ten(-4, 1)),
        data_scale=draw(powers_of_ten(-3, 3)),
        target_scale=draw(powers_of_ten(-3, 3)),
        kind=draw(st.sampled_from(KINDS)),
    )
