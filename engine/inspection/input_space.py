"""The space in which samples are perturbed or drawn: the units of the data before scaling."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, Labels
from engine.data import Split
from engine.inspection.samples import picture_shape
from engine.inspection.snapshot import NetworkSnapshot

MOST_LOOKED_AT = 2000
"""Training samples from which range and standard deviation are computed."""


@dataclass(frozen=True)
class Space:
    """Shape and range of a dataset's samples, in the units of the data."""

    shape: tuple[int, ...]
    """Shape of a sample: (C, H, W) for a picture."""
    is_picture: bool
    """True if a sample has height and width."""
    is_plane: bool
    """True if a sample is a point whose two features have the same unit."""
    low: float
    high: float
    """Range of the pixels: 0 to 255, 0 to 1, or that of the training samples; `low` is the lower end."""
    centre: Array
    """Mean of the training samples, (n_features,)."""
    spread: Array
    """Standard deviation of the training samples, (n_features,)."""

    @property
    def fill(self) -> float:
        """Fill value of pixels that move in: 0, or the darkest value if the range has no 0."""
        return 0.0 if self.low <= 0 <= self.high else self.low


def space_of(snapshot: NetworkSnapshot) -> Space:
    """Return the space of a run's data, from at most `MOST_LOOKED_AT` training samples."""
    data = snapshot.data
    raw = raw_samples(snapshot, data.train, evenly(len(data.train), MOST_LOOKED_AT))
    low, high = _range(raw)
    picture = picture_shape(snapshot)
    return Space(
        shape=picture or data.input_shape,
        is_picture=picture is not None,
        is_plane=data.info.kind in ("plane", "gate") and data.info.n_features == 2,
        low=low,
        high=high,
        centre=raw.mean(axis=0),
        spread=raw.std(axis=0),
    )


def evenly(n: int, most: int) -> Labels:
    """Return at most `most` of n positions, evenly spaced."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.int64)) if n else np.empty(0, np.int64)


def raw_samples(snapshot: NetworkSnapshot, split: Split, indices: Labels) -> Array:
    """Return samples (m, n_features) of a split before scaling, float64."""
    return snapshot.unscaled(snapshot.rows(split, indices)[:, :-1])


def scaled_rows(snapshot: NetworkSnapshot, raw: Array) -> Array:
    """Return samples (m, n_features) before scaling as the network's input rows (m, n_features + 1)."""
    rows = snapshot.network.empty_rows(len(raw))
    scaler = snapshot.data.scaler
    np.subtract(raw, scaler.offset.astype(raw.dtype), out=rows[:, :-1], casting="same_kind")
    rows[:, :-1] *= scaler.factor.astype(raw.dtype)
    return rows


def _range(raw: Array) -> tuple[float, float]:
    low, high = (float(raw.min()), float(raw.max())) if raw.size else (0.0, 1.0)
    if low < -1e-6 or high > 255.5:
        return low, high
    return 0.0, (1.0 if high <= 1 + 1e-6 else 255.0)
