"""Generated datasets of points in the plane, centred and within about ±2, for decision-boundary plots."""

import numpy as np

from engine.arrays import AnyArray, Array
from engine.data.generated import Family, class_of_each, generated, jitter
from engine.data.info import Suggestion

PLANES: Family = {}

_SMALL = Suggestion((16, 16), "tanh", "adam", 0.01, 32, 30)


@generated(
    PLANES,
    title="Two moons",
    task="binary",
    kind="plane",
    noise=0.15,
    class_names=("upper", "lower"),
    suggestion=_SMALL,
    source="after scikit-learn's make_moons",
)
def moons(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, AnyArray]:
    """Two interleaved half circles. Not linearly separable, but a small network suffices."""
    y = class_of_each(samples, 2)
    angle = rng.uniform(0, np.pi, samples)
    upper = np.stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25], axis=1)  # (samples, 2)
    x = np.where(y[:, np.newaxis] == 0, upper, -upper)
    return jitter(x, noise, rng), y


@generated(
    PLANES,
    title="Two circles",
    task="binary",
    kind="plane",
    noise=0.12,
    class_names=("inner", "outer"),
    suggestion=_SMALL,
    source="after scikit-learn's make_circles",
)
def circles(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, AnyArray]:
    """Two concentric rings. Not linearly separable; three hidden units enclose the inner one."""
    y = class_of_each(samples, 2)
    radius = np.where(y == 0, 0.75, 1.5)
    x = _on_circle(radius, rng.uniform(0, 2 * np.pi, samples))
    return jitter(x, noise, rng), y


@generated(
    PLANES,
    title="Three spirals",
    task="classification",
    kind="plane",
    noise=0.05,
    class_names=("arm 1", "arm 2", "arm 3"),
    suggestion=Suggestion((64, 64), "relu", "adam", 0.005, 32, 60),
    source="after Lang and Witbrock 1988, with three arms",
)
def spirals(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, AnyArray]:
    """Three interleaved spiral arms of one and a quarter turns; needs width or depth."""
    y = class_of_each(samples, 3)
    along = rng.uniform(0.05, 1, samples)
    angle = 2 * np.pi * (1.25 * along + y / 3)
    return jitter(_on_circle(2 * along, angle), noise, rng), y


@generated(
    PLANES,
    title="Four blobs",
    task="classification",
    kind="plane",
    noise=0.5,
    class_names=("right", "top", "left", "bottom"),
    suggestion=Suggestion((), "tanh", "adam", 0.05, 32, 20),
)
def blobs(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, AnyArray]:
    """Four overlapping Gaussian clusters; a linear classifier is optimal, some errors are unavoidable."""
    y = class_of_each(samples, 4)
    centres = _on_circle(np.full(samples, 1.4), y * (np.pi / 2))
    return jitter(centres, noise, rng), y


@generated(
    PLANES,
    title="Checkerboard",
    task="binary",
    kind="plane",
    samples=2500,
    class_names=("dark", "light"),
    suggestion=Suggestion((64, 64), "relu", "adam", 0.005, 32, 80),
)
def checkerboard(samples: int, noise: float, rng: np.random.Generator) -> tuple[Array, AnyArray]:
    """A 4 × 4 checkerboard in two classes: XOR many times over; noise blurs the edges."""
    y = class_of_each(samples, 2)
    row = rng.integers(0, 4, samples)
    column = 2 * rng.integers(0, 2, samples) + (row + y) % 2
    corner = np.stack([column, row], axis=1) - 2.0  # (samples, 2)
    return jitter(corner + rng.uniform(0, 1, (samples, 2)), noise, rng), y


def _on_circle(radius: Array, angle: Array) -> Array:
    """Return points at polar coordinates, (samples, 2)."""
    points: Array = radius[:, np.newaxis] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return points
