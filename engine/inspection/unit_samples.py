"""The samples that activate a unit most, and those that do least."""

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
    """A sample, and what it does to the unit."""

    index: int
    """In its split, counted from 0."""
    value: float
    """z, or the probability of a softmax."""
    truth: str
    picture: Raster | None = None
    features: tuple[float | None, ...] = ()
    """Of other samples, in the units of the data."""


def extremes(
    look: NetworkSnapshot, asked: SplitName, layer: Layer, unit: int, count: int
) -> tuple[tuple[SampleResponse, ...], tuple[SampleResponse, ...]]:
    """Return the samples with the largest values of a unit, largest first, and those with the smallest, smallest first.

    Samples for which it computes no number are left out.
    """
    values = values_of_unit(look, asked, layer, unit)
    sound = np.flatnonzero(np.isfinite(values))
    most, least = (sound[np.argsort(sign * values[sound], kind="stable")[:count]] for sign in (-1, 1))
    return _responses(look, asked, most, values), _responses(look, asked, least, values)


def _responses(
    look: NetworkSnapshot, asked: SplitName, chosen: Labels, values: Array
) -> tuple[SampleResponse, ...]:
    if not len(chosen):
        return ()
    split = look.split(asked)
    features = look.unscaled(look.rows(split, chosen)[:, :-1])
    images = pictures_of(look, features)
    return tuple(
        SampleResponse(
            index=index,
            value=float(f"{values[index]:.6g}"),
            truth=_truth(look, split.y[index]),
            picture=None if images is None else raster(images[place]),
            features=()
            if images is not None
            else tuple(map(finite, features[place, :MOST_FEATURES].tolist())),
        )
        for place, index in enumerate(chosen.tolist())
    )


def _truth(look: NetworkSnapshot, target: Array) -> str:
    """A sample's class, or its value."""
    if look.classifies:
        return look.class_names[int(target)]
    return " ".join(f"{value:.3g}" for value in np.ravel(target)[:2].tolist())
