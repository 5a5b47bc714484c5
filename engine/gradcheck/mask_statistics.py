"""The masks of dropout as random numbers: their share, and their independence of units, samples, updates and layers.

No gradient shows a mask that is drawn wrongly: with it as a constant every gradient is right. So the masks of many
updates, as the layer applies them, are tested as samples of independent draws with the probability 1 − rate. Each test
accuses correct code with a probability below `CHANCE`, by Bernstein's inequality, which holds for any number of draws.
"""

import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from engine.gradcheck.kind_stage import homogeneous
from engine.gradcheck.report import Fault
from engine.nn.layers import Dropout, Mode
from engine.nn.network import Network

UPDATES = 24
"""Updates whose masks are drawn."""
DRAWS = 24_000
"""Number of units drawn over all updates, at least."""
MOST_UNITS = 256
"""Units of a layer that are looked at: the first half of them and the last."""
FEWEST_SAMPLES, LAGS = 8, 4
"""Samples in a batch, at least, and the largest distance of samples, units and updates that are compared."""
CHANCE = 1e-12
"""Probability with which one test accuses a correct layer, at most."""

Masks = NDArray[np.float64]
"""1 for a kept unit, else 0, (updates, samples, units)."""


def mask_faults(network: Network) -> Iterator[Fault]:
    """Yield a fault of each layer whose masks are not independent draws with the probability 1 − rate.

    `network` is a borrowed one; modes and steps are restored.
    """
    drawn = {
        layer.name: (layer, _masks(layer))
        for layer in network.layers
        if isinstance(layer, Dropout) and layer.rate
    }
    faulty = set()
    for name, (layer, masks) in drawn.items():
        text = _dependence(masks, layer.rate) or _wrong_share(masks, layer.rate)
        if text:
            faulty.add(name)
            yield Fault(name, f"{name}: {text}", of_gradient=False)
    for (one, (_, masks)), (other, (_, others)) in combinations(drawn.items(), 2):
        if not faulty & {one, other} and _same_draws(masks, others):
            text = f"{other}: drops the units that {one} drops: each layer needs masks of its own"
            yield Fault(other, text, of_gradient=False)


def _masks(layer: Dropout) -> Masks:
    """Return the masks of the first updates, as a forward pass of ones shows them."""
    m = max(FEWEST_SAMPLES, math.ceil(DRAWS / (UPDATES * layer.n_out)))
    ones = homogeneous(np.ones((m, layer.n_out)))
    half = min(layer.n_out, MOST_UNITS) // 2
    units = np.r_[
        : layer.n_out - half if layer.n_out <= MOST_UNITS else half, layer.n_out - half : layer.n_out
    ]
    masks = np.empty((UPDATES, m, len(units)))
    before = layer.mode, layer.step
    try:
        layer.mode = Mode.TRAINING
        for step in range(UPDATES):
            layer.step = step
            layer.forward(ones)
            masks[step] = layer.output[:, units] != 0
    finally:
        layer.mode, layer.step = before
    return masks


def _wrong_share(masks: Masks, rate: float) -> str:
    """Test the share of kept units: over all, for each unit and for each place in the batch."""
    places = {"of unit ": (0, 1), "of the sample at place ": (0, 2), "": None}
    for what, axes in places.items():
        shares = np.atleast_1d(masks.mean(axis=axes))
        n = masks.size // shares.size
        off = np.abs(shares - (1 - rate)) * n
        wrong = off > _bound(n * rate * (1 - rate), tests=shares.size)
        if wrong.any() and (not what or 2 * wrong.sum() <= wrong.size):  # where most are wrong, all are
            worst = int(off.argmax())
            whose = f"{what}{worst} " if what else "of the units "
            return f"keeps {100 * shares[worst]:.3g} % {whose}instead of {100 * (1 - rate):.3g} %"
    return ""


def _dependence(masks: Masks, rate: float) -> str:
    """Test neighbouring updates, samples and units for masks that depend on each other."""
    for axis, what in ((1, "samples"), (2, "units"), (0, "updates")):
        repeated = _repeated(masks, rate) if axis == 0 else ""
        if repeated:
            return repeated
        for lag in range(1, min(LAGS, masks.shape[axis] - 1) + 1):
            size = masks.shape[axis] - lag
            one, other = masks.take(range(size), axis), masks.take(range(lag, lag + size), axis)
            if _depend(one, other):
                which = f"neighbouring {what}" if lag == 1 else f"{what} at a distance of {lag}"
                return f"the masks of {which} depend on each other ({_correlation(one, other)})"
    return ""


def _repeated(masks: Masks, rate: float) -> str:
    """Look for an update with the mask of an earlier one, where chance would not make two equal."""
    _, m, n = masks.shape
    same = rate**2 + (1 - rate) ** 2  # probability that two draws are equal
    if UPDATES**2 * same ** (m * n) > CHANCE:
        return ""
    seen: dict[bytes, int] = {}
    for step, mask in enumerate(masks):
        first = seen.setdefault(np.packbits(mask > 0).tobytes(), step)
        if first != step:
            return f"the mask of update {step} is that of update {first}: each update needs another"
    return ""


def _same_draws(masks: Masks, others: Masks) -> bool:
    """Test two layers for dependent masks, unit by unit and in the order of drawing."""
    m, n = (min(one, other) for one, other in zip(masks.shape[1:], others.shape[1:], strict=True))
    flat = min(masks[0].size, others[0].size)
    return _depend(masks[:, :m, :n], others[:, :m, :n]) or _depend(
        masks.reshape(UPDATES, -1)[:, :flat], others.reshape(UPDATES, -1)[:, :flat]
    )


def _depend(one: Masks, other: Masks) -> bool:
    """True if the product of two masks, centred, sums to more than independent ones would."""
    centred, against = _centred(one), _centred(other)
    variance = float(centred.var() * against.var()) * one.size
    return abs(float((centred * against).sum())) > _bound(variance)


def _centred(masks: Masks) -> Masks:
    """Return masks less the share of each unit, so that a unit that is never dropped is no dependence."""
    centred: Masks = masks - masks.mean(axis=(0, 1) if masks.ndim == 3 else None)
    return centred


def _correlation(one: Masks, other: Masks) -> str:
    centred, against = _centred(one), _centred(other)
    r = float((centred * against).mean()) / max(float(centred.std() * against.std()), 1e-12)
    return f"correlation {r:.2f}".replace("-", "−")


def _bound(variance: float, tests: int = 1) -> float:
    """Return a bound that a sum of this variance, of terms up to 1, exceeds with a probability of `CHANCE` at most."""
    odds = math.log(2 * tests / CHANCE)
    return odds / 3 + math.sqrt((odds / 3) ** 2 + 2 * variance * odds)
