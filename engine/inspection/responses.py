"""Responses of a layer's units to every sample of a split, computed in blocks of rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, Labels
from engine.inspection.snapshot import NetworkSnapshot, SplitName
from engine.nn.layers import Layer
from engine.nn.network import ROWS_AT_A_TIME, Network

MOST_CACHED = 2_000_000
"""Numbers cached for the next unit, at most; a larger layer is computed again."""


@dataclass(frozen=True)
class Responses:
    """Responses of one layer's units over a split."""

    active: Array
    """Share of the samples with z above 0, (n,); for softmax, for which the class is predicted."""
    mean: Array
    """Mean activation over the samples for which it is finite, (n,), NaN without any; `highest` likewise."""
    highest: Array
    values: Array | None
    """Values that order the samples, (m, n): z, or the probability of a softmax; None if too large to cache."""


def is_probability(layer: Layer) -> bool:
    """Return True if a unit's value has a meaning only relative to the other units."""
    return not layer.activation.is_elementwise


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def responses(snapshot: NetworkSnapshot, requested: SplitName, layer: Layer) -> Responses:
    """Return the responses of a layer of the snapshot's network; the newest result is cached."""
    key = (snapshot.split_name(requested), layer.name)
    cached: tuple[tuple[str, str], Responses] | None = snapshot.cache.get("responses")
    if cached is None or cached[0] != key:
        cached = snapshot.cache["responses"] = (key, _measure(snapshot, requested, layer))
    return cached[1]


def _measure(snapshot: NetworkSnapshot, requested: SplitName, layer: Layer) -> Responses:
    m, n = len(snapshot.split(requested)), layer.n_out
    values = np.empty((m, n), np.float32) if m * n <= MOST_CACHED else None
    active, total, n_valid = np.zeros(n), np.zeros(n), np.zeros(n)
    highest = np.full(n, -np.inf)
    for block, z, a in _passes(snapshot, requested, layer):
        finite = np.isfinite(a)
        chosen = (z == z.max(axis=1, keepdims=True)) if is_probability(layer) else z > 0
        active += np.count_nonzero(chosen, axis=0)
        total += np.where(finite, a, 0).sum(axis=0, dtype=np.float64)
        n_valid += np.count_nonzero(finite, axis=0)
        highest = np.maximum(highest, np.where(finite, a, -np.inf).max(axis=0))
        if values is not None:
            values[block] = a if is_probability(layer) else z
    return Responses(active / m, total / n_valid, np.where(n_valid > 0, highest, np.nan), values)


@np.errstate(over="ignore", invalid="ignore")
def values_of_unit(snapshot: NetworkSnapshot, requested: SplitName, layer: Layer, unit: int) -> Array:
    """Return one unit's value for each sample of a split, (m,): z, or the probability of a softmax."""
    values = responses(snapshot, requested, layer).values
    if values is not None:
        column: Array = values[:, unit]
        return column
    column = np.empty(len(snapshot.split(requested)), np.float32)
    for block, z, a in _passes(snapshot, requested, layer):
        column[block] = (a if is_probability(layer) else z)[:, unit]
    return column


def _passes(
    snapshot: NetworkSnapshot, requested: SplitName, layer: Layer
) -> Iterator[tuple[Labels, Array, Array]]:
    """Yield positions of samples, and the layer's z and a for them, (rows, n)."""
    split = snapshot.split(requested)
    for start in range(0, len(split), ROWS_AT_A_TIME):
        block = np.arange(start, min(len(split), start + ROWS_AT_A_TIME))
        yield block, *pass_to(snapshot.network, snapshot.rows(split, block), layer)


def pass_to(network: Network, rows: Array, layer: Layer) -> tuple[Array, Array]:
    """Return z and a of a layer, (m, n), for rows (m, n_features + 1), in evaluation mode."""
    network.scores(rows)
    z = layer.pre_activation
    return z, layer.activation(z) if layer is network.last else layer.output
