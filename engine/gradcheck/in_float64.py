"""Lends a network in another precision, so that the code that is checked is the network's own.

A copy would run the same classes, but lose what hangs on this very object: a layer that was exchanged, a
method that was replaced, a loss of one's own. So the network itself is put on float64 vectors for a while and
then put back, bit for bit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from engine.nn.network import Network


@contextmanager
def in_float64(network: Network, dtype: str = "float64") -> Iterator[Network]:
    """Lend `network` with copies of its parameters in `dtype`; its own vectors are neither read nor written.

    Until the block ends the network belongs to the borrower: nothing else may train or use it.
    """
    state = network.state
    saved = [(owner, _attributes(owner)) for owner in (network, *network.layers)]
    for layer in network.layers:
        vars(layer).update(_fresh_dicts(layer))
    try:
        network.dtype = np.dtype(dtype)
        network._bind(state.astype(dtype))
        yield network
    finally:
        for owner, attributes in saved:
            vars(owner).clear()
            vars(owner).update(attributes)


def _attributes(owner: object) -> dict[str, Any]:
    return dict(vars(owner))


def _fresh_dicts(layer: object) -> dict[str, Any]:
    """Empty work areas in place of the layer's own, which `bind` would clear."""
    return {name: {} for name, value in vars(layer).items() if isinstance(value, dict)}
