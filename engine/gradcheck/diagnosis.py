"""The pattern of a wrong gradient: a constant factor, some units, a transposition, an earlier batch."""

from collections.abc import Callable
from functools import partial

import numpy as np

from engine.gradcheck.differences import Surface
from engine.gradcheck.events import USUAL_TOLERANCE as TOLERANCE
from engine.gradcheck.evidence import Evidence
from engine.gradcheck.factors import constant_factor, explain_factor
from engine.gradcheck.factors import wrong_factor as factor_of
from engine.gradcheck.report import INPUT

LOOKED_AT = 24
"""Coordinates at which a hypothesis is tested."""

Index = tuple[int, ...]


def diagnose(evidence: Evidence, surface: Surface, other: Surface, m: int, n_outputs: int) -> str:
    """Return the pattern of a network's wrong tensor in words; "" if it matches none.

    Args:
        evidence: of a tensor that is wrong.
        surface: the loss that was differenced.
        other: the loss of the batch that the network was run on just before.
        m: samples in the batch.
        n_outputs: of the network.
    """
    factor = wrong_factor(evidence)
    if factor is not None:
        return explain_factor(factor, m, n_outputs)
    rows = "sample" if evidence.tensor.name == INPUT else "unit"
    return only_some(evidence, (rows, "input")) or moved(evidence, surface) or _stale(evidence, other)


def wrong_factor(evidence: Evidence) -> float | None:
    """Return the constant factor, other than 1, between the tensor's gradient and the true one; None without one."""
    factor = factor_of(*evidence.pairs) if evidence.places else None
    return factor if factor is not None and abs(factor - 1) > TOLERANCE else None


def only_some(evidence: Evidence, words: tuple[str, str]) -> str:
    """Test for errors confined to some rows or columns, which `words` names."""
    if not evidence.places:
        return ""
    shape = evidence.tensor.shape
    indices = np.array([evidence.tensor.index_of(place) for place in evidence.places])  # (checked, n_axes)
    wrong = np.array(evidence.errors) > TOLERANCE
    for axis, what in tuple(enumerate(words))[: len(shape)]:
        bad = np.unique(indices[wrong, axis])
        good = np.unique(indices[~wrong, axis])
        if 0 < len(bad) <= shape[axis] // 2 and not np.isin(bad, good).any():
            return f"wrong only for {_plural(what, len(bad))} {', '.join(map(str, bad))}"
    return ""


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else "entries" if noun == "entry" else f"{noun}s"


def moved(evidence: Evidence, surface: Surface) -> str:
    """Test for correct values at the wrong indices."""
    shape = evidence.tensor.shape
    for axis, length in enumerate(shape):
        for by in (1, -1) if length > 2 else ():
            if _fits(evidence, surface, partial(_neighbour, axis, by, length)):
                return f"shifted by one along axis {axis}: each value is that of the index {by:+d}"
    if len(shape) != 2 or min(shape) < 2:
        return ""
    if shape[0] == shape[1] and _fits(evidence, surface, lambda i, j: (j, i)):
        return "transposed: each value is at the mirrored index"
    n_out, n_in = shape
    if _fits(evidence, surface, lambda i, j: ((i * n_in + j) % n_out, (i * n_in + j) // n_out)):
        return "reshaped instead of transposed: right values in the wrong order"
    return ""


def _neighbour(axis: int, by: int, length: int, *index: int) -> Index | None:
    """Return the index `by` further along an axis; None beyond its ends."""
    at = index[axis] + by
    return (*index[:axis], at, *index[axis + 1 :]) if 0 <= at < length else None


def _stale(evidence: Evidence, other: Surface) -> str:
    if _fits(evidence, other, lambda *index: index):
        return "stale: the gradient of the batch before this one"
    return ""


def _fits(evidence: Evidence, surface: Surface, source: Callable[..., Index | None]) -> bool:
    """True if the analytic values equal the true ones of `surface` at the indices that `source` returns."""
    places = [place for place in evidence.places if evidence.analytic[place] != 0][:LOOKED_AT]
    tensor = evidence.tensor
    analytic, true = [], []
    for place in places:
        index = source(*tensor.index_of(place))
        if index is None:
            continue
        slope = surface.slope(surface.coordinate(int(tensor.places[index])))
        if slope is not None:
            analytic.append(float(evidence.analytic[place]))
            true.append(slope.value)
    if len(true) < 3:
        return False
    factor = constant_factor(np.array(analytic), np.array(true))
    return factor is not None and abs(factor - 1) < 1e-3
