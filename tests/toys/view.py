"""A toy view: the number of parameters."""

from engine.inspection.messages import Answer
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.view import InspectionView, Options


class SizeOptions(Options, frozen=True):
    """No further options."""


class ParameterCount(Answer, frozen=True, tag="size"):
    """The number of parameters of a network."""

    parameters: int


def size(snapshot: NetworkSnapshot, options: SizeOptions) -> ParameterCount:
    """Return the number of parameters."""
    return ParameterCount(snapshot.network.n_parameters)


VIEW = InspectionView("size", SizeOptions, ParameterCount, size)
