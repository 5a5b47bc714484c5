"""Statistics of single columns, inputs and targets: constant ones, values far outside, codes taken for numbers."""

import math

import msgspec
import numpy as np
from msgspec.structs import replace

from engine.arrays import AnyArray, Array
from engine.data import Data, Split

SAMPLED = 5_000
"""Training samples from which quantiles and codes are computed, at most; extremes are those of all samples."""
FEWEST = 50
"""Samples needed to judge single values: in a smaller set the farthest one is far by chance."""
BULK = (0.5, 99.5)
"""Percentiles between which the bulk of a column lies."""
FAR = 20.0
"""Distance from the median, in half-widths of the bulk. Of a million normal samples the farthest is at 2, of an
exponential distribution at 5, of a log-normal one with σ = 1 at 18."""
GAP = 5.0
"""Gap between a repeated extreme value and the next, in ranges of all other values: -999 below 0 to 100."""
APART = 2 * GAP
"""The same in half-widths."""
SPARSE = 0.9
"""Share of equal values above which the others are rare by nature, and neither far outside nor small."""
FEWEST_VALUES = 10
"""Distinct values besides a repeated extreme, and of a column of codes."""
BINS = 10
"""Groups of neighbouring values, to tell a relation to a number from a relation to a code."""
FEWEST_A_CODE = 3
"""Samples, on average, of each code."""
CODED, SMOOTH = 0.2, 0.5
"""Share of the target's variance that the codes explain at least; share of it that bins of neighbours explain at most."""


class FarValue(msgspec.Struct, frozen=True, kw_only=True):
    """A value far outside the bulk of its column."""

    column: int
    value: float
    """The farthest one, in the units of the file."""
    median: float
    low: float
    high: float
    """The bulk: the percentiles in `BULK`."""
    quartiles: float
    """Distance between the first and the third quartile."""
    distance: float
    """From the median, in half-widths of the bulk; of all other values for an extreme that `GAP` found."""
    limit: float = FAR
    """Distance from which a value is far."""
    count: int
    """Samples as far or farther, relative to `FAR`; equal ones for a repeated extreme."""
    repeated: bool = False
    squeezed: float = 1.0
    """Standard deviation of the bulk over that of the whole column, at most 1: small if scaling by the latter squeezes
    all other values together."""


class CodedColumn(msgspec.Struct, frozen=True):
    """A column of whole numbers whose values predict the target one by one, but not by their size."""

    column: int
    distinct: int
    explained: float
    """Share of the target's variance that the single values explain, adjusted for their number."""
    by_size: float
    """Share that bins of neighbouring values explain, adjusted likewise."""


class NarrowColumn(msgspec.Struct, frozen=True):
    """A column that varies little around a large value."""

    column: int
    around: float
    deviation: float


class ColumnFacts(msgspec.Struct, frozen=True):
    """Unusual values of single columns."""

    columns: int
    constant: tuple[int, ...] = ()
    """Columns with the same value in all training samples."""
    far: tuple[FarValue, ...] = ()
    """The farthest value of each column that has one, the most distant first."""
    far_target: FarValue | None = None
    coded: CodedColumn | None = None
    narrow: NarrowColumn | None = None
    """The narrowest column, as the network receives it."""


def column_facts(data: Data) -> ColumnFacts:
    """Return the statistics of the columns of a table; of pictures, whose columns are alike, only the constant ones."""
    train = data.train
    low, high = _extremes(train)
    constant = tuple(np.flatnonzero(low == high).tolist())
    facts = ColumnFacts(len(low), constant)
    targets = None if data.class_names else np.asarray(train.y, np.float64)
    if data.info.kind in ("gate", "images") or len(train) < FEWEST:
        return facts
    rows = train.spread(SAMPLED).astype(np.float64)  # (m, n_features)
    y = train.y[np.linspace(0, len(train) - 1, len(rows)).astype(np.int64)]
    return ColumnFacts(
        len(low),
        constant,
        _far_values(rows, low, high, data),
        None if targets is None else _farthest(targets),
        _coded(_in_file_units(rows, data), y, data),
        _narrow(rows),
    )


def _extremes(split: Split, block: int = 16_384) -> tuple[Array, Array]:
    """Return the lowest and the highest value of every column, scaled, over all samples."""
    parts = [split.stored(slice(start, start + block)) for start in range(0, len(split), block)]
    low = np.min([part.min(axis=0) for part, _ in parts], axis=0).astype(np.float64)
    high = np.max([part.max(axis=0) for part, _ in parts], axis=0).astype(np.float64)
    still = parts[0][1]
    if still is not None:
        low, high = (low - still.offset) * still.factor, (high - still.offset) * still.factor
    return low, high


def _in_file_units(rows: Array, data: Data) -> Array:
    """Return scaled rows, (m, n_features), in the units of the file."""
    factor = np.where(data.scaler.factor == 0, 1.0, data.scaler.factor)
    return rows / factor + data.scaler.offset


def _far_values(rows: Array, low: Array, high: Array, data: Data) -> tuple[FarValue, ...]:
    """Return the farthest value of each column that has one; `low` and `high` are those of all training samples."""
    found = []
    for column in np.flatnonzero(low < high).tolist():
        values = rows[:, column]
        unseen = [one for one in (low[column], high[column]) if not values.min() <= one <= values.max()]
        far = far_value(np.concatenate([values, unseen]), column)
        if far is not None:
            found.append(_unscaled(far, data))
    return tuple(sorted(found, key=lambda far: -far.distance))


