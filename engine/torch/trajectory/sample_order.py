"""The order of the samples, tested as an order: each sample once an epoch, every epoch anew, the same for the same seed.

Both trainings take the samples in this order, so that no comparison of the two shows that it is none. Each test accuses
a correct order with a probability below 1e-11.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np

from engine.arrays import Labels
from engine.words import counted

FEW = 15
"""Samples from which two orders are never equal by chance: 15! is 1e12."""
MANY = 50
"""Samples from which ranks are compared."""
CORRELATED = 7.2
"""Rank correlation, in standard deviations, beyond which two orders depend on each other."""
MOST_FIXED = 20
"""Samples that stay where they were, at most; one does on average."""

Orders = Callable[[int], Labels]
"""Returns the order of an epoch, (n,)."""


def order_fault(of_epoch: Orders, of_other_seed: Orders, n: int) -> tuple[int, str] | None:
    """Return the first epoch whose order of n samples is wrong, and the reason; None if none is."""
    return next(_faults(of_epoch, of_other_seed, n), None)


def _faults(of_epoch: Orders, of_other_seed: Orders, n: int) -> Iterator[tuple[int, str]]:
    orders = [np.array(of_epoch(epoch)) for epoch in range(_epochs(n))]
    for epoch, order in enumerate(orders):
        text = _no_permutation(order, n)
        if text:
            yield epoch, text
            return
    if n < 2:
        return
    if not np.array_equal(of_epoch(0), orders[0]):
        yield 0, "the order of epoch 1 is another one at each call: it must follow from the seed"
    if all(np.array_equal(order, orders[0]) for order in orders):
        is_plain = np.array_equal(orders[0], np.arange(n))
        yield 0, "the samples are never shuffled" if is_plain else "every epoch has the same order of samples"
    yield from _alike(orders, n)
    if n >= FEW and np.array_equal(of_other_seed(0), orders[0]):
        yield 0, "another seed gives the same order of samples"


def _epochs(n: int) -> int:
    """Return the number of epochs among which equal orders are no chance: n!^(epochs − 1) is beyond 1e12."""
    return max(8, 1 + math.ceil(12 / max(0.3, math.lgamma(n + 1) / math.log(10)))) if n > 1 else 1


def _no_permutation(order: Labels, n: int) -> str:
    counts = np.bincount(order, minlength=n) if len(order) and order.min() >= 0 else np.zeros(n, int)
    if len(order) == n and len(counts) == n and (counts == 1).all():
        return ""
    missing, often = int((counts == 0).sum()), int(counts.argmax())
    return (
        f"an epoch is not each sample once: {missing:,} of {n:,} are not used, sample {often} is used "
        f"{int(counts[often])} times"
    )


def _alike(orders: list[Labels], n: int) -> Iterator[tuple[int, str]]:
    """Yield the epochs whose order depends on that of an earlier epoch, or on that of the data."""
    known = {} if n < FEW else {np.arange(n).tobytes(): "the data"}
    for epoch, order in enumerate(orders):
        key = order.astype(np.int64).tobytes()
        if key in known:
            yield epoch, f"epoch {epoch + 1} takes the samples in the order of {known[key]}"
        if n >= FEW:
            known[key] = f"epoch {epoch + 1}"
        others = {"the data": np.arange(n)} | ({f"epoch {epoch}": orders[epoch - 1]} if epoch else {})
        for name, other in others.items() if n >= MANY else ():
            r = float(np.corrcoef(np.argsort(order), np.argsort(other))[0, 1])
            fixed = int((order == other).sum())
            if abs(r) * math.sqrt(n - 1) > CORRELATED or fixed > MOST_FIXED:
                how = f"rank correlation {r:.2f}, {fixed:,} of {counted(n, 'sample')} in place".replace(
                    "-", "−"
                )
                yield epoch, f"epoch {epoch + 1} keeps the order of {name} ({how})"
