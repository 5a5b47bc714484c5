"""Figures of a network over a split: mean loss and accuracy."""

import math

import msgspec
import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data import Split
from engine.numpy_network import ROWS_AT_A_TIME, Network


class Figures(msgspec.Struct, frozen=True):
    """Mean loss, and the share of samples classified right; None where there is nothing to measure."""

    loss: float | None = None
    accuracy: float | None = None


def predicted_classes(scores: Array, out: Labels | None = None) -> Labels:
    """Return the class of each row of scores (m, k) before the last activation, shape (m,).

    With one output the class is 1 where the score is positive. `out` takes the result where given.
    """
    if scores.shape[1] == 1:
        if out is None:
            out = np.empty(len(scores), np.int64)
        np.greater(scores[:, 0], 0, out=out, casting="unsafe")
        return out
    return scores.argmax(axis=1, out=out)


def evaluate(network: Network, split: Split, labels: bool = True) -> Figures:
    """Return the figures of `network` over a whole split, a block of rows at a time.

    Args:
        labels: whether y holds classes; a regression has no accuracy.
    """
    n = len(split)
    if not n:
        return Figures()
    rows = network.empty_rows(min(n, ROWS_AT_A_TIME))
    total, correct = 0.0, 0
    for start in range(0, n, ROWS_AT_A_TIME):
        indices = np.arange(start, min(n, start + ROWS_AT_A_TIME))
        block = rows[: len(indices)]
        split.take(indices, block[:, :-1])
        y = split.y[indices]
        loss, block_correct = _evaluate_block(network, block, y, labels)
        total += loss * len(indices)
        correct += block_correct
    return Figures(total / n, correct / n if labels else None)


def _evaluate_block(network: Network, rows: Array, y: AnyArray, labels: bool) -> tuple[float, int]:
    scores = network.scores(rows)
    loss = network.loss.value(scores, network.encode(y))
    if not labels:
        return loss, 0
    classes = predicted_classes(network.layers[-1].pre_activation)
    return loss, int(np.count_nonzero(classes == y))


def significant(values: list[float]) -> list[float | None]:
    """Return values rounded to 6 significant digits, enough for any plot; None where not finite."""
    array = np.asarray(values, np.float64)
    with np.errstate(all="ignore"):
        scale = 10.0 ** (5 - np.floor(np.log10(np.abs(array))))
        rounded = np.where(np.isfinite(scale), np.round(array * scale) / scale, array)
    return [value if math.isfinite(value) else None for value in rounded.tolist()]
