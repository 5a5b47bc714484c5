"""A network temporarily in another precision, so that the code under check is the network's own.

A copy would run the same classes, but lose changes to this object: an exchanged layer, a replaced method, a custom
loss. So the network itself is bound to float64 vectors for a while, and then restored bit for bit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from engine.nn.network import Network


@contextmanager
def in_float64(network: Network, dtype: str = "float64") -> Iterator[Network]:
    """Yield `network` with copies of its parameters in `dtype`; its own vectors stay untouched.

    Until the block ends nothing else may train or use the network.
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
    """Return empty workspaces in place of the layer's own, which `bind` would clear."""
    return {name: {} for name, value in vars(layer).items() if isinstance(value, dict)}
