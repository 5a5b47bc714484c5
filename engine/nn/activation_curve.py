"""An activation function's values over an interval, for a plot beside its name."""

import numpy as np

from engine.nn.activations import ACTIVATIONS


def activation_curve(name: str, low: float, high: float, points: int) -> tuple[float, ...]:
    """Return f(z) at `points` evenly spaced z from `low` to `high`, with the default options.

    Empty if `name` is not an activation, or if its outputs depend on the whole row (softmax).
    """
    member = ACTIVATIONS.get(name)
    if member is None or not member.is_elementwise:
        return ()
    return tuple(member()(np.linspace(low, high, points)[:, np.newaxis])[:, 0].tolist())
