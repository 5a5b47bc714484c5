"""Conversion of the engine's rasters to arrays."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.inspection import Raster


def pixels(raster: "Raster") -> "NDArray[np.uint8]":
    """Return a raster as an array (H, W) or (H, W, 3), uint8."""
    import numpy as np

    depth = () if raster.depth == 1 else (raster.depth,)
    return np.frombuffer(raster.data, np.uint8).reshape(raster.height, raster.width, *depth)
