"""The array types that the engine's signatures use."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
"""Values, parameters or gradients: float32 or float64."""

Labels = NDArray[np.integer[Any]]
"""Class indices, shape (m,)."""

AnyArray = NDArray[Any]
"""An array of any type, as read from a file and before conversion."""
