"""Initialisers of weights and biases, each with its formula and source; definitions and gains as in PyTorch.

`fan_in` is n_in and `fan_out` is n_out of the view (n_out, n_in) that is filled (see `initializer.py`).
"""

import math
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.named import NonNegative, registry
from engine.nn.activation import Activation
from engine.nn.initializer import Initializer


class Zeros(Initializer, frozen=True):
    """w = 0: right for a bias; in hidden weights all units stay alike for ever."""

    use: ClassVar[str] = "For biases. As hidden weights, all units of a layer stay equal and learn the same."

    def fill(self, view: Array, rng: np.random.Generator) -> None:
        view[...] = 0


class Constant(Initializer, frozen=True):
    """w = value everywhere: in hidden weights all units stay alike for ever."""

    use: ClassVar[str] = "Every weight the same. In hidden layers all units stay equal and learn the same."

    value: float = 0.0
    """The value of every weight."""

    def fill(self, view: Array, rng: np.random.Generator) -> None:
        view[...] = self.value


class Normal(Initializer, frozen=True):
    """w ~ N(mean, std²)."""

    use: ClassVar[str] = (
        "Normal distribution with a fixed standard deviation, whatever the size of the layer."
    )

    mean: float = 0.0
    """Mean of the weights."""
    std: NonNegative = 0.05
    """Standard deviation of the weights."""

    def fill(self, view: Array, rng: np.random.Generator) -> None:
        view[...] = rng.normal(self.mean, self.std, view.shape)


class Uniform(Initializer, frozen=True):
    """w ~ U(low, high)."""

    use: ClassVar[str] = "Uniform distribution between two bounds, whatever the size of the layer."

    low: float = -0.05
    """Lower bound of the weights."""
    high: float = 0.05
    """Upper bound of the weights."""

    def fill(self, view: Array, rng: np.random.Generator) -> None:
        view[...] = rng.uniform(self.low, self.high, view.shape)


class XavierNormal(Initializer, frozen=True):
    """w ~ N(0, 2 / (fan_in + fan_out)). Source: Glorot and Bengio 2010, equation 12."""

    use: ClassVar[str] = "For tanh and sigmoid: keeps the variance forwards and backwards (Glorot)."

    def fill(self, view: Array, rng: np.random.Generator) -> None:
        _fill_normal(view, rng, lambda fan_in, fan_out: 2 / (fan_in + fan_out))


class XavierUniform(Initializer, frozen=True):
    """w ~ U(−b, b), b² = 6 / (fan_in + fan_out). Source: Glorot and Bengio 2010, equation 16."""

    use: ClassVar[str] = "As xavier_normal, drawn from a uniform distribution."

    def fill(self, view: Array, rng: np.random.Generator) -> None:
        _fill_uniform(view, rng, lambda fan_in, fan_out: 2 / (fan_in + fan_out))


class HeNormal(Initializer, frozen=True):
    """w ~ N(0, 2 / fan_in), gain √2 for relu. Source: He et al. 2015, equation 10."""

    use: ClassVar[str] = "For ReLU and its relatives: makes up for the half of the signal that ReLU drops."

    def fill(self, view: Array, rng: np.random.Generator) -> None:
        _fill_normal(view, rng, lambda fan_in, fan_out: 2 / fan_in)


class HeUniform(Initializer, frozen=True):
    """w ~ U(−b, b), b² = 6 / fan_in. Source: He et al. 2015, equation 10."""

    use: ClassVar[str] = "As he_normal, drawn from a uniform distribution."

    def fill(self, view: Array, rng: np.random.Generator) -> None:
        _fill_uniform(view, rng, lambda fan_in, fan_out: 2 / fan_in)


class LecunNormal(Initializer, frozen=True):
    """w ~ N(0, 1 / fan_in). Source: LeCun et al. 1998, "Efficient BackProp", equation 16."""

    use: ClassVar[str] = "Keeps the variance forwards: for linear and self-normalising layers."

    def fill(self, view: Array, rng: np.random.Generator) -> None:
        _fill_normal(view, rng, lambda fan_in, fan_out: 1 / fan_in)


class Orthogonal(Initializer, frozen=True):
    """W with orthonormal rows or columns, whichever are fewer. Source: Saxe, McClelland, Ganguli 2014.

    The factor Q of a QR decomposition of a normally distributed matrix, its signs fixed by the diagonal of R, as in
    PyTorch.
    """

    use: ClassVar[str] = "Rows at right angles: keeps the length of signals, helps in deep networks."

    def fill(self, view: Array, rng: np.random.Generator) -> None:
        matrix = np.atleast_2d(view)
        n_out, n_in = matrix.shape
        tall = rng.standard_normal((max(n_out, n_in), min(n_out, n_in)))
        q, r = np.linalg.qr(tall)
        q *= np.where(np.diag(r) < 0, -1.0, 1.0)
        matrix[...] = q if n_out >= n_in else q.T


VarianceOfFans = Callable[[int, int], float]
"""(fan_in, fan_out) -> variance of a weight."""


def _fans(view: Array) -> tuple[int, int]:
    """Return (fan_in, fan_out) of a weight; a bias counts as one row."""
    n_out, n_in = np.atleast_2d(view).shape
    return n_in, n_out


def _fill_normal(view: Array, rng: np.random.Generator, variance: VarianceOfFans) -> None:
    view[...] = rng.normal(0.0, math.sqrt(variance(*_fans(view))), view.shape)


def _fill_uniform(view: Array, rng: np.random.Generator, variance: VarianceOfFans) -> None:
    bound = math.sqrt(3 * variance(*_fans(view)))  # U(−b, b) has variance b²/3
    view[...] = rng.uniform(-bound, bound, view.shape)


def default_initializer(activation: Activation) -> Initializer:
    """Return the initialiser that preserves the signal's variance through `activation`.

    He's for rectifiers (He et al. 2015), else Xavier's (Glorot and Bengio 2010), both normal.
    """
    return HeNormal() if activation.is_rectifier else XavierNormal()


INITIALIZERS: dict[str, type[Initializer]] = registry(
    [
        Zeros,
        Constant,
        Normal,
        Uniform,
        XavierNormal,
        XavierUniform,
        HeNormal,
        HeUniform,
        LecunNormal,
        Orthogonal,
    ]
)
"""The initialisers by their name in the experiment file."""
