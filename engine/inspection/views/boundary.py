"""The view boundary: the network's output over the plane of two features or along the line of one, with samples."""

import msgspec
import numpy as np

from engine.arrays import AnyArray, Array
from engine.errors import NntermError
from engine.inspection.epoch_losses import EpochLosses
from engine.inspection.messages import Answer, Raster, UnfitError
from engine.inspection.rasters import finite, raster, share_raster
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.view import InspectionView, Options
from engine.training.predictions import Predictions, predicted_classes, shares_of

MARGIN = 0.08
"""Share of the data's range that is shown beyond it on each side."""
POINTS = 500
LARGEST = 400
"""Columns and rows of the map at most."""
CURVE_POINTS = 240


class BoundaryOptions(Options, frozen=True):
    """Resolution of the map."""

    columns: int = 96
    rows: int = 64


class Point(msgspec.Struct, frozen=True, array_like=True):
    """A sample as a point: position, truth, and if the prediction is right."""

    x: float
    y: float
    truth: float
    """Its class, or its value."""
    right: bool


class Plane(msgspec.Struct, frozen=True):
    """A map of the plane, its first row at the top."""

    x_range: tuple[float, float]
    """In the units of the data, like `y_range`."""
    y_range: tuple[float, float]
    classes: Raster | None
    """Predicted class of each pixel; None for a regression."""
    levels: Raster
    """Probability of that class, 0 to 255 for 0 to 1; for a regression the value between `low` and `high`."""
    low: float = 0.0
    high: float = 1.0


class BoundaryLine(msgspec.Struct, frozen=True):
    """One output along the line."""

    name: str
    y: tuple[float | None, ...]


class BoundaryCurve(msgspec.Struct, frozen=True):
    """The network's outputs along one feature."""

    x: tuple[float, ...]
    lines: tuple[BoundaryLine, ...]


class Boundary(Answer, frozen=True, tag="boundary"):
    """The network over the plane (two features) or the line (one), with samples of a split."""

    split: str
    names: tuple[str, ...]
    """Classes; empty for a regression."""
    points: tuple[Point, ...]
    samples: int
    plane: Plane | None = None
    curve: BoundaryCurve | None = None
    words: str = ""
    losses: EpochLosses = EpochLosses()
    """Loss of the run over its epochs."""


def boundary(snapshot: NetworkSnapshot, options: BoundaryOptions) -> Boundary:
    """Return the decision boundary, surface or curve of a network of two features or one."""
    n = snapshot.network.n_features
    if n > 2:
        raise UnfitError(f"Boundary needs one or two features; this network has {n:,}")
    if not (0 < options.columns <= LARGEST and 0 < options.rows <= LARGEST):
        raise NntermError(f"a map has 1 to {LARGEST} columns and rows")
    if n == 2 and not snapshot.classifies and snapshot.network.n_outputs > 1:
        raise UnfitError(f"a surface needs a single output; this network has {snapshot.network.n_outputs}")
    predictions = snapshot.predictions(options.split)
    names = snapshot.class_names if snapshot.classifies else ()
    answer = Boundary(
        split=snapshot.split_name(options.split),
        names=names,
        points=_points(snapshot, options, predictions),
        samples=len(predictions.truth),
        words=_words(predictions),
        losses=snapshot.losses(),
    )
    if n == 1:
        return msgspec.structs.replace(answer, curve=_curve(snapshot, options, names))
    return msgspec.structs.replace(answer, plane=plane_of(snapshot, options.columns, options.rows))


def _range(snapshot: NetworkSnapshot, axis: int) -> tuple[float, float]:
    """Return the range of training and test data on an axis, scaled as the network's input, with a margin."""
    parts = [
        split.x.reshape(len(split), -1)[:, axis]
        for split in (snapshot.data.train, snapshot.data.test)
        if len(split)
    ]
    values = np.concatenate(parts).astype(np.float64)
    low, high = float(values.min()), float(values.max())
    width = high - low or 1.0
    return low - MARGIN * width, high + MARGIN * width


