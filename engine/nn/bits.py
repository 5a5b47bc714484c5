"""The bits of floating-point arrays as whole numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array

Bits = NDArray[np.unsignedinteger[Any]]


class BitsOf:
    """Gives an array's bits as unsigned whole numbers, sharing its memory: +0 is 0, all else is above.

    The newest view is kept, since making one costs half as much as a product of small arrays.
    """

    __slots__ = ("_array", "_bits", "_kind")

    def __init__(self, dtype: np.dtype[np.floating]) -> None:
        self._kind = np.dtype(f"u{dtype.itemsize}")  # unsigned, and as wide
        self._array: Array | None = None
        self._bits: Bits

    def __call__(self, array: Array) -> Bits:
        if array is not self._array:
            self._bits, self._array = array.view(self._kind), array
        return self._bits
