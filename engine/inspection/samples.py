"""Samples as people look at them: pictures where they are some, features in the units of the data."""

import math

from engine.arrays import AnyArray, Array
from engine.inspection.rasters import pictures
from engine.inspection.snapshot import NetworkSnapshot

LEAST_SIDE = 2
"""Pixels that a side of a picture has at least."""
LEAST_FLAT = 5
"""The same of one that was flattened: four bytes are rather a table."""


def picture_shape(look: NetworkSnapshot) -> tuple[int, int, int] | None:
    """Return channels, height and width of a sample that is a picture, None where it is none.

    Rows of bytes are taken for flattened pictures where their number is a square.
    """
    shape = look.network.input_shape
    if len(shape) == 3:
        return (shape[0], shape[1], shape[2]) if min(shape[1:]) >= LEAST_SIDE else None
    side = math.isqrt(look.network.n_features)
    is_square = side >= LEAST_FLAT and side * side == look.network.n_features
    return (1, side, side) if is_square and look.has_data and not look.data.train.is_scaled else None


def pictures_of(look: NetworkSnapshot, features: Array) -> AnyArray | None:
    """Return samples, unscaled features (m, n_features), as uint8 (m, H, W[, 3]); None where they are no pictures."""
    shape = picture_shape(look)
    return None if shape is None else pictures(features.reshape(len(features), *shape))
