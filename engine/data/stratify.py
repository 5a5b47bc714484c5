"""Draws parts of a dataset that hold every class in proportion, to the sample."""

import numpy as np

from engine.arrays import AnyArray, Labels

Indices = np.ndarray[tuple[int], np.dtype[np.intp]]


def allocate(counts: Labels, drawn: int, leave_one: bool) -> Labels:
    """Return how many samples of each class to draw, shape (n_classes,), `drawn` in all.

    Each class gets its exact share, rounded down or up; a class of at least two samples gets at least one,
    and with `leave_one` keeps at least one, as far as `drawn` allows.

    Args:
        counts: samples of each class, (n_classes,).
        drawn: between 0 and the sum of `counts`.
        leave_one: whether each class shall also stay among the samples that are not drawn.
    """
    total = int(counts.sum())
    if not total:
        return np.zeros_like(counts)
    quota = counts * (drawn / total)
    lowest = np.minimum(counts, 1) if not leave_one else (counts >= 2).astype(counts.dtype)
    highest = np.maximum(counts - 1, 0) if leave_one else counts
    if lowest.sum() > drawn:
        lowest = np.zeros_like(counts)
    if highest.sum() < drawn:
        highest = counts
    share = np.clip(np.floor(quota).astype(counts.dtype), lowest, highest)
    return _settle(share, quota, lowest, highest, drawn)


def _settle(share: Labels, quota: AnyArray, lowest: Labels, highest: Labels, drawn: int) -> Labels:
    """Move `share` to the sum `drawn`, one sample at a time, always where it is furthest from the quota."""
    for _ in range(int(drawn - share.sum())):
        missing = np.where(share < highest, quota - share, -np.inf)
        share[missing.argmax()] += 1
    for _ in range(int(share.sum() - drawn)):
        surplus = np.where(share > lowest, share - quota, -np.inf)
        share[surplus.argmax()] -= 1
    return share


def draw(
    labels: Labels, drawn: int, rng: np.random.Generator, leave_one: bool = False
) -> tuple[Indices, Indices]:
    """Split positions 0..n-1 into `drawn` random ones, every class in proportion, and the rest.

    Args:
        labels: class of each sample, (n,), integers from 0.
        leave_one: see `allocate`.

    Returns:
        The positions drawn and those left, each ascending.
    """
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]  # by class, shuffled within each
    counts = np.bincount(labels)
    share = allocate(counts, drawn, leave_one)
    place_in_class = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)  # (n,)
    chosen = place_in_class < np.repeat(share, counts)
    return np.sort(order[chosen]), np.sort(order[~chosen])
