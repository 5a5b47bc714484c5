"""How the units of a layer respond to every sample of a split, computed a block of rows at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, Labels
from engine.inspection.snapshot import NetworkSnapshot, SplitName
from engine.nn.layers import Layer
from engine.nn.network import ROWS_AT_A_TIME, Network

MOST_KEPT = 2_000_000
"""Numbers that are kept for the next unit; a layer with more is passed through again."""


@dataclass(frozen=True)
class Responses:
    """The units of one layer over a split."""

    active: Array
    """(n,): share of the samples for which z is above 0; of a softmax, for which the class is predicted."""
    mean: Array
    """(n,): of the activation, as `highest`, over the samples for which it is a number; NaN where there is none."""
    highest: Array
    values: Array | None
    """(m, n): what samples are ordered by, z, or the probability of a softmax; None where it is too large to keep."""


def is_probability(layer: Layer) -> bool:
    """Whether a unit's value means something only beside those of the others."""
    return not layer.activation.is_elementwise


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def responses(look: NetworkSnapshot, asked: SplitName, layer: Layer) -> Responses:
    """Return how a layer of the look's network responds; the newest one is kept."""
    key = (look.split_name(asked), layer.name)
    kept: tuple[tuple[str, str], Responses] | None = look.kept.get("responses")
    if kept is None or kept[0] != key:
        kept = look.kept["responses"] = (key, _measure(look, asked, layer))
    return kept[1]


def _measure(look: NetworkSnapshot, asked: SplitName, layer: Layer) -> Responses:
    m, n = len(look.split(asked)), layer.n_out
    values = np.empty((m, n), np.float32) if m * n <= MOST_KEPT else None
    active, total, sound = np.zeros(n), np.zeros(n), np.zeros(n)
    highest = np.full(n, -np.inf)
    for block, z, a in _passes(look, asked, layer):
        finite = np.isfinite(a)
        chosen = (z == z.max(axis=1, keepdims=True)) if is_probability(layer) else z > 0
        active += np.count_nonzero(chosen, axis=0)
        total += np.where(finite, a, 0).sum(axis=0, dtype=np.float64)
        sound += np.count_nonzero(finite, axis=0)
        highest = np.maximum(highest, np.where(finite, a, -np.inf).max(axis=0))
        if values is not None:
            values[block] = a if is_probability(layer) else z
    return Responses(active / m, total / sound, np.where(sound > 0, highest, np.nan), values)


@np.errstate(over="ignore", invalid="ignore")
def values_of_unit(look: NetworkSnapshot, asked: SplitName, layer: Layer, unit: int) -> Array:
    """Return one unit's value for each sample of a split, (m,): z, or the probability of a softmax."""
    values = responses(look, asked, layer).values
    if values is not None:
        column: Array = values[:, unit]
        return column
    column = np.empty(len(look.split(asked)), np.float32)
    for block, z, a in _passes(look, asked, layer):
        column[block] = (a if is_probability(layer) else z)[:, unit]
    return column


def _passes(look: NetworkSnapshot, asked: SplitName, layer: Layer) -> Iterator[tuple[Labels, Array, Array]]:
    """Yield positions of samples, and z and a of the layer for them, (rows, n)."""
    split = look.split(asked)
    for start in range(0, len(split), ROWS_AT_A_TIME):
        block = np.arange(start, min(len(split), start + ROWS_AT_A_TIME))
        yield block, *pass_to(look.network, look.rows(split, block), layer)


def pass_to(network: Network, rows: Array, layer: Layer) -> tuple[Array, Array]:
    """Return z and a of a layer, (m, n), for rows (m, n_features + 1), in evaluation mode."""
    network.scores(rows)
    z = layer.pre_activation
    return z, layer.activation(z) if layer is network.last else layer.output
