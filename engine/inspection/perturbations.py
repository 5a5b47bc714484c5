"""Perturbations of samples, each with increasing strengths."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.inspection.input_space import Space
from engine.inspection.resampling import rotated, shifted

Apply = Callable[[Array, Space, float, str, np.random.Generator], Array]
"""Arguments: samples (m, n_features) before scaling, their space, strength, way, rng; returns perturbed samples of the
same shape."""

SIDES = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}
"""Rows and columns of one step to each side."""
TURNS = {"left": 1, "right": -1}


@dataclass(frozen=True)
class Perturbation:
    """One kind of perturbation."""

    name: str
    unit: str
    """Unit of the strength, as in `a shift of 2 pixels`."""
    strengths: tuple[float, ...]
    """From weak to strong, without 0."""
    apply: Apply
    ways: tuple[str, ...] = ("",)
    """Directions to try; "" for a perturbation without one."""
    explanation: str = ""
    """Reason why a dense network is sensitive to it."""


def picture_noise(x: Array, space: Space, strength: float, way: str, rng: np.random.Generator) -> Array:
    """Add normal noise to each pixel, its standard deviation a share of the pixel range; clipped to that range.

    Source: Hendrycks and Dietterich 2019, ImageNet-C, `gaussian_noise`.
    """
    drawn = rng.standard_normal(x.shape, np.float32).astype(x.dtype)
    drawn *= strength * (space.high - space.low)
    drawn += x
    return np.clip(drawn, space.low, space.high, out=drawn)


def salt_and_pepper(x: Array, space: Space, strength: float, way: str, rng: np.random.Generator) -> Array:
    """Set a share of the pixels to black or white, half of them each (ImageNet-C, `impulse_noise`)."""
    drawn = rng.random(x.shape, np.float32)
    noisy = np.where(drawn < strength / 2, x.dtype.type(space.low), x)
    noisy[drawn >= 1 - strength / 2] = space.high
    return noisy


def brightness(x: Array, space: Space, strength: float, way: str, rng: np.random.Generator) -> Array:
    """Add or subtract a share of the pixel range; clipped to that range."""
    by = strength * (space.high - space.low) * (1 if way == "brighter" else -1)
    changed: Array = np.clip(x + x.dtype.type(by), space.low, space.high)
    return changed


def picture_shift(x: Array, space: Space, strength: float, way: str, rng: np.random.Generator) -> Array:
    """Shift by whole pixels to one side; pixels that move in have the fill value."""
    down, across = (int(strength) * step for step in SIDES[way])
    return shifted(x.reshape(-1, *space.shape), down, across, space.fill).reshape(x.shape)


def picture_rotation(x: Array, space: Space, strength: float, way: str, rng: np.random.Generator) -> Array:
    """Rotate by degrees around the middle, bilinear; pixels that turn in have the fill value."""
    return rotated(x.reshape(-1, *space.shape), strength * TURNS[way], space.fill).reshape(x.shape)


def feature_noise(x: Array, space: Space, strength: float, way: str, rng: np.random.Generator) -> Array:
    """Add normal noise to each feature, its deviation in units of the feature's own over the training samples."""
    return x + strength * space.spread * rng.standard_normal(x.shape)


def point_shift(x: Array, space: Space, strength: float, way: str, rng: np.random.Generator) -> Array:
    """Shift all points to one side, in standard deviations of the axis."""
    down, across = SIDES[way]
    moved: Array = x + strength * space.spread * np.array([across, -down])
    return moved


def point_rotation(x: Array, space: Space, strength: float, way: str, rng: np.random.Generator) -> Array:
    """Rotate all points around the mean of the training samples, in degrees, in the units of the data."""
    angle = np.deg2rad(strength * TURNS[way])
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned: Array = (x - space.centre) @ turn
    turned += space.centre
    return turned


PICTURES = (
    Perturbation(
        "noise", "of the pixel range", (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0), picture_noise,
        explanation="Each unit sums noise and ink alike; training showed it no noise.",
    ),
    Perturbation(
        "shift", "pixels", (1, 2, 3, 4, 6, 8), picture_shift, tuple(SIDES),
        "A dense network is not shift-invariant: each weight belongs to one pixel.",
    ),
    Perturbation(
        "rotation", "degrees", (5, 10, 20, 30, 45, 60, 90), picture_rotation, tuple(TURNS),
        "A dense network is not rotation-invariant: it recognises the rotations in its training data only.",
    ),
    Perturbation(
        "salt and pepper", "of the pixels", (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5), salt_and_pepper,
        explanation="White pixels where training had none meet weights that were never trained.",
    ),
    Perturbation(
        "brightness", "of the pixel range", (0.1, 0.2, 0.3, 0.4, 0.6, 0.8), brightness, ("brighter", "darker"),
        "A light that covers all pixels adds the sum of a unit's weights to it: nothing holds that sum at 0.",
    ),
)  # fmt: skip
POINTS = (
    Perturbation("noise", "standard deviations", (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5), feature_noise),
    Perturbation("shift", "standard deviations", (0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5), point_shift, tuple(SIDES)),
    Perturbation("rotation", "degrees", (5, 10, 20, 30, 45, 60, 90, 180), point_rotation, tuple(TURNS)),
)  # fmt: skip
ROWS = (
    Perturbation("noise", "standard deviations", (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2), feature_noise),
)


def perturbations_for(space: Space) -> tuple[Perturbation, ...]:
    """Return the perturbations that apply to samples of a space."""
    if space.is_picture:
        return PICTURES
    return POINTS if space.is_plane else ROWS
