"""The base class of activation functions: the function, its derivative, and the properties that other packages read.

`forward` writes f(z) into `out`; `backward` turns dL/da into dL/dz in place. Both take the pre-activation z and the
activation a, shape (m, n), and a `Scratch` of the same shape, so that a training step allocates no memory.

A new activation is a class, in `activations.py` or its own file, and one entry in `ACTIVATIONS`. The defaults of the
properties are valid for any function: no PyTorch equivalent, no dead units, unbounded range.
"""

import copy
import math
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array
from engine.named import Named
from engine.nn.bits import BitsOf


class Scratch:
    """Work arrays of one layer for one batch size, all of shape (m, n), allocated once."""

    __slots__ = ("bits_of_a", "bits_of_gradient", "mask", "temporary", "temporary_bits", "zeros")

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> None:
        self.zeros = np.zeros(shape, dtype)
        """Always zero: `np.maximum` with an array is 3 to 5 times faster than with the scalar 0."""
        self.mask = np.empty(shape, np.bool_)
        self.temporary = np.empty(shape, dtype)
        self.bits_of_a, self.bits_of_gradient = BitsOf(dtype), BitsOf(dtype)
        self.temporary_bits = BitsOf(dtype)(self.temporary)
        """A view of `temporary` as unsigned integers."""

    def part(self, rows: slice) -> "Scratch":
        """Return the work arrays of some rows: views on the same memory, for a thread of its own."""
        part = copy.copy(self)
        part.zeros, part.mask = self.zeros[rows], self.mask[rows]
        part.temporary, part.temporary_bits = self.temporary[rows], self.temporary_bits[rows]
        part.bits_of_a, part.bits_of_gradient = BitsOf(self.zeros.dtype), BitsOf(self.zeros.dtype)
        return part


class Activation(Named, frozen=True):
    """A function a = f(z) and its derivative, element by element (softmax: row by row).

    z, a and the gradients have shape (m, n), m samples of n units, float32 or float64.
    """

    value_range: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    """Infimum and supremum of the outputs."""
    flat_ends: ClassVar[tuple[float, float] | None] = None
    """Outputs below and above which a unit counts as saturated (slope near 0); None: f does not saturate."""
    can_be_off: ClassVar[bool] = False
    """True if output and slope are exactly 0 for every negative z, so that a unit can be dead."""
    is_rectifier: ClassVar[bool] = False
    """True if about half of the signal's variance passes, as with ReLU: weights are then initialised with He's gain."""
    is_elementwise: ClassVar[bool] = True
    """False if an output depends on its whole row."""
    is_linear: ClassVar[bool] = False
    """True if a = z."""
    jumps: ClassVar[bool] = False
    """True if f is discontinuous and has slope 0 elsewhere, so that no gradient passes."""
    gives_probabilities: ClassVar[bool] = False
    """True if the outputs lie in [0, 1] and are probabilities."""
    torch_name: ClassVar[str] = ""
    """Name of the same function in `torch.nn.functional` or `torch`; empty: PyTorch has no exact equivalent."""
    formula: ClassVar[str] = "f(z)"
    """The right-hand side of a = f(z), as the glass box shows it."""
    derivative_formula: ClassVar[str] = "f′(z)"
    """The right-hand side of da/dz, as the glass box shows it."""
    effect: ClassVar[str] = (
        "The activation is nonlinear: without it, several layers would equal a single one."
    )
    """A sentence for the glass box on the function's purpose."""
    max_slope: ClassVar[float] = math.inf
    """Upper bound of |f'(z)|; infinite: unknown."""

    def slope_bound(self) -> float:
        """Return an upper bound of |f'(z)| for these options; infinite if unknown."""
        return self.max_slope

    def curvature(self, z: Array) -> Array | float:
        """Return an upper bound of |f''| near z, shape of z or one number for all; 1 holds for most functions."""
        return 1.0

    def torch_options(self) -> dict[str, Any]:
        """Return the keyword arguments of PyTorch's function `torch_name`."""
        return {}

    def twin(self) -> Any:
        """Return f as a function of a torch tensor, for an activation without a `torch_name`; None: there is none.

        Import torch inside of this method.
        """
        return None

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        """Write a = f(z) into `out`.

        Args:
            z: pre-activations, (m, n); not changed.
            out: (m, n), same dtype; does not overlap `z`.
            scratch: work arrays, (m, n); overwritten.
        """
        raise NotImplementedError

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        """Turn dL/da into dL/dz = dL/da · f'(z) in place.

        Args:
            gradient: (m, n), dL/da on entry, dL/dz on return.
            z: pre-activations, (m, n); not changed.
            a: f(z) as `forward` wrote it, (m, n); not changed.
            scratch: work arrays, (m, n); overwritten.
        """
        raise NotImplementedError

    def __call__(self, z: Array) -> Array:
        """Return f(z) in a new array, shape and dtype of `z`; for plots and tests, not for the training loop."""
        a = np.empty_like(z)
        self.forward(z, a, Scratch(z.shape, z.dtype))
        return a

    def derivative(self, z: Array) -> Array:
        """Return f'(z) in a new array, shape and dtype of `z` (softmax: the diagonal of its Jacobian)."""
        gradient = np.ones_like(z)
        self.backward(gradient, z, self(z), Scratch(z.shape, z.dtype))
        return gradient

    def kinks(self, z: Array) -> Array | None:
        """Return the side of the kink on which each z lies (bool, shape of z); None if f' is continuous."""
        return None

    def bends(self, z: Array) -> Array | None:
        """Return the side of 0 on which each z lies (bool, shape of z) if f'' jumps there and f' does not, else None."""
        return None

    def cancelled(self, z: Array) -> Array | float:
        """Return the magnitude of the terms that cancel in f(z), shape of z; their rounding error remains."""
        return 0.0
