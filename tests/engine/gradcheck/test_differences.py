"""The accuracy of differences of a loss along a line where it is not smooth."""

import math

import numpy as np
import pytest

from engine.gradcheck.differences import LossSurface
from engine.nn.activations import Elu, Linear
from engine.nn.losses import Mse
from engine.nn.network import Network
from engine.nn.specs import DenseSpec, NetworkSpec

NARROW = 1e4
"""Weight before the unit: within a step of the point the loss changes by many times its size."""


def surface_near_a_bend(weight: float, x: float) -> tuple[LossSurface, float]:
    """Return the loss (elu(w x) + 1)² over x, whose unit bends at 0, and its slope at x, 2 w e^(2 w x) for x up to 0."""
    layers = (DenseSpec(units=1, activation=Elu()), DenseSpec(units=1, activation=Linear()))
    network = Network(NetworkSpec(loss=Mse(), layers=layers), (1,), seed=0, dtype="float64")
    network.theta[:] = [weight, 0.0, 1.0, 0.0]  # w and b of the unit, then of the output
    data = np.full((1, 1), x)
    slope = 2 * weight * math.exp(2 * weight * x)
    return LossSurface(network, data, np.full((1, 1), -1.0), data.reshape(-1)), slope


@pytest.mark.parametrize("x", [0.0, -1e-12, -1e-10, -1e-9, -1e-7, -1e-6])
@pytest.mark.parametrize("weight", [1.0, 30.0, NARROW])
def test_a_slope_near_a_jump_of_curvature_is_within_its_error_bar(weight: float, x: float) -> None:
    surface, slope = surface_near_a_bend(weight, x)
    careful = surface.careful_slope(surface.coordinate(0))
    assert careful is not None
    assert abs(careful.value - slope) <= careful.resolution < 1e-4 * slope


def test_a_turn_within_a_step_is_found_by_extrapolation_only() -> None:
    surface, slope = surface_near_a_bend(NARROW, 0.0)
    line = surface.coordinate(0)
    plain, careful = surface.slope(line), surface.careful_slope(line)
    assert plain is not None
    assert careful is not None
    assert careful.improves_on(plain)
    assert abs(careful.value - slope) < 1e-6 * abs(plain.value - slope)
