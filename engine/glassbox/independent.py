"""Finite differences of single steps of the walk, so that no derivative is shown without an independent check."""

from collections.abc import Callable

import numpy as np

from engine.arrays import Array
from engine.glassbox.numbers import Indexed, number
from engine.nn.activations import Activation

STEP = 1e-6
"""Distance of a difference, relative to values above 1."""
TOLERANCE = 1e-4
"""Relative difference from which two derivatives disagree: differences are accurate to about 1e-8."""
ROUNDING = 1e-13
"""Bound on the relative rounding error of a value, which a difference divides by its distance."""
DIRECTIONS = 3


def direction_disagreement(value: Callable[[Array], float], x: Array, gradient: Array, symbol: str) -> str:
    """Compare a gradient with central differences of `value` along random directions.

    Args:
        value: the function, of an array in the shape of `x`.
        x: where it is differentiated; not changed.
        gradient: in the shape of `x`.
        symbol: of the gradient.

    Returns:
        The first difference in words; "" if there is none, or if no difference is finite and free of kinks.
    """
    rng = np.random.default_rng(0)
    distance = STEP * max(1.0, float(np.abs(x).max(initial=0.0)))
    for _ in range(DIRECTIONS):
        direction = rng.normal(size=x.shape)
        centre = value(x)
        ahead = (value(x + distance * direction) - centre) / distance
        behind = (centre - value(x - distance * direction)) / distance
        found = (ahead + behind) / 2
        given = float(np.vdot(gradient, direction))
        allowed = TOLERANCE * max(abs(found), float(np.linalg.norm(gradient)))
        allowed += ROUNDING * max(1.0, abs(centre)) / distance
        if not np.isfinite(found + given) or abs(ahead - behind) > allowed / 2:  # a kink lies between
            continue
        if abs(found - given) > allowed:
            return (
                f"{symbol} is wrong: along a random direction it gives {number(given)}, a finite difference "
                f"{number(found)}"
            )
    return ""


def derivative_disagreement(activation: Activation, z: Array, derivative: Array) -> str:
    """Compare f′(z) with central differences of f, element by element; z and derivative (m, n).

    Returns:
        The largest difference in words; "" if there is none. Values at a kink or a jump are left out.
    """
    distance = STEP * np.maximum(1.0, np.abs(z))
    centre = activation(z)
    ahead, behind = (
        (activation(z + distance) - centre) / distance,
        (centre - activation(z - distance)) / distance,
    )
    found = (ahead + behind) / 2
    allowed = TOLERANCE * np.maximum(1.0, np.abs(found)) + ROUNDING * np.abs(centre) / distance
    compared = np.isfinite(found + derivative) & (np.abs(ahead - behind) <= allowed / 2)
    off = np.where(compared, np.abs(found - derivative) - allowed, -1.0)
    i, k = np.unravel_index(int(off.argmax()), off.shape)
    if off[i, k] <= 0:
        return ""
    name = Indexed(len(z)).name("z", int(i), int(k))
    return (
        f"f′ is wrong: at {name} = {number(z[i, k])} it gives {number(derivative[i, k])}, a finite difference of f "
        f"{number(found[i, k])}"
    )
