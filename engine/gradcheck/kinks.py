"""On which side of its kinks a network stands: a difference taken across one says nothing about the slope."""

from typing import NamedTuple

import numpy as np

from engine.arrays import AnyArray
from engine.nn.activations import Elu
from engine.nn.layers import Layer
from engine.nn.losses import PerceptronCriterion
from engine.nn.network import Network


class Sides(NamedTuple):
    """The side of every pre-activation (m, n_out), activation by activation."""

    kinks: tuple[AnyArray, ...]
    """Where the slope jumps."""
    bends: tuple[AnyArray, ...]
    """Where only the curvature jumps: a difference across is off by little, but not by as little as elsewhere."""


SMOOTH = Sides((), ())


def watches_kinks(network: Network) -> bool:
    """Whether any activation, or the loss, is not smooth everywhere."""
    return isinstance(network.loss, PerceptronCriterion) or any(
        isinstance(layer.activation, Elu) or layer.has_kinks for layer in network.layers
    )


def sides_of(network: Network) -> Sides:
    """Return the sides on which the newest forward left every pre-activation."""
    kinks = [layer.kink_sides() for layer in network.layers]
    if isinstance(network.loss, PerceptronCriterion):
        last = network.last
        scores = last.pre_activation if network.scores_are_logits else last.output
        kinks.append(np.greater(scores, 0))
    bends = tuple(layer.pre_activation > 0 for layer in network.layers if _bends(layer))
    return Sides(tuple(side for side in kinks if side is not None), bends)


def _bends(layer: Layer) -> bool:
    return isinstance(layer.activation, Elu) and layer.activation.alpha == 1.0


def equal(one: tuple[AnyArray, ...], other: tuple[AnyArray, ...]) -> bool:
    """Whether no pre-activation changed its side."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
