"""The glass box: a few samples walked through a network, forward and backward, with the numbers in the formulas."""

from engine.glassbox.command import ExplainOptions, explain
from engine.glassbox.steps import ExplainEvent, ExplainFinished, ExplainStarted, NamedArray, WalkStep
from engine.glassbox.walk import Walk

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
