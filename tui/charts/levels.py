"""Levels of colour for values: a few bands, chosen by hand for 256 colours, each with a shade for terminals without."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Palette:
    """Colours and shades from the lowest level to the highest."""

    colours: tuple[str, ...]
    shades: str
    """A character a level: what is drawn where there is no colour."""

    def __len__(self) -> int:
        return len(self.colours)


SEQUENTIAL = Palette(("#005f87", "#0087af", "#56b4e9", "#afd7ff", "#ffffd7"), "·░▒▓█")
"""From dark to light, for values from low to high."""
DIVERGING = Palette(("#d55e00", "#e6a06a", "#6c6c6c", "#87c5ee", "#0087d7"), "▄-·+▀")
"""From orange over grey to blue, for values below and above a middle."""


def levels(values: ArrayLike, count: int) -> NDArray[np.int64]:
    """Return the level, 0 to count - 1, of each value between the lowest and the highest; equal values take the
    middle level, what is not finite -1."""
    array = np.asarray(values, np.float64)
    finite = np.isfinite(array)
    result = np.full(array.shape, -1, np.int64)
    if not finite.any():
        return result
    halves = array[finite] / 2  # so that the span cannot overflow
    low, span = halves.min(), np.ptp(halves)
    shares = (halves - low) / span if span > 0 else np.full(halves.shape, 0.5)
    result[finite] = np.minimum((shares * count).astype(np.int64), count - 1)
    return result


def diverging_levels(values: ArrayLike, count: int, middle: float = 0.0) -> NDArray[np.int64]:
    """Return levels as `levels` does, with `middle` in the middle of the scale."""
    array = np.asarray(values, np.float64)
    finite = array[np.isfinite(array)]
    reach = float(np.abs(finite - middle).max()) if finite.size else 0.0
    if reach == 0:
        return np.where(np.isfinite(array), count // 2, -1).astype(np.int64)
    scaled = (array - middle) / reach
    padded = np.concatenate([scaled.ravel(), [-1.0, 1.0]])
    return levels(padded, count)[:-2].reshape(array.shape)
