"""Samples for display: as pictures if they have a picture's shape, else as features in the units of the data."""

import math

from engine.arrays import AnyArray, Array
from engine.inspection.rasters import pictures
from engine.inspection.snapshot import NetworkSnapshot

LEAST_SIDE = 2
"""Side of a picture in pixels, at least."""
LEAST_FLAT = 5
"""Side of a flattened picture in pixels, at least: four bytes are more likely a table."""


def picture_shape(snapshot: NetworkSnapshot) -> tuple[int, int, int] | None:
    """Return channels, height and width of a sample that is a picture, None for other samples.

    Flat samples of bytes count as flattened pictures if their number of features is a square.
    """
    shape = snapshot.network.input_shape
    if len(shape) == 3:
        return (shape[0], shape[1], shape[2]) if min(shape[1:]) >= LEAST_SIDE else None
    side = math.isqrt(snapshot.network.n_features)
    is_square = side >= LEAST_FLAT and side * side == snapshot.network.n_features
    return (1, side, side) if is_square and snapshot.has_data and not snapshot.data.train.is_scaled else None


def pictures_of(snapshot: NetworkSnapshot, features: Array) -> AnyArray | None:
    """Return unscaled features (m, n_features) as uint8 pictures (m, H, W[, 3]); None if they are not pictures."""
    shape = picture_shape(snapshot)
    return None if shape is None else pictures(features.reshape(len(features), *shape))
