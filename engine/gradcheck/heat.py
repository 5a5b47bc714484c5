"""The relative errors of a tensor's gradient as a grid small enough for a screen."""

import math
from collections.abc import Iterator

import numpy as np

from engine.arrays import Array
from engine.gradcheck.events import Grid, HeatMap
from engine.gradcheck.modes import gradients_in
from engine.gradcheck.report import ANALYTIC, INPUT, TORCH, Report

LARGEST_GRID = 64
"""Largest number of rows, and of columns, of a grid."""
FINEST = -17.0
"""The power of ten that stands for an error of 0."""
SMALL = 1e-3
"""Share of a tensor's largest gradient; an error of a smaller gradient is relative to that share instead."""
KINK = -1.0
"""Marks a coordinate at a kink, in place of its error."""


def heat_maps(report: Report) -> Iterator[HeatMap]:
    """Yield a map of each tensor that was compared, in the network's order, the input's last."""
    by_torch = _errors_by_torch(report)
    for row in report.rows:
        differences, torch = report.differences.get(row.name), by_torch.get(row.name)
        if differences is not None or torch is not None:
            yield _map_of(row.name, row.shape, differences, torch)


def elementwise_error(ours: Array, theirs: Array) -> Array:
    """Return |a − t| / max(|a|, |t|, 1e-3 · the largest |t|), in the shape of both; 1 where one is not finite."""
    a, t = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    with np.errstate(all="ignore"):
        least = SMALL * float(np.nan_to_num(np.abs(t), posinf=0.0).max(initial=0.0))
        errors = np.abs(a - t) / np.maximum(np.maximum(np.abs(a), np.abs(t)), least)
    errors[a == t] = 0
    return np.where(np.isfinite(errors), errors, 1.0)


def join_errors(one: dict[str, Array], other: dict[str, Array]) -> dict[str, Array]:
    """Return the larger error of two modes at each coordinate, by tensor; NaN where neither was taken."""
    joined = dict(one)
    for name, errors in other.items():
        joined[name] = np.fmax(joined[name], errors) if name in joined else errors
    return joined


def _errors_by_torch(report: Report) -> dict[str, Array]:
    errors: dict[str, Array] = {}
    for mode in report.modes or ("",):
        ours = gradients_in(report.gradients, ANALYTIC, mode)
        theirs = gradients_in(report.gradients, TORCH, mode)
        here = {name: elementwise_error(ours[name], theirs[name]) for name in ours if name in theirs}
        errors = join_errors(errors, here)
    return errors


def _map_of(name: str, shape: tuple[int, ...], differences: Array | None, torch: Array | None) -> HeatMap:
    rows, columns = _as_matrix(shape)
    block = (math.ceil(rows / LARGEST_GRID), math.ceil(columns / LARGEST_GRID))
    taken = np.full((rows, columns), np.nan) if differences is None else differences.reshape(rows, columns)
    by_differences = _reduced(taken, block)
    by_torch = None if torch is None else _reduced(torch.reshape(rows, columns), block)
    return HeatMap(
        name=name,
        shape=shape,
        axes=("sample", "input") if name == INPUT else ("unit", "input") if len(shape) > 1 else ("", "unit"),
        block=block,
        differences=_grid(by_differences),
        torch=None if by_torch is None else _grid(by_torch),
        kinks=tuple((int(i), int(j)) for i, j in np.argwhere(by_differences == KINK)),
        worst=_worst(by_differences if by_torch is None else by_torch),
    )


def _as_matrix(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return (rows, columns): a vector is one row, further axes are joined to columns."""
    return (1, shape[0]) if len(shape) == 1 else (shape[0], math.prod(shape[1:]))


def _reduced(errors: Array, block: tuple[int, int]) -> Array:
    """Return the largest error of each block, NaN for a block without one; an error counts more than a kink."""
    rows, columns = (-(-n // size) for n, size in zip(errors.shape, block, strict=True))
    padded = np.full((rows * block[0], columns * block[1]), -np.inf)
    padded[: errors.shape[0], : errors.shape[1]] = np.where(np.isnan(errors), -np.inf, errors)
    largest = padded.reshape(rows, block[0], columns, block[1]).max(axis=(1, 3))  # (rows, columns)
    return np.where(np.isneginf(largest), np.nan, largest)


def _grid(errors: Array) -> Grid:
    with np.errstate(all="ignore"):
        powers = np.maximum(np.round(np.log10(errors), 2), FINEST)
    return tuple(
        tuple(None if not error >= 0 else power for error, power in zip(line, lifted, strict=True))
        for line, lifted in zip(errors.tolist(), powers.tolist(), strict=True)
    )


def _worst(errors: Array) -> tuple[int, int] | None:
    known = np.where(errors >= 0, errors, -np.inf)
    if not known.size or np.isneginf(known).all():
        return None
    i, j = np.unravel_index(int(known.argmax()), known.shape)
    return int(i), int(j)
