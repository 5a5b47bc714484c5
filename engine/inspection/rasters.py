"""Arrays as bytes for transmission to a display."""

import math

import numpy as np

from engine.arrays import AnyArray, Array
from engine.inspection.messages import Raster

ZERO = 128
"""Byte of a signed raster that stands for 0."""
REACH = 127


def raster(pixels: AnyArray) -> Raster:
    """Return pixels (H, W) or (H, W, 3) as a raster of uint8."""
    height, width, *depth = pixels.shape
    return Raster(height, width, np.ascontiguousarray(pixels, np.uint8).tobytes(), *depth)


def signed_raster(values: Array, reach: float) -> Raster:
    """Return values (H, W) between -reach and reach as bytes around `ZERO`; NaN becomes 0, infinity an end."""
    scale = REACH / reach if reach > 0 else 0.0
    levels = (
        np.rint(np.clip(np.nan_to_num(values * scale, posinf=REACH, neginf=-REACH), -REACH, REACH)) + ZERO
    )
    return raster(levels.astype(np.uint8))


def share_raster(values: Array, low: float, high: float) -> Raster:
    """Return values (H, W) between low and high as bytes from 0 to 255."""
    span = high - low if high > low else 1.0
    return raster(np.rint(np.clip(np.nan_to_num((values - low) / span), 0, 1) * 255).astype(np.uint8))


def pictures(samples: Array) -> AnyArray:
    """Return samples (k, C, H, W), unscaled, as uint8 (k, H, W), or (k, H, W, 3) for three channels.

    Values from 0 to 255 are kept, those from 0 to 1 are multiplied by 255, others are stretched to their range. Two
    channels, or more than three, are averaged.
    """
    low, high = (float(samples.min()), float(samples.max())) if samples.size else (0.0, 1.0)
    if low < -1e-6 or high > 255.5:
        samples = (samples - low) * (255 / (high - low) if high > low else 0.0)
    elif high <= 1 + 1e-6:
        samples = samples * 255
    bytes_ = np.clip(np.rint(samples), 0, 255).astype(np.uint8)
    if samples.shape[1] == 3:
        return np.moveaxis(bytes_, 1, 3)
    return bytes_[:, 0] if samples.shape[1] == 1 else bytes_.mean(axis=1).astype(np.uint8)


def finite(value: float) -> float | None:
    """Return a float for JSON: 6 significant digits, None if it is not finite."""
    return float(f"{float(value):.6g}") if math.isfinite(value) else None
