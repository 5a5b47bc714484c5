"""The side of each kink on which a network is; a difference across a kink is not the slope."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from engine.arrays import AnyArray
from engine.nn.network import Network


class Sides(NamedTuple):
    """The side of every pre-activation (m, n_out), activation by activation."""

    kinks: tuple[AnyArray, ...]
    """At kinks, where the slope jumps."""
    bends: tuple[AnyArray, ...]
    """At bends, where only the curvature jumps, and a difference across is less exact."""


SMOOTH = Sides((), ())


def watches_kinks(network: Network) -> bool:
    """Return True if an activation or the loss has a kink or a bend."""
    return network.loss.has_kinks or any(layer.has_kinks or layer.has_bends for layer in network.layers)


def sides_of(network: Network) -> Sides:
    """Return the side of every pre-activation in the last forward pass."""
    kinks = [layer.kink_sides() for layer in network.layers]
    last = network.last
    if network.loss.has_kinks:
        scores = last.pre_activation if network.scores_are_logits else last.output
        kinks.append(network.loss.kinks(scores))
    bends = [layer.bend_sides() for layer in network.layers]
    return Sides(_present(kinks), _present(bends))


def _present(sides: Iterable[AnyArray | None]) -> tuple[AnyArray, ...]:
    return tuple(side for side in sides if side is not None)


def equal(one: tuple[AnyArray, ...], other: tuple[AnyArray, ...]) -> bool:
    """Return True if no pre-activation changed its side."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
