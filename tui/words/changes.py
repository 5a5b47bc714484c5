"""Changes of an experiment's settings: key to old and new value."""

from collections.abc import Mapping
from typing import Any

from engine.errors import NntermError
from engine.experiment.changes import with_fix
from engine.runs.commands import LEARNING_RATE

Changes = Mapping[str, tuple[Any, Any]]
"""Dotted keys with their old and new values."""


def changes_of(
    experiment: Mapping[str, Any], remedy: Mapping[str, Any], rate: float | None = None
) -> Changes:
    """Return the changes that a suggested fix makes to an experiment's plain tables; empty if it does not fit them.

    Args:
        rate: the current learning rate, if it was changed during training.
    """
    if not experiment:
        return {}
    try:
        found = with_fix(dict(experiment), dict(remedy))[1]
    except (NntermError, KeyError, TypeError):
        return {}
    if rate is not None and LEARNING_RATE in found:  # `found` keeps how many layers there are
        found[LEARNING_RATE] = (rate, found[LEARNING_RATE][1])
    return found
