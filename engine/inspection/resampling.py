"""Resampling of pictures: bilinear sampling, rotation and resizing; shifts by whole pixels."""

import math

import numpy as np

from engine.arrays import Array


def sampled(pictures: Array, rows: Array, columns: Array, fill: float = 0.0) -> Array:
    """Return pictures sampled bilinearly at fractional coordinates; pixels are points at integer coordinates.

    With i = ⌊row⌋, s = row − i, j = ⌊column⌋ and t = column − j:
    (1 − s)(1 − t) p[i, j] + (1 − s) t p[i, j + 1] + s (1 − t) p[i + 1, j] + s t p[i + 1, j + 1].

    Args:
        pictures: (..., H, W), floating.
        rows, columns: (H', W'), coordinates of each new pixel.
        fill: value outside the pictures.

    Returns:
        (..., H', W') in the dtype of `pictures`.
    """
    *many, height, width = pictures.shape
    padded = np.full((*many, height + 2, width + 2), fill, pictures.dtype)
    padded[..., 1:-1, 1:-1] = pictures
    flat = padded.reshape(*many, -1)  # (..., (H + 2) (W + 2))
    # more than a pixel outside is fill: clipped to the frame of fill values
    y, x = np.clip(rows + 1, 0, height + 1).ravel(), np.clip(columns + 1, 0, width + 1).ravel()
    i, j = np.minimum(y.astype(np.int64), height), np.minimum(x.astype(np.int64), width)
    s, t = (y - i).astype(pictures.dtype), (x - j).astype(pictures.dtype)
    corner = i * (width + 2) + j
    result = flat.take(corner, axis=-1) * ((1 - s) * (1 - t))
    for step, weight in ((1, (1 - s) * t), (width + 2, s * (1 - t)), (width + 3, s * t)):
        if weight.any():
            result += flat.take(corner + step, axis=-1) * weight
    found: Array = result.reshape(*many, *rows.shape)
    return found


def rotated(pictures: Array, degrees: float, fill: float = 0.0) -> Array:
    """Return pictures (..., H, W) rotated counterclockwise around their middle, of equal size; new pixels are `fill`."""
    height, width = pictures.shape[-2:]
    middle = (height - 1) / 2, (width - 1) / 2
    down, across = np.meshgrid(np.arange(height) - middle[0], np.arange(width) - middle[1], indexing="ij")
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return sampled(
        pictures, cos * down + sin * across + middle[0], cos * across - sin * down + middle[1], fill
    )


def shifted(pictures: Array, down: int, across: int, fill: float = 0.0) -> Array:
    """Return pictures (..., H, W) shifted by whole pixels; new pixels are `fill`."""
    height, width = pictures.shape[-2:]
    result = np.full_like(pictures, fill)
    if abs(down) < height and abs(across) < width:
        here, there = _overlap(down, height), _overlap(across, width)
        result[..., here[0], there[0]] = pictures[..., here[1], there[1]]
    return result


def _overlap(by: int, size: int) -> tuple[slice, slice]:
    """Return the target and the source slice of a shift along one axis."""
    return slice(max(0, by), size + min(0, by)), slice(max(0, -by), size + min(0, -by))


def resized(picture: Array, height: int, width: int) -> Array:
    """Return a picture (H, W) in another size; its edge pixels are repeated outside."""
    places = [
        np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        for new, old in zip((height, width), picture.shape, strict=True)
    ]
    rows, columns = np.meshgrid(*places, indexing="ij")
    return sampled(picture, rows, columns)
