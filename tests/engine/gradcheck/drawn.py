"""Networks and batches drawn by hypothesis: any valid network, with unusual data.

Hypothesis draws a few integers, at a tenth of the cost of a structure with many parts. Each integer is a sequence of
digits, one per choice, and 0 is the simplest: a failure shrinks to few layers, few units and scales of 1.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.arrays import AnyArray
from engine.nn.activations import ACTIVATIONS, Activation, Elu, LeakyRelu, Linear
from engine.nn.initializer import Initializer
from engine.nn.initializers import INITIALIZERS, Constant, Normal, Uniform
from engine.nn.losses import LOSSES, CrossEntropy, Huber
from engine.nn.network import Network
from engine.nn.specs import BatchNormSpec, DenseSpec, DropoutSpec, LayerSpec, NetworkSpec

T = TypeVar("T")

UNITS = (1, 2, 3)
SAMPLES = tuple(range(1, 11))
KINDS = ("normal", "with zeros", "whole numbers", "all alike", "a column of zeros", "large offset")
"""Kinds of data: kinks at 0, ties, constant features."""
# an exponential of weights and data over these decades overflows; it has tests of its own
ACTIVATION_CHOICES: tuple[Activation, ...] = (
    Linear(),
    *(kind() for name, kind in ACTIVATIONS.items() if name not in ("linear", "exponential")),
    *(LeakyRelu(slope=0.3), LeakyRelu(slope=-0.5), Elu(alpha=0.5)),
)
INITIALIZER_CHOICES: tuple[Initializer, ...] = (
    *(kind() for kind in INITIALIZERS.values()),
    *(Normal(std=3.0), Normal(std=20.0), Constant(value=0.3), Uniform(low=0.1, high=2.0)),
)
"""All initialisers of the registry, and extreme ones: weights up to 50, all equal, of one sign."""
LOSS_CHOICES = (*(kind() for kind in LOSSES.values()), Huber(delta=0.1))
FOLLOWERS = ("", "", "", "dropout", "batchnorm", "batchnorm and dropout")
"""Layers after a hidden dense layer."""
RATES = (0.5, 0.1, 0.9, 0.0)
EPSILONS = (1e-5, 1e-2, 1e-8)


class Digits:
    """An integer as a sequence of choices, the last digit first."""

    def __init__(self, number: int) -> None:
        self._rest = number

    def choose(self, options: tuple[T, ...]) -> T:
        """Return the option of the next digit."""
        self._rest, digit = divmod(self._rest, len(options))
        return options[digit]


@dataclass(frozen=True)
class Drawn:
    """The choices of hypothesis; `build` returns the same network and batch for them each time."""

    layers: tuple[int, ...]
    """One number per dense layer: its units, activation, initialisers, and the layers after it."""
    frame: int
    """Loss, precision, numbers of features and samples, the kind of data."""
    scales: int
    """Scales of the parameters, the data and the targets, over many decades."""
    seed: int

    def build(self) -> tuple[Network, NDArray[np.float64], AnyArray]:
        """Return the network, x (m, n_features) and y, classes (m,) or values (m, n_outputs)."""
        frame, scales, rng = Digits(self.frame), Digits(self.scales), np.random.default_rng(self.seed)
        dtype, n_features, m = (
            frame.choose(("float64", "float32")),
            frame.choose(UNITS),
            frame.choose(SAMPLES),
        )
        kind = frame.choose(KINDS)
        network = Network(self._spec(frame), (n_features,), seed=self.seed, dtype=dtype)
        network.theta *= _scale(scales, -4, 1)
        _unsettle(network, rng)
        x = _data(kind, m, n_features, rng) * _scale(scales, -3, 3)
        return network, x, _targets(network, m, _scale(scales, -3, 3), rng)

    def _spec(self, frame: Digits) -> NetworkSpec:
        """Return the layers and the loss; in every second network the output's activation fits the loss."""
        loss, fits = frame.choose(LOSS_CHOICES), frame.choose((True, False))
        *hidden, last = map(Digits, self.layers)
        specs = [spec for digits in hidden for spec in _hidden(digits)]
        output = _dense(last)
        if fits:
            output = DenseSpec(
                units=output.units, activation=ACTIVATIONS[loss.link](), init=output.init, bias=output.bias
            )
        return NetworkSpec(loss=loss, layers=(*specs, output))


def _dense(digits: Digits) -> DenseSpec:
    return DenseSpec(
        units=digits.choose(UNITS),
        activation=digits.choose(ACTIVATION_CHOICES),
        bias=digits.choose(INITIALIZER_CHOICES),
        init=digits.choose((None, *INITIALIZER_CHOICES)),
    )


def _hidden(digits: Digits) -> list[LayerSpec]:
    """Return a dense layer and the layers after it; with a normalisation the activation is behind that."""
    dense, follower = _dense(digits), digits.choose(FOLLOWERS)
    layers: list[LayerSpec] = [dense]
    if "batchnorm" in follower:
        layers = [DenseSpec(units=dense.units, activation=Linear(), init=dense.init, bias=dense.bias)]
        layers.append(BatchNormSpec(activation=dense.activation or Linear(), eps=digits.choose(EPSILONS)))
    if "dropout" in follower:
        layers.append(DropoutSpec(rate=digits.choose(RATES)))
    return layers


def _scale(digits: Digits, low: int, high: int) -> float:
    """Return a power of ten, 1 in half of the cases."""
    powers = tuple(float(10**exponent) for exponent in np.linspace(low, high, 8))
    return digits.choose((*(1.0,) * len(powers), *powers))


def _unsettle(network: Network, rng: np.random.Generator) -> None:
    """Set the running statistics as after some training, not to their initial 0 and 1."""
    for name, view in network.named_buffers():
        view[:] = rng.uniform(0.5, 2, view.shape) if name.endswith("var") else rng.normal(size=view.shape)


def _data(kind: str, m: int, n_features: int, rng: np.random.Generator) -> NDArray[np.float64]:
    x = rng.normal(size=(m, n_features))
    match kind:
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
    return x


def _targets(network: Network, m: int, scale: float, rng: np.random.Generator) -> AnyArray:
    k = network.n_outputs
    if network.loss.takes_values:
        return scale * rng.normal(size=(m, k))
    if isinstance(network.loss, CrossEntropy) and k == 1:
        return np.ones(m, np.int64)  # the only class there is
    return rng.integers(max(k, 2), size=m)


_LAYER = (
    len(UNITS)
    * len(ACTIVATION_CHOICES)
    * len(INITIALIZER_CHOICES)
    * (1 + len(INITIALIZER_CHOICES))
    * len(FOLLOWERS)
    * len(EPSILONS)
    * len(RATES)
)
_FRAME = 2 * len(UNITS) * len(SAMPLES) * len(KINDS) * len(LOSS_CHOICES) * 2


def networks() -> st.SearchStrategy[Drawn]:
    """Return networks of depth 1 to 4 with any activation, loss and initialiser; half of the hidden layers have more."""
    return st.builds(
        Drawn,
        layers=st.lists(st.integers(0, _LAYER - 1), min_size=1, max_size=4).map(tuple),
        frame=st.integers(0, _FRAME - 1),
        scales=st.integers(0, 16**3 - 1),
        seed=st.integers(0, 2**32 - 1),
    )
