"""The bits of floating-point arrays as unsigned integers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array

Bits = NDArray[np.unsignedinteger[Any]]


class BitsOf:
    """A function from an array to its bits as unsigned integers, a view on the same memory.

    +0 is 0, any other value is positive. The latest view is cached: creating one takes half the time of a product of
    small arrays.
    """

    __slots__ = ("_array", "_bits", "_kind")

    def __init__(self, dtype: np.dtype[np.floating]) -> None:
        self._kind = np.dtype(f"u{dtype.itemsize}")  # unsigned, same size
        self._array: Array | None = None
        self._bits: Bits

    def __call__(self, array: Array) -> Bits:
        """Return the bits of `array`, same shape, uint32 for float32 and uint64 for float64."""
        if array is not self._array:
            self._bits, self._array = array.view(self._kind), array
        return self._bits
