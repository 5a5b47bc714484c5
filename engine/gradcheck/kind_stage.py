"""What a kind of layer adds to the check of a layer by itself: its definition once more, and its usual mistakes."""

from typing import Any, Protocol

import numpy as np

from engine.arrays import Array


class KindStage(Protocol):
    """Knows one kind of layer."""

    def prepare(self, layer: Any, m: int, rng: np.random.Generator) -> None:
        """Bring what is not a parameter into a state in which mistakes show, for batches of m samples."""

    def wrong_forward(self, layer: Any, x: Array) -> str:
        """Return how the layer's output differs from its definition, for homogeneous x (m, n_in + 1); "" if not."""
        raise NotImplementedError

    def explain(self, layer: Any, x: Array, weights: Array, name: str, gradient: Array) -> str:
        """Return which usual mistake gives this wrong gradient, "" where none that we know.

        Args:
            layer: after a forward of `x` and a backward.
            weights: the gradient for its output, (m, n_out).
            name: of the tensor, `layers.1.weight`; another text means the input.
            gradient: what `backward` gave for it.
        """
        raise NotImplementedError


def homogeneous(x: Array) -> Array:
    """Return x (m, n) with a column of ones, (m, n + 1)."""
    return np.hstack([x, np.ones((len(x), 1))])


def close(one: Array, other: Array) -> bool:
    """Whether two arrays are the same but for rounding, by their norms."""
    size = float(np.linalg.norm(one) + np.linalg.norm(other))
    return float(np.linalg.norm(one - other)) <= 1e-6 * max(size, 1e-12)
