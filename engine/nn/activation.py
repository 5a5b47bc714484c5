"""The base of activation functions: the computation, and the facts that other packages ask for.

`forward` writes f(z) into `out`; `backward` turns dL/da into dL/dz in place. Both get the pre-activation z and the
activation a, shape (m, n), and a `Scratch` of the same shape, so that no step allocates memory.

A new activation is a class, in `activations.py` or a file of its own, and one entry in `ACTIVATIONS`. The facts have
defaults that are safe for any function: what is not stated is left out (no PyTorch twin, no dead units, no range).
"""

import math
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array
from engine.named import Named
from engine.nn.bits import BitsOf


class Scratch:
    """Work arrays of one layer at one batch size, all of shape (m, n), allocated once."""

    __slots__ = ("bits_of_a", "bits_of_gradient", "mask", "temporary", "whole", "zeros")

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> None:
        self.zeros = np.zeros(shape, dtype)
        """Stays zero: `np.maximum` against an array is 3 to 5 times faster than against the scalar 0."""
        self.mask = np.empty(shape, np.bool_)
        self.temporary = np.empty(shape, dtype)
        self.bits_of_a, self.bits_of_gradient = BitsOf(dtype), BitsOf(dtype)
        self.whole = BitsOf(dtype)(self.temporary)
        """The memory of `temporary`, for whole numbers."""


class Activation(Named, frozen=True):
    """An element-wise (softmax: row-wise) function and its derivative."""

    value_range: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    """Least and greatest output, reached or approached."""
    flat_ends: ClassVar[tuple[float, float] | None] = None
    """Outputs beyond which the slope is almost 0 (saturated); None: no flat ends."""
    can_be_off: ClassVar[bool] = False
    """True if output and slope are exactly 0 for every negative z, so that a unit can be dead."""
    is_rectifier: ClassVar[bool] = False
    """True if about half of the signal's variance passes, as with ReLU: weights then start with He's gain."""
    is_elementwise: ClassVar[bool] = True
    """False if an output depends on its whole row."""
    is_linear: ClassVar[bool] = False
    """True if a = z."""
    jumps: ClassVar[bool] = False
    """True if f itself jumps at its kink and has slope 0 elsewhere: no gradient passes."""
    gives_probabilities: ClassVar[bool] = False
    """True if outputs lie in [0, 1] and are meant as probabilities."""
    torch_name: ClassVar[str] = ""
    """The function's name in `torch.nn.functional` or `torch`; empty: PyTorch has none, or none that is exact."""
    formula: ClassVar[str] = "f(z)"
    derivative_formula: ClassVar[str] = "f′(z)"
    effect: ClassVar[str] = (
        "The activation bends each sum: without a bend, many layers would be no more than one."
    )
    """A sentence for the glass box."""
    max_slope: ClassVar[float] = math.inf
    """Largest |f'(z)|; infinite: not known."""

    def slope_bound(self) -> float:
        """Return the largest |f'(z)| with these options; infinite where it is not known."""
        return self.max_slope

    def torch_options(self) -> dict[str, Any]:
        """Return the keyword arguments of PyTorch's function."""
        return {}

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        """Write f(z) into `out`, shape (m, n); `z` stays as it is."""
        raise NotImplementedError

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        """Multiply `gradient`, dL/da on entry, by f'(z) in place, so that it is dL/dz on return."""
        raise NotImplementedError

    def __call__(self, z: Array) -> Array:
        """Return f(z) in a new array; for figures and tests, not for the training loop."""
        a = np.empty_like(z)
        self.forward(z, a, Scratch(z.shape, z.dtype))
        return a

    def derivative(self, z: Array) -> Array:
        """Return f'(z), shape of `z`, element by element (softmax: the diagonal of its Jacobian)."""
        gradient = np.ones_like(z)
        self.backward(gradient, z, self(z), Scratch(z.shape, z.dtype))
        return gradient

    def kinks(self, z: Array) -> Array | None:
        """Return the side of the kink on which each z lies (bool, shape of z); None where f' has no jump."""
        return None

    def bends(self, z: Array) -> Array | None:
        """Return the side of 0 on which each z lies (bool, shape of z) where f'' jumps there and f' does not."""
        return None

    def cancelled(self, z: Array) -> Array | float:
        """Return the size of the terms that cancel each other in f(z), shape of z: rounding in them stays."""
        return 0.0
