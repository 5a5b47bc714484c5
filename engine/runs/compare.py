"""Runs side by side: where their experiments differ, and what came of each."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from engine.runs.folder import Run
from engine.runs.listing import RunSummary, summarise

ABSENT = None
"""Stands for a key that an experiment does not have."""


class SettingDifference(msgspec.Struct, frozen=True):
    """A key of the experiment file, with its value in each run; None: that one does not have it."""

    key: str
    values: list[Any]


class Comparison(msgspec.Struct, frozen=True, tag_field="type", tag="comparison"):
    """Runs side by side, in the order in which they were asked for."""

    runs: list[RunSummary]
    differences: list[SettingDifference]
    """Keys whose values are not the same in all, in the order of the file; the runs' names left out."""


def compare(runs: Sequence[Run]) -> Comparison:
    """Return where the experiments of runs differ, and what came of each.

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
