"""The samples that activate a unit most and least."""

import msgspec
import numpy as np

from engine.arrays import Array, Labels
from engine.inspection.messages import Raster
from engine.inspection.rasters import finite, raster
from engine.inspection.responses import values_of_unit
from engine.inspection.samples import pictures_of
from engine.inspection.snapshot import NetworkSnapshot, SplitName
from engine.nn.layers import Layer

MOST_FEATURES = 50


class SampleResponse(msgspec.Struct, frozen=True):
    """A sample and a unit's response to it."""

    index: int
    """Index in its split, counted from 0."""
    value: float
    """z, or the probability of a softmax."""
    truth: str
    picture: Raster | None = None
    features: tuple[float | None, ...] = ()
    """Features of a sample that is not a picture, in the units of the data."""


def extremes(
    snapshot: NetworkSnapshot, requested: SplitName, layer: Layer, unit: int, count: int
) -> tuple[tuple[SampleResponse, ...], tuple[SampleResponse, ...]]:
    """Return the samples with the largest values of a unit, largest first, and those with the smallest, smallest first.

    Samples whose value is not finite are omitted.
    """
    values = values_of_unit(snapshot, requested, layer, unit)
    valid = np.flatnonzero(np.isfinite(values))
    most, least = (valid[np.argsort(sign * values[valid], kind="stable")[:count]] for sign in (-1, 1))
    return _responses(snapshot, requested, most, values), _responses(snapshot, requested, least, values)


def _responses(
    snapshot: NetworkSnapshot, requested: SplitName, chosen: Labels, values: Array
) -> tuple[SampleResponse, ...]:
    if not len(chosen):
        return ()
    split = snapshot.split(requested)
    features = snapshot.unscaled(snapshot.rows(split, chosen)[:, :-1])
    images = pictures_of(snapshot, features)
    return tuple(
        SampleResponse(
            index=index,
            value=float(f"{values[index]:.6g}"),
            truth=_truth(snapshot, split.y[index]),
            picture=None if images is None else raster(images[place]),
            features=()
            if images is not None
            else tuple(map(finite, features[place, :MOST_FEATURES].tolist())),
        )
        for place, index in enumerate(chosen.tolist())
    )


def _truth(snapshot: NetworkSnapshot, target: Array) -> str:
    """Return a sample's class, or its value."""
    if snapshot.classifies:
        return snapshot.class_names[int(target)]
    return " ".join(f"{value:.3g}" for value in np.ravel(target)[:2].tolist())