def grid_of(
    snapshot: NetworkSnapshot, columns: int, rows: int
) -> tuple[Array, tuple[float, float], tuple[float, float]]:
    """Return the centres of the plane's pixels as samples (rows * columns, 2), from the top left on, and the ranges of x
    and y in the units of the data.
    """
    ranges = [_range(snapshot, axis) for axis in (0, 1)]
    x = _middles(*ranges[0], columns)
    y = _middles(*ranges[1], rows)[::-1]
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)  # (rows * columns, 2)
    corners = snapshot.unscaled(np.array(ranges).T)  # (2, 2): low and high of each axis
    x_range, y_range = ((float(low), float(high)) for low, high in corners.T)
    return grid, x_range, y_range


def plane_of(snapshot: NetworkSnapshot, columns: int, rows: int) -> Plane:
    """Return the output of a network of two features, for classes or a single value, over the plane."""
    grid, x_range, y_range = grid_of(snapshot, columns, rows)
    shape = (rows, columns)
    if not snapshot.classifies:
        values = snapshot.network.forward(grid)[:, 0].astype(np.float64).reshape(shape)
        low, high = _value_range(snapshot, values)
        return Plane(x_range, y_range, None, share_raster(values, low, high), low, high)
    z = snapshot.network.logits(grid)
    classes = predicted_classes(z)
    likely = shares_of(snapshot.network, z)[np.arange(len(z)), classes]
    return Plane(
        x_range, y_range, raster(classes.reshape(shape)), share_raster(likely.reshape(shape), 0.0, 1.0)
    )


def _value_range(snapshot: NetworkSnapshot, values: Array) -> tuple[float, float]:
    """Return the range of predictions and true values together, so that points and surface share a scale."""
    truth = np.asarray(snapshot.data.train.y, np.float64)
    every = np.concatenate([values[np.isfinite(values)], truth.ravel()])
    return float(every.min()), float(every.max())


def _middles(low: float, high: float, count: int) -> Array:
    """Return the centres of `count` equal parts of a range."""
    step = (high - low) / count
    return low + step * (np.arange(count) + 0.5)


def _curve(snapshot: NetworkSnapshot, options: BoundaryOptions, names: tuple[str, ...]) -> BoundaryCurve:
    low, high = _range(snapshot, 0)
    x = np.linspace(low, high, CURVE_POINTS)[:, np.newaxis]
    if names:
        shares = shares_of(snapshot.network, snapshot.network.logits(x))
        lines = tuple(BoundaryLine(name, _finite_or_none(shares[:, i])) for i, name in enumerate(names[:10]))
    else:
        values = snapshot.network.forward(x)
        lines = tuple(
            BoundaryLine(
                "prediction" if snapshot.network.n_outputs == 1 else f"output {i}",
                _finite_or_none(values[:, i]),
            )
            for i in range(min(10, snapshot.network.n_outputs))
        )
    return BoundaryCurve(tuple(snapshot.unscaled(x)[:, 0].tolist()), lines)


def _finite_or_none(values: AnyArray) -> tuple[float | None, ...]:
    return tuple(finite(value) for value in values.tolist())


def _points(
    snapshot: NetworkSnapshot, options: BoundaryOptions, predictions: Predictions
) -> tuple[Point, ...]:
    """Return evenly spaced samples of the split."""
    n = len(predictions.truth)
    some = np.unique(np.linspace(0, n - 1, min(n, POINTS)).astype(np.int64))
    places = snapshot.unscaled(snapshot.rows(snapshot.split(options.split), some)[:, :-1])
    truth = np.asarray(predictions.truth, np.float64).reshape(n, -1)[some, 0]
    right = (
        (predictions.predicted == predictions.truth)[some]
        if snapshot.classifies
        else np.ones(len(some), bool)
    )
    if places.shape[1] == 1:
        places = np.column_stack([places[:, 0], truth])
    return tuple(
        Point(x, y, value, bool(ok))
        for (x, y), value, ok in zip(places.tolist(), truth.tolist(), right.tolist(), strict=True)
    )


def _words(predictions: Predictions) -> str:
    if not len(predictions.predicted):
        return ""
    wrong = len(predictions.truth) - predictions.n_right
    return f"{wrong:,} wrong" if wrong else "all correct"


VIEW = InspectionView("boundary", BoundaryOptions, Boundary, boundary)
