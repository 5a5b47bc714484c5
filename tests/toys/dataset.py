"""A toy dataset: one function with a decorator, and one entry in `DATASETS`."""

import numpy as np

from engine.arrays import AnyArray, Array
from engine.data.generated import Family, generated
from engine.data.info import Suggestion

TOYS: Family = {}


@generated(
    TOYS,
    title="Stripes",
    task="classification",
    kind="plane",
    class_names=("even", "odd"),
    samples=300,
    suggestion=Suggestion((16,), "tanh", "adam", 0.01, 32, 10),
)
def stripes(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, AnyArray]:
    """Vertical stripes of width 1 that belong to the two classes in turn."""
    x = rng.uniform(-2, 2, (samples, 2))
    return x, (np.floor(x[:, 0]) % 2).astype(np.int64)
