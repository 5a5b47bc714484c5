"""Differences of a loss along a line: how near they come where it is not smooth."""

import numpy as np
import pytest

from engine.activations import Elu, Linear
from engine.gradcheck.differences import LossSurface
from engine.losses import Mse
from engine.numpy_network import Network
from engine.specs import DenseSpec, NetworkSpec

NARROW = 1e4
"""Weight before the unit: within 1e-4 of the point its output is bent through several units."""


def surface_at_a_bend(weight: float) -> tuple[LossSurface, float]:
    """The loss (elu(w x) + 1)² over x at 0, where the unit bends, and its slope there, 2 w."""
    layers = (DenseSpec(units=1, activation=Elu()), DenseSpec(units=1, activation=Linear()))
    network = Network(NetworkSpec(loss=Mse(), layers=layers), (1,), seed=0, dtype="float64")
    network.theta[:] = [weight, 0.0, 1.0, 0.0]  # w and b of the unit, then of the output
    x = np.zeros((1, 1))
    return LossSurface(network, x, np.full((1, 1), -1.0), x.reshape(-1)), 2 * weight


@pytest.mark.parametrize("weight", [1.0, NARROW])
def test_where_the_curvature_jumps_at_the_point_the_slope_is_extrapolated(weight: float) -> None:
    surface, slope = surface_at_a_bend(weight)
    line = surface.coordinate(0)
    plain, careful = surface.slope(line), surface.careful_slope(line)
    assert plain is not None
    assert plain.across_bend
    assert careful is not None
    assert abs(careful.value - slope) <= careful.resolution < 1e-6 * slope
    assert abs(plain.value - slope) > careful.resolution
    assert careful.outdoes(plain)
