"""A toy activation: a new member of the family is one class and one entry in `ACTIVATIONS`."""

from typing import ClassVar

import numpy as np

from engine.arrays import Array
from engine.nn.activation import Activation, Scratch


class Mish(Activation, frozen=True):
    """a = z tanh(ln(1 + eᶻ)), f' = t + z σ(z) (1 − t²) with t = tanh(ln(1 + eᶻ)). Source: Misra 2020."""

    is_rectifier: ClassVar[bool] = True
    torch_name: ClassVar[str] = "mish"
    formula: ClassVar[str] = "z tanh(ln(1 + eᶻ))"
    max_slope: ClassVar[float] = 1.1

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.multiply(z, np.tanh(np.logaddexp(0, z)), out=out)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        t = np.tanh(np.logaddexp(0, z))
        gradient *= t + z * (1 - t * t) / (1 + np.exp(-z))
