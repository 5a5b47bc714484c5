"""Stratified sampling: parts of a dataset with the class shares of the whole."""

import numpy as np

from engine.arrays import AnyArray, Labels

Indices = np.ndarray[tuple[int], np.dtype[np.intp]]
"""Positions, (n,)."""


def allocate(counts: Labels, drawn: int, leave_one: bool) -> Labels:
    """Return the number of samples to draw from each class, (n_classes,), with sum `drawn`.

    Each class gets its exact share, rounded down or up. As far as `drawn` allows, each class gets at least one; with
    `leave_one`, each class of at least two samples gets at least one and keeps at least one.

    Args:
        counts: number of samples of each class, (n_classes,).
        drawn: total number to draw, between 0 and the sum of `counts`.
        leave_one: True to leave at least one sample of each class, if possible.
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
    """Adjust `share` to the sum `drawn`, one sample at a time, where it differs most from the quota."""
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
    """Split the positions 0..n-1 into `drawn` random ones, stratified by class, and the rest.

    Args:
        labels: class of each sample, (n,), integers from 0.
        drawn: number of positions to draw, 0 to n.
        rng: source of the random numbers.
        leave_one: True to leave at least one sample of each class, if possible.

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
