"""The glass box: a few samples walked through a network, forward and backward, with the numbers in the formulas.

Names load on first use, so that `engine.glassbox.steps` can be imported without NumPy.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.glassbox.command import ExplainOptions, explain
    from engine.glassbox.steps import ExplainEvent, ExplainFinished, ExplainStarted, NamedArray, WalkStep
    from engine.glassbox.walk import Walk

_HOMES = {
    "ExplainEvent": "engine.glassbox.steps",
    "ExplainFinished": "engine.glassbox.steps",
    "ExplainOptions": "engine.glassbox.command",
    "ExplainStarted": "engine.glassbox.steps",
    "NamedArray": "engine.glassbox.steps",
    "Walk": "engine.glassbox.walk",
    "WalkStep": "engine.glassbox.steps",
    "explain": "engine.glassbox.command",
}

__all__ = [
    "ExplainEvent",
    "ExplainFinished",
    "ExplainOptions",
    "ExplainStarted",
    "NamedArray",
    "Walk",
    "WalkStep",
    "explain",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'engine.glassbox' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
