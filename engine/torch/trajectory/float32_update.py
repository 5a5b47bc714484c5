"""The optimizer's update in float32 compared with the same update in float64, at random values."""

import numpy as np

from engine.arrays import Array
from engine.gradcheck.analytic import norm_ratio
from engine.optim.optimizer import Optimizer

TOLERANCE = 1e-5
"""Largest norm ratio that passes; correct code stays below 1e-6."""
PARAMETERS, UPDATES = 96, 12


def float32_update_fault(optimizer: Optimizer) -> str:
    """Return the difference of some updates in float32 from those in float64, in words; "" if rounding explains it."""
    rough, exact = (_updated(optimizer, dtype) for dtype in ("float32", "float64"))
    ratio = norm_ratio(rough, exact)
    if ratio <= TOLERANCE:
        return ""
    size = "is not finite" if np.isnan(ratio) else f"is off by {ratio:.1e} (norm ratio)"
    return f"in float32, in which this experiment trains, the update of {optimizer.name} {size}; in float64 it is right"


def _updated(optimizer: Optimizer, dtype: str) -> Array:
    """Return parameters of the size of the learning rate after some updates, in float64, (PARAMETERS,)."""
    rng = np.random.default_rng(0)
    theta = (optimizer.lr * rng.normal(size=PARAMETERS)).astype(np.float32).astype(dtype)
    state, scale = optimizer.start(theta), optimizer.gradient_scale(optimizer.lr)
    with np.errstate(all="ignore"):
        for _ in range(UPDATES):
            gradient = rng.normal(size=PARAMETERS).astype(np.float32).astype(dtype)
            optimizer.update(theta, gradient * np.asarray(scale, dtype), state, optimizer.lr, scale)
    return theta.astype(np.float64)
