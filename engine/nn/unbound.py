"""Layers without what a network lends them, so that a network can be copied and pickled."""

import copy
from collections.abc import Collection

import numpy as np

from engine.nn.layers.base import Layer, PerBatchSize
from engine.team import Team


def unbound(layer: Layer, own: Collection[str]) -> Layer:
    """Return a shallow copy of `layer` without the views that it was lent, its team and its work arrays.

    `bind` and the next pass make both anew.

    Args:
        own: names of the attributes that it had before it was bound.
    """
    twin = copy.copy(layer)
    works = [value for value in vars(layer).values() if isinstance(value, PerBatchSize)]
    made = {id(work) for work in (*works, *(one for work in works for one in work.values()))}
    for name, value in vars(layer).items():
        if (
            id(value) in made
            or isinstance(value, Team)
            or (isinstance(value, np.ndarray) and name not in own)
        ):
            delattr(twin, name)
    return twin
