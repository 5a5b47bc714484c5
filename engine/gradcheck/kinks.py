"""The side of each kink on which a network is; a difference across a kink is not the slope."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from engine.arrays import AnyArray, Array
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
    at = np.zeros((1, network.n_outputs))
    of_loss = network.loss.from_kink(at, at), network.loss.from_bend(at, at)
    return any(side is not None for side in of_loss) or any(
        layer.has_kinks or layer.has_bends for layer in network.layers
    )


def scores_of(network: Network) -> Array:
    """Return what the loss was given in the last forward pass, (m, n_outputs)."""
    last = network.last
    return last.pre_activation if network.scores_are_logits else last.output


def sides_of(network: Network, targets: Array) -> Sides:
    """Return the side of every pre-activation in the last forward pass, and of the loss of targets (m, n_outputs)."""
    scores = scores_of(network)
    kinks = [layer.kink_sides() for layer in network.layers]
    kinks.append(_side(network.loss.from_kink(scores, targets)))
    bends = [layer.bend_sides() for layer in network.layers]
    bends.append(_side(network.loss.from_bend(scores, targets)))
    return Sides(_present(kinks), _present(bends))


def _side(distance: Array | None) -> AnyArray | None:
    return None if distance is None else distance > 0


def _present(sides: Iterable[AnyArray | None]) -> tuple[AnyArray, ...]:
    return tuple(side for side in sides if side is not None)


def equal(one: tuple[AnyArray, ...], other: tuple[AnyArray, ...]) -> bool:
    """Return True if no pre-activation changed its side."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
