"""The part of a layer's check that depends on its kind: its definition, and its usual mistakes."""

from typing import Any, Protocol

import numpy as np

from engine.arrays import Array


class KindStage(Protocol):
    """The checks of one kind of layer."""

    def prepare(self, layer: Any, m: int, rng: np.random.Generator) -> None:
        """Set buffers and steps to values that reveal mistakes, for batches of m samples."""

    def wrong_forward(self, layer: Any, x: Array) -> str:
        """Return the difference of the layer's output from its definition in words, "" if they agree.

        `x` is homogeneous, (m, n_in + 1).
        """
        raise NotImplementedError

    def explain(self, layer: Any, x: Array, weights: Array, name: str, gradient: Array) -> str:
        """Return the usual mistake that gives this wrong gradient, in words; "" if none is known.

        Args:
            layer: after a forward of `x` and a backward.
            x: homogeneous, (m, n_in + 1).
            weights: the gradient for its output, (m, n_out).
            name: of the tensor, `layers.1.weight`; another text means the input.
            gradient: from `backward`, in the tensor's shape.
        """
        raise NotImplementedError


def homogeneous(x: Array) -> Array:
    """Return x (m, n) with a column of ones, (m, n + 1)."""
    return np.hstack([x, np.ones((len(x), 1))])


def close(one: Array, other: Array) -> bool:
    """True if two arrays of one shape differ by rounding only, judged by their norms."""
    size = float(np.linalg.norm(one) + np.linalg.norm(other))
    return float(np.linalg.norm(one - other)) <= 1e-6 * max(size, 1e-12)
