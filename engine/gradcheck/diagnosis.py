"""The pattern of a wrong gradient: a constant factor, some units, a transposition, an earlier batch."""

from collections.abc import Callable

import numpy as np

from engine.gradcheck.differences import LossSurface
from engine.gradcheck.evidence import TOLERANCE, Evidence
from engine.gradcheck.factors import constant_factor, explain_factor, wrong_factor
from engine.gradcheck.report import INPUT

LOOKED_AT = 24
"""Coordinates at which a hypothesis is tested."""

Index = tuple[int, ...]


def diagnose(evidence: Evidence, surface: LossSurface, other: LossSurface, m: int, n_outputs: int) -> str:
    """Return the pattern of a tensor's error in words; "" if it matches none.

    Args:
        evidence: of a tensor that is wrong.
        surface: the loss that was differenced.
        other: the loss of the batch that the network was run on just before.
        m: samples in the batch.
        n_outputs: of the network.
    """
    if not evidence.places:
        return ""
    factor = wrong_factor(*evidence.pairs)
    if factor is not None and abs(factor - 1) > TOLERANCE:
        return explain_factor(factor, m, n_outputs)
    return _only_some(evidence) or _moved(evidence, surface) or _stale(evidence, other)


def _only_some(evidence: Evidence) -> str:
    """Test for errors confined to some rows (units) or columns (inputs)."""
    shape = evidence.tensor.shape
    indices = np.array([evidence.tensor.index_of(place) for place in evidence.places])  # (checked, n_axes)
    wrong = np.array(evidence.errors) > TOLERANCE
    rows = "sample" if evidence.tensor.name == INPUT else "unit"
    for axis, what in ((0, rows), (1, "input"))[: len(shape)]:
        bad = np.unique(indices[wrong, axis])
        good = np.unique(indices[~wrong, axis])
        if 0 < len(bad) <= shape[axis] // 2 and not np.isin(bad, good).any():
            return f"wrong only for {what}{'s' * (len(bad) > 1)} {', '.join(map(str, bad))}"
    return ""


def _moved(evidence: Evidence, surface: LossSurface) -> str:
    """Test for correct values at the wrong indices."""
    shape = evidence.tensor.shape
    if len(shape) != 2 or min(shape) < 2:
        return ""
    if shape[0] == shape[1] and _fits(evidence, surface, lambda i, j: (j, i)):
        return "transposed: each value is at the mirrored index"
    n_out, n_in = shape
    if _fits(evidence, surface, lambda i, j: ((i * n_in + j) % n_out, (i * n_in + j) // n_out)):
        return "reshaped instead of transposed: right values in the wrong order"
    return ""


def _stale(evidence: Evidence, other: LossSurface) -> str:
    if _fits(evidence, other, lambda *index: index):
        return "stale: the gradient of the batch before this one"
    return ""


def _fits(evidence: Evidence, surface: LossSurface, moved: Callable[..., Index]) -> bool:
    """True if the analytic values equal the true ones of `surface` at the `moved` indices."""
    places = [place for place in evidence.places if evidence.analytic[place] != 0][:LOOKED_AT]
    tensor = evidence.tensor
    analytic, true = [], []
    for place in places:
        target = int(tensor.places[moved(*tensor.index_of(place))])
        slope = surface.slope(surface.coordinate(target))
        if slope is not None:
            analytic.append(float(evidence.analytic[place]))
            true.append(slope.value)
    if len(true) < 3:
        return False
    factor = constant_factor(np.array(analytic), np.array(true))
    return factor is not None and abs(factor - 1) < 1e-3
