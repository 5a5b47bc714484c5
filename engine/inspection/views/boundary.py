"""What the network says all over the plane of two features, or along the line of one, beside the samples."""

import msgspec
import numpy as np

from engine.arrays import AnyArray, Array
from engine.errors import NntermError
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
    """How finely the plane is looked at."""

    columns: int = 96
    rows: int = 64


class Point(msgspec.Struct, frozen=True, array_like=True):
    """A sample: where it lies, what it is, whether the network is right."""

    x: float
    y: float
    truth: float
    """Its class, or its value."""
    right: bool


class Plane(msgspec.Struct, frozen=True):
    """A map of the plane, its first row at the top."""

    x_range: tuple[float, float]
    """In the units of the data, as `y_range`."""
    y_range: tuple[float, float]
    classes: Raster | None
    """The class that is predicted in each pixel; None for a regression."""
    levels: Raster
    """How likely that class is, 0 to 255 for 0 to 1; of a regression the value between `low` and `high`."""
    low: float = 0.0
    high: float = 1.0


class BoundaryLine(msgspec.Struct, frozen=True):
    """One output along the line."""

    name: str
    y: tuple[float | None, ...]


class BoundaryCurve(msgspec.Struct, frozen=True):
    """What the network says along one feature."""

    x: tuple[float, ...]
    lines: tuple[BoundaryLine, ...]


class Boundary(Answer, frozen=True, tag="boundary"):
    """The network over the plane (two features) or the line (one), beside samples of a split."""

    split: str
    names: tuple[str, ...]
    """Classes; empty for a regression."""
    points: tuple[Point, ...]
    samples: int
    plane: Plane | None = None
    curve: BoundaryCurve | None = None
    words: str = ""


def boundary(look: NetworkSnapshot, options: BoundaryOptions) -> Boundary:
    """Return the decision boundary, surface or curve of a network of two features or one."""
    n = look.network.n_features
    if n > 2:
        raise UnfitError(f"a boundary is drawn in a plane: this network takes {n:,} features, not one or two")
    if not (0 < options.columns <= LARGEST and 0 < options.rows <= LARGEST):
        raise NntermError(f"a map has 1 to {LARGEST} columns and rows")
    if n == 2 and not look.classifies and look.network.n_outputs > 1:
        raise UnfitError(f"a surface shows one value a point: this network predicts {look.network.n_outputs}")
    judged = look.judged(options.split)
    names = look.class_names if look.classifies else ()
    answer = Boundary(
        split=look.split_name(options.split),
        names=names,
        points=_points(look, options, judged),
        samples=len(judged.truth),
        words=_words(judged),
    )
    if n == 1:
        return msgspec.structs.replace(answer, curve=_curve(look, options, names))
    return msgspec.structs.replace(answer, plane=plane_of(look, options.columns, options.rows))


def _range(look: NetworkSnapshot, axis: int) -> tuple[float, float]:
    """Where the data of training and test lie on an axis, scaled as the network takes them, and a margin."""
    parts = [
        split.x.reshape(len(split), -1)[:, axis] for split in (look.data.train, look.data.test) if len(split)
    ]
    values = np.concatenate(parts).astype(np.float64)
    low, high = float(values.min()), float(values.max())
    width = high - low or 1.0
    return low - MARGIN * width, high + MARGIN * width


def grid_of(
    look: NetworkSnapshot, columns: int, rows: int
) -> tuple[Array, tuple[float, float], tuple[float, float]]:
    """Return the middles of the plane's pixels as samples (rows * columns, 2), from the top left on, and where x and
    y begin and end in the units of the data.
    """
    ranges = [_range(look, axis) for axis in (0, 1)]
    x = _middles(*ranges[0], columns)
    y = _middles(*ranges[1], rows)[::-1]
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)  # (rows * columns, 2)
    corners = look.unscaled(np.array(ranges).T)  # (2, 2): low and high of each axis
    x_range, y_range = ((float(low), float(high)) for low, high in corners.T)
    return grid, x_range, y_range


def plane_of(look: NetworkSnapshot, columns: int, rows: int) -> Plane:
    """Return what a network of two features, with one output or with classes, says all over the plane."""
    grid, x_range, y_range = grid_of(look, columns, rows)
    shape = (rows, columns)
    if not look.classifies:
        values = look.network.forward(grid)[:, 0].astype(np.float64).reshape(shape)
        low, high = _value_range(look, values)
        return Plane(x_range, y_range, None, share_raster(values, low, high), low, high)
    z = look.network.logits(grid)
    classes = predicted_classes(z)
    likely = shares_of(look.network, z)[np.arange(len(z)), classes]
    return Plane(
        x_range, y_range, raster(classes.reshape(shape)), share_raster(likely.reshape(shape), 0.0, 1.0)
    )


def _value_range(look: NetworkSnapshot, values: Array) -> tuple[float, float]:
    """Lowest and highest of what is predicted and what is true, so that points and surface share a scale."""
    truth = np.asarray(look.data.train.y, np.float64)
    every = np.concatenate([values[np.isfinite(values)], truth.ravel()])
    return float(every.min()), float(every.max())


def _middles(low: float, high: float, count: int) -> Array:
    """Middles of `count` equal parts of a range."""
    step = (high - low) / count
    return low + step * (np.arange(count) + 0.5)


def _curve(look: NetworkSnapshot, options: BoundaryOptions, names: tuple[str, ...]) -> BoundaryCurve:
    low, high = _range(look, 0)
    x = np.linspace(low, high, CURVE_POINTS)[:, np.newaxis]
    if names:
        shares = shares_of(look.network, look.network.logits(x))
        lines = tuple(BoundaryLine(name, _told(shares[:, i])) for i, name in enumerate(names[:10]))
    else:
        values = look.network.forward(x)
        lines = tuple(
            BoundaryLine("prediction" if look.network.n_outputs == 1 else f"output {i}", _told(values[:, i]))
            for i in range(min(10, look.network.n_outputs))
        )
    return BoundaryCurve(tuple(look.unscaled(x)[:, 0].tolist()), lines)


def _told(values: AnyArray) -> tuple[float | None, ...]:
    return tuple(finite(value) for value in values.tolist())


def _points(look: NetworkSnapshot, options: BoundaryOptions, judged: Predictions) -> tuple[Point, ...]:
    """Some samples of the split, evenly taken."""
    n = len(judged.truth)
    some = np.unique(np.linspace(0, n - 1, min(n, POINTS)).astype(np.int64))
    places = look.unscaled(look.rows(look.split(options.split), some)[:, :-1])
    truth = np.asarray(judged.truth, np.float64).reshape(n, -1)[some, 0]
    right = (judged.predicted == judged.truth)[some] if look.classifies else np.ones(len(some), bool)
    if places.shape[1] == 1:
        places = np.column_stack([places[:, 0], truth])
    return tuple(
        Point(x, y, value, bool(ok))
        for (x, y), value, ok in zip(places.tolist(), truth.tolist(), right.tolist(), strict=True)
    )


def _words(judged: Predictions) -> str:
    if not len(judged.predicted):
        return ""
    wrong = len(judged.truth) - judged.n_right
    return f"{wrong:,} on the wrong side" if wrong else "all on the right side"


VIEW = InspectionView("boundary", BoundaryOptions, Boundary, boundary)
