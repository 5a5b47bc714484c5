"""The space in which samples are disturbed or drawn: as the data were before they were scaled."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, Labels
from engine.data import Split
from engine.inspection.samples import picture_shape
from engine.inspection.snapshot import NetworkSnapshot

MOST_LOOKED_AT = 2000
"""Samples of the training part from which range and spread are taken."""


@dataclass(frozen=True)
class Space:
    """Where the samples of a dataset lie, in the units of the data."""

    shape: tuple[int, ...]
    """Of a sample: (C, H, W) of a picture."""
    is_picture: bool
    """Whether a sample has height and width."""
    is_plane: bool
    """Whether a sample is a point whose two features have one unit."""
    low: float
    high: float
    """The range of pixels: 0 to 255, 0 to 1, or as far as the training samples reach."""
    centre: Array
    """(n_features,): the mean of the training samples."""
    spread: Array
    """(n_features,): their standard deviation."""

    @property
    def fill(self) -> float:
        """What is put where a picture has moved away: 0, or the darkest value where there is no 0."""
        return 0.0 if self.low <= 0 <= self.high else self.low


def space_of(look: NetworkSnapshot) -> Space:
    """Return the space of a run's data, from at most `MOST_LOOKED_AT` training samples."""
    data = look.data
    raw = raw_samples(look, data.train, evenly(len(data.train), MOST_LOOKED_AT))
    low, high = _range(raw)
    picture = picture_shape(look)
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
    """Return at most `most` positions of n, evenly taken."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.int64)) if n else np.empty(0, np.int64)


def raw_samples(look: NetworkSnapshot, split: Split, indices: Labels) -> Array:
    """Return samples (m, n_features) of a split as they were before scaling, float64."""
    return look.unscaled(look.rows(split, indices)[:, :-1])


def scaled_rows(look: NetworkSnapshot, raw: Array) -> Array:
    """Return samples (m, n_features), as they are before scaling, as rows (m, n_features + 1) that the network takes."""
    rows = look.network.empty_rows(len(raw))
    scaler = look.data.scaler
    np.subtract(raw, scaler.offset.astype(raw.dtype), out=rows[:, :-1], casting="same_kind")
    rows[:, :-1] *= scaler.factor.astype(raw.dtype)
    return rows


def _range(raw: Array) -> tuple[float, float]:
    low, high = (float(raw.min()), float(raw.max())) if raw.size else (0.0, 1.0)
    if low < -1e-6 or high > 255.5:
        return low, high
    return 0.0, (1.0 if high <= 1 + 1e-6 else 255.0)
