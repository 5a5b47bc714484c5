"""Rows that occur more than once: copies of training samples among the held-out ones, or coarse data that repeat."""

from collections import Counter

import numpy as np

from engine.arrays import AnyArray
from engine.data import Data, Split

COMPARED = 10_000
"""Validation and test samples looked up among the training samples, at most."""
FEWEST = 3
"""Equal samples that mean anything: one row occurs twice by chance."""
FEW_VALUES = 20
"""Values of each column of a table that has nothing but answers and categories."""
DROPPED = 32
"""Columns that are left out, one by one, to find rows that differ in a single column."""
BESIDE, SPARE = 2.0, 0.05
"""Held-out samples may repeat training samples this many times as often as those repeat each other, and a little more."""
BLOCK = 1_024


def shared_samples(data: Data) -> float:
    """Return the share of the validation and test samples that are training samples too, 0 to 1.

    It is 0 for a gate, whose splits are equal, and where as many repeats are natural: in a table of answers and
    categories, or of coarse measurements, different people have equal rows. Such a table also has as many rows that
    differ in a single column; copied rows do not.
    """
    held_out = [split for split in (data.validation, data.test) if len(split)]
    if data.info.kind == "gate" or not held_out:
        return 0.0
    train = _hashes(data.train, len(data.train))
    known = Counter(train)
    found = [[digest in known for digest in _hashes(split, COMPARED)] for split in held_out]
    count, share = sum(map(sum, found)), sum(map(sum, found)) / sum(map(len, found))
    if count < FEWEST:
        return 0.0
    twins = sum(known[digest] > 1 for digest in train) / len(train)
    if share <= BESIDE * twins + SPARE and data.info.kind != "images" and is_coarse(data.train):
        return 0.0
    return share


def is_coarse(split: Split) -> bool:
    """Return True if equal rows are natural: few values a column, or at least as many rows that differ in one column."""
    rows, _ = split.stored(_spread(len(split), COMPARED))
    distinct = np.array([len(np.unique(column)) for column in rows.T])
    if distinct.max() <= FEW_VALUES:
        return True
    counts = _occurrences(rows)
    near = np.zeros(len(rows), bool)
    for column in np.argsort(-distinct)[:DROPPED]:
        near |= _occurrences(np.delete(rows, column, axis=1)) > counts
    return int(near.sum()) >= int((counts > 1).sum())


def _occurrences(rows: AnyArray) -> AnyArray:
    """Return how often each row occurs, (m,)."""
    digests = [hash(row.tobytes()) for row in np.ascontiguousarray(rows)]
    counts = Counter(digests)
    return np.array([counts[digest] for digest in digests])


def _spread(n: int, most: int) -> AnyArray:
    """Return at most `most` of n positions, evenly spaced."""
    return np.linspace(0, n - 1, min(n, most)).astype(np.int64)


def _hashes(split: Split, most: int) -> list[int]:
    chosen = _spread(len(split), most)
    digests: list[int] = []
    for start in range(0, len(chosen), BLOCK):
        rows, _ = split.stored(chosen[start : start + BLOCK])  # unscaled pixels: a quarter of the bytes
        digests += [hash(row.tobytes()) for row in rows]
    return digests
