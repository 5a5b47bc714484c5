"""Generated regression datasets with one or two inputs."""

import numpy as np

from engine.arrays import AnyArray, Array
from engine.data.generated import Family, generated, jitter
from engine.data.info import Suggestion

CURVES: Family = {}


@generated(
    CURVES,
    title="Noisy sine",
    task="regression",
    kind="curve",
    noise=0.1,
    suggestion=Suggestion((64, 64), "tanh", "adam", 0.005, 32, 150),
)
def sine(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, AnyArray]:
    """Two periods of sin(πx), x from −2 to 2, with noise on y. Without a hidden layer the fit is a line."""
    x = rng.uniform(-2, 2, (samples, 1))
    return x, jitter(np.sin(np.pi * x), noise, rng)


@generated(
    CURVES,
    title="Noisy plane",
    task="regression",
    kind="plane",
    noise=0.1,
    suggestion=Suggestion((), "tanh", "adam", 0.05, 32, 20),
)
def plane(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, AnyArray]:
    """y = 0.8 x₁ − 0.5 x₂ + 0.3 with noise: linear regression; the weights can be read off the network."""
    x = rng.uniform(-2, 2, (samples, 2))
    y = x @ np.array([[0.8], [-0.5]]) + 0.3  # (samples, 1)
    return x, jitter(y, noise, rng)
