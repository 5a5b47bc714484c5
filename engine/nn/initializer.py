"""The base class of initialisers of weights and biases.

Each fills a view of shape (n_out, n_in), or (n,) for a bias. Values are drawn in float64, row by row of the view, and
rounded to the network's dtype, so that float32 and float64 networks start equal.

A new initialiser is a class, in `initializers.py` or its own file, and one entry in `INITIALIZERS`.
"""

import numpy as np

from engine.arrays import Array
from engine.named import Named


class Initializer(Named, frozen=True):
    """A distribution from which a parameter's initial values are drawn."""

    def fill(self, view: Array, rng: np.random.Generator) -> None:
        """Write initial values into `view`.

        Args:
            view: weights (n_out, n_in) or biases (n,), float32 or float64; overwritten.
            rng: source of the random numbers; not used by constant initialisers.
        """
        raise NotImplementedError
