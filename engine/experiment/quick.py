"""Conversion of the options of `nnterm train` to plain tables, completed by the dataset's suggestions."""

import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, SupportsIndex

from engine.data import describe
from engine.data.spec import DataSpec
from engine.errors import ExperimentError, Problem, did_you_mean
from engine.experiment.completion import Describe, complete_tables
from engine.experiment.options import LAYER_OPTIONS, OPTION_KEYS
from engine.plugins.loading import load_plugins

_KNOWN = {*OPTION_KEYS, *LAYER_OPTIONS} - {"dataset"}
_NAMED = {*_KNOWN, "dataset", "layers"}
"""All arguments of `Experiment.quick`."""


def quick_tables(
    dataset: str,
    layers: Sequence[int] | None,
    options: Mapping[str, Any],
    changes: Mapping[str, Any] | None = None,
    describe: Describe = describe,
) -> dict[str, Any]:
    """Return the plain tables of an experiment, not yet resolved; see `Experiment.quick` for the arguments.

    `changes` are dotted keys with values; `describe` returns a dataset's description, and a test passes its own.

    Raises:
        DataError: the dataset is unknown or unreadable.
        ExperimentError: an option is unknown.
    """
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in _KNOWN:
            hint = did_you_mean(name, _NAMED, "help(Experiment.quick)")
            raise ExperimentError([Problem(name, f"{name} is not an option", hint)])
    if layers is not None and (isinstance(layers, str | bytes) or not isinstance(layers, Iterable)):
        raise ExperimentError(
            [
                Problem(
                    "layers", f"layers = {layers!r} must be a list of units", "for example layers=[128, 64]"
                )
            ]
        )
    hidden = None if layers is None else [_plain(units) for units in layers]
    load_plugins()
    if "data.dataset" not in (changes or {}):
        describe(DataSpec(dataset=dataset))
    raw = {"data": {"dataset": dataset}}
    return complete_tables(raw, given, changes, hidden=hidden, describe=describe)


def _plain(units: Any) -> Any:
    """Return a whole number of NumPy as an int, anything else unchanged."""
    is_whole = isinstance(units, SupportsIndex) and not isinstance(units, bool)
    return operator.index(units) if is_whole else units
