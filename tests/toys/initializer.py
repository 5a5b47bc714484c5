"""A toy initialiser: one class and one entry in `INITIALIZERS`."""

import numpy as np

from engine.arrays import Array
from engine.named import Share
from engine.nn.initializer import Initializer


class SparseNormal(Initializer, frozen=True):
    """w ~ N(0, 0.1²), a share of them 0."""

    zeros: Share = 0.5

    def fill(self, view: Array, rng: np.random.Generator) -> None:
        view[...] = rng.normal(0, 0.1, view.shape) * (rng.random(view.shape) >= self.zeros)
