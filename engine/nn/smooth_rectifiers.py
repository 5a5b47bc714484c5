"""The smooth relatives of ReLU: gelu, silu and softplus (see `activation.py`; `activations.py` registers them)."""

import math
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.nn.activation import Activation, Scratch
from engine.nn.special_functions import normal_cdf, normal_density, sigmoid


class Gelu(Activation, frozen=True):
    """a = z Φ(z), f' = Φ(z) + z φ(z), with Φ and φ the normal distribution and its density.

    The exact form, as `torch.nn.GELU()`. Source: Hendrycks and Gimpel 2016, arXiv 1606.08415.
    """

    use: ClassVar[str] = "A smooth ReLU, weighted by the normal distribution: usual in transformers."
    is_rectifier: ClassVar[bool] = True
    torch_name: ClassVar[str] = "gelu"
    formula: ClassVar[str] = "z Φ(z)"
    derivative_formula: ClassVar[str] = "Φ(z) + z φ(z)"
    max_slope: ClassVar[float] = 1.13

    def cancelled(self, z: Array) -> Array | float:
        return np.abs(z)  # computed from 1 + erf(z/√2), z Φ(z) has no correct digit in its left tail

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.multiply(z, normal_cdf(z), out=out)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        slopes = np.multiply(z, normal_density(z), out=scratch.temporary)
        slopes += normal_cdf(z)
        gradient *= slopes


class Silu(Activation, frozen=True):
    """a = z σ(z), f' = σ(z) (1 + z (1 − σ(z))). Source: Elfwing, Uchibe, Doya 2018; "swish"."""

    use: ClassVar[str] = "A smooth ReLU (swish): usual in modern convolutional networks."
    is_rectifier: ClassVar[bool] = True
    torch_name: ClassVar[str] = "silu"
    formula: ClassVar[str] = "z σ(z)"
    derivative_formula: ClassVar[str] = "σ(z) (1 + z (1 − σ(z)))"
    max_slope: ClassVar[float] = 1.1

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        sigmoid(z, out)
        out *= z

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        probability = sigmoid(z, scratch.temporary)
        gradient *= probability + a * (1 - probability)


class Softplus(Activation, frozen=True):
    """a = ln(1 + eᶻ) = max(0, z) + ln(1 + e^−|z|), which does not overflow; f' = σ(z).

    Source: Dugas et al. 2001.
    """

    use: ClassVar[str] = "A smooth ReLU that is always positive: for outputs that must be positive."
    value_range: ClassVar[tuple[float, float]] = (0.0, math.inf)
    is_rectifier: ClassVar[bool] = True
    formula: ClassVar[str] = "ln(1 + eᶻ)"
    derivative_formula: ClassVar[str] = "σ(z)"
    max_slope: ClassVar[float] = 1.0

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        positive = np.maximum(z, scratch.zeros, out=scratch.temporary)
        np.abs(z, out=out)
        np.negative(out, out=out)
        np.exp(out, out=out)
        np.log1p(out, out=out)
        out += positive

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        gradient *= sigmoid(z, scratch.temporary)
