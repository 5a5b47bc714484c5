"""Comparison of runs: the settings in which their experiments differ, and the results."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from engine.runs.folder import Run
from engine.runs.listing import RunSummary, summarise

ABSENT = None
"""Value for a key that an experiment does not have."""


class SettingDifference(msgspec.Struct, frozen=True):
    """A key of the experiment file with its value in each run; None: the run does not have the key."""

    key: str
    values: list[Any]


class Comparison(msgspec.Struct, frozen=True, tag_field="type", tag="comparison"):
    """A comparison of runs."""

    runs: list[RunSummary]
    """The runs, in the requested order."""
    differences: list[SettingDifference]
    """Keys with different values, except the runs' names, in the order of the file."""


def compare(runs: Sequence[Run]) -> Comparison:
    """Return the differences between the experiments of runs, and the summary of each run.

    Raises:
        RunError: an experiment file is missing or damaged.
    """
    tables = [flatten(run.experiment().to_raw()) for run in runs]
    keys = list(dict.fromkeys(key for table in tables for key in table if key != "name"))
    rows = [SettingDifference(key, [table.get(key, ABSENT) for table in tables]) for key in keys]
    different = [row for row in rows if any(value != row.values[0] for value in row.values)]
    return Comparison([summarise(run.path) for run in runs], different)


def flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested tables and lists of tables as dotted keys, `network.layers[0].units`, with plain values."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{key}.")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for i, item in enumerate(value):
                flat |= flatten(item, f"{key}[{i}].")
        else:
            flat[key] = value
    return flat