def _unscaled(far: FarValue, data: Data) -> FarValue:
    """Return the same with its values in the units of the file."""
    row = np.zeros((4, data.scaler.offset.size if data.scaler.offset.ndim else far.column + 1))
    row[:, far.column] = far.value, far.median, far.low, far.high
    value, median, low, high = _in_file_units(row, data)[:, far.column].tolist()
    quartiles = far.quartiles * (high - low) / (far.high - far.low)
    digits = 5 - math.floor(math.log10(high - low))  # float32 has 7: a 0 comes back as 1e-8
    value, median, low, high = (round(one, digits) for one in (value, median, low, high))
    return replace(far, value=value, median=median, low=low, high=high, quartiles=quartiles)


def _farthest(targets: Array) -> FarValue | None:
    """Return the farthest value of any target, (n, k)."""
    found = [far_value(column, index) for index, column in enumerate(targets.reshape(len(targets), -1).T)]
    return max((far for far in found if far is not None), key=lambda far: far.distance, default=None)


def far_value(values: Array, column: int = 0) -> FarValue | None:
    """Return the value of a column that is far outside the bulk of the others; None if there is none.

    Args:
        values: (n,), finite.
        column: index to report.
    """
    low, quarter, median, three_quarters, high = np.percentile(
        values, (BULK[0], 25, 50, 75, BULK[1])
    ).tolist()
    repeated = _repeated_extreme(values, median)
    if repeated is not None:
        others = values[values != repeated]
        count = len(values) - len(others)
        low, quarter, median, three_quarters, high = np.percentile(others, (0, 25, 50, 75, 100)).tolist()
        distance, limit = abs(repeated - median) / ((high - low) / 2), APART
        bulk, farthest = others, repeated
    elif high > low and not is_sparse(values[:, np.newaxis])[0]:
        distances = np.abs(values - median) / ((high - low) / 2)
        distance, farthest, limit = float(distances.max()), float(values[distances.argmax()]), FAR
        count, bulk = int((distances > FAR).sum()), values[(values >= low) & (values <= high)]
    else:
        return None
    if distance <= limit:
        return None
    return FarValue(
        column=column,
        value=farthest,
        median=median,
        low=low,
        high=high,
        quartiles=three_quarters - quarter,
        distance=distance,
        limit=limit,
        count=count,
        repeated=repeated is not None and count > 1,
        squeezed=_squeezed(bulk, values),
    )


def is_sparse(rows: Array) -> AnyArray:
    """Return which columns of rows (m, n) have one and the same value nearly always, as blank pixels and rare answers."""
    sparse: AnyArray = (rows == np.median(rows, axis=0)).mean(axis=0) > SPARSE
    return sparse


def _squeezed(bulk: Array, values: Array) -> float:
    return min(1.0, float(bulk.std() / values.std()))


def _repeated_extreme(values: Array, median: float) -> float | None:
    """Return the lowest or highest value if it lies apart from all others, which differ among themselves."""
    distinct = np.unique(values)
    if len(distinct) <= FEWEST_VALUES:
        return None
    below, above = distinct[1] - distinct[0], distinct[-1] - distinct[-2]
    without_lowest, without_highest = distinct[-1] - distinct[1], distinct[-2] - distinct[0]
    if below > GAP * without_lowest and median != distinct[0]:
        return float(distinct[0])
    if above > GAP * without_highest and median != distinct[-1]:
        return float(distinct[-1])
    return None


def _coded(rows: Array, y: AnyArray, data: Data) -> CodedColumn | None:
    """Return the column whose whole numbers are codes: each predicts a target of its own, neighbours have nothing in
    common."""
    targets = np.eye(len(data.class_names))[y] if data.class_names else y.astype(np.float64)  # (m, k)
    found = []
    for column in range(rows.shape[1]):
        values = np.round(rows[:, column])
        if np.abs(rows[:, column] - values).max() > 1e-3:
            continue
        codes, groups = np.unique(values, return_inverse=True)
        if len(codes) < FEWEST_VALUES or len(codes) * FEWEST_A_CODE > len(values):
            continue
        explained = explained_share(groups, targets)
        if explained < CODED:
            continue
        by_size = explained_share(groups * BINS // len(codes), targets)
        if by_size < SMOOTH * explained:
            found.append(CodedColumn(column, len(codes), explained, max(0.0, by_size)))
    return max(found, key=lambda code: code.explained - code.by_size, default=None)


def explained_share(groups: AnyArray, targets: Array) -> float:
    """Return the share of the variance of `targets`, (m, k), that the means of the groups explain.

    Eta squared, adjusted for the share that as many groups explain of pure noise: 1 - (1 - η²)(m - 1)/(m - groups).
    """
    sizes = np.bincount(groups)
    centred = targets - targets.mean(axis=0)
    total = float(np.square(centred).sum())
    spare = len(targets) - np.count_nonzero(sizes)
    if not total or spare <= 0:
        return 0.0
    sums = np.array([np.bincount(groups, column) for column in centred.T])  # (k, groups)
    between = float((np.square(sums) / np.maximum(sizes, 1)).sum())
    return float(1 - (1 - between / total) * (len(targets) - 1) / spare)


def _narrow(rows: Array) -> NarrowColumn | None:
    """Return the column that varies least relative to its size."""
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    changing = np.flatnonzero(deviation > 0)
    if not len(changing):
        return None
    share = deviation[changing] / np.maximum(np.abs(mean[changing]), 1e-30)
    narrowest = int(changing[share.argmin()])
    return NarrowColumn(narrowest, float(mean[narrowest]), float(deviation[narrowest]))
