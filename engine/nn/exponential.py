"""The exponential activation, for outputs that are positive over many decades (see `activation.py`)."""

import math
from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.nn.activation import Activation, Scratch


class ExponentialActivation(Activation, frozen=True, tag="exponential"):
    """a = eᶻ, f' = a. Beyond z = 709 (float32: 88) it overflows to infinity, as `torch.exp` does.

    The inverse of the log link of a generalised linear model. Source: McCullagh and Nelder 1989, section 2.2.
    """

    use: ClassVar[str] = "Always positive: for rates and counts. In hidden layers it overflows easily."
    value_range: ClassVar[tuple[float, float]] = (0.0, math.inf)
    torch_name: ClassVar[str] = "exp"
    formula: ClassVar[str] = "eᶻ"
    derivative_formula: ClassVar[str] = "a"
    effect: ClassVar[str] = "The exponential turns sums into products: each output is positive."

    def curvature(self, z: Array) -> Array | float:
        return self(z)

    @np.errstate(over="ignore")  # an Inf is reported as a divergence
    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.exp(z, out=out)

    @np.errstate(over="ignore", invalid="ignore")
    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        gradient *= a
