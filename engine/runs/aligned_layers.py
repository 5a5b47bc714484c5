"""The layers of several networks side by side: those that correspond share a row, one that only some have its own."""

from collections.abc import Mapping, Sequence
from typing import Any

Layer = Mapping[str, Any]
"""A layer's table in an experiment file."""
Row = tuple[Layer | None, ...]
"""A layer of each network; None: it has none there."""


def aligned(networks: Sequence[Sequence[Layer]]) -> list[Row]:
    """Return the layers in rows, in their order in every network; only layers of one type share a row."""
    rows: list[Row] = [(layer,) for layer in networks[0]] if networks else []
    for n, network in enumerate(networks[1:], start=1):
        rows = _joined(rows, network, n)
    return rows


def _joined(rows: Sequence[Row], network: Sequence[Layer], n: int) -> list[Row]:
    """Return the rows of `n` networks with one more network, at the highest sum of likenesses (Needleman and Wunsch)."""
    n_rows, n_layers = len(rows), len(network)
    best = [[0.0] * (n_layers + 1) for _ in range(n_rows + 1)]
    like = [
        [_likeness(row, layer, i == n_rows - 1, j == n_layers - 1) for j, layer in enumerate(network)]
        for i, row in enumerate(rows)
    ]
    for i in range(n_rows - 1, -1, -1):
        for j in range(n_layers - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], like[i][j] + best[i + 1][j + 1])
    joined: list[Row] = []
    i = j = 0
    while i < n_rows or j < n_layers:
        if i < n_rows and j < n_layers and like[i][j] > 0 and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            joined.append((*rows[i], network[j]))
            i, j = i + 1, j + 1
        elif j < n_layers and (i == n_rows or best[i][j] == best[i][j + 1]):
            joined.append((*(None,) * n, network[j]))
            j += 1
        else:
            joined.append((*rows[i], None))
            i += 1
    return joined


def _likeness(row: Row, layer: Layer, row_is_last: bool, layer_is_last: bool) -> float:
    """Return 0 for layers of two types; else 1, more for equal options, and much more for two output layers."""
    other = next(one for one in row if one is not None)
    if other.get("type") != layer.get("type"):
        return 0.0
    keys = {*other, *layer}
    equal = sum(bool(other.get(key) == layer.get(key)) for key in keys)
    return 1.0 + equal / max(1, len(keys)) + 10.0 * (row_is_last and layer_is_last)
