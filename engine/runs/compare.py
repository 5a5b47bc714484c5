"""Comparison of runs: the settings in which their experiments differ, and the results."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from engine.runs.aligned_layers import Row, aligned
from engine.runs.folder import Run
from engine.runs.listing import RunSummary, summarise

_LAYER = re.compile(r"network\.layers\[(\d+)\](?:\.(.+))?")
ABSENT = None
"""Value for a key that an experiment does not have."""


class SettingDifference(msgspec.Struct, frozen=True):
    """A key of the experiment file with its value in each run; None: the run does not have the key.

    Layers are counted in the rows of `aligned_layers`, which are those of a network that has all of them. A layer that
    some of the runs lack is one value, a table.
    """

    key: str
    values: list[Any]
    label: str = ""
    """The key in words."""


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
    return Comparison(
        [summarise(run.path) for run in runs], differences([run.experiment().to_raw() for run in runs])
    )


def differences(experiments: Sequence[Mapping[str, Any]]) -> list[SettingDifference]:
    """Return the keys in which experiments differ, given as plain tables."""
    rows = aligned([experiment["network"]["layers"] for experiment in experiments])
    tables = [_flat(experiment, rows, n) for n, experiment in enumerate(experiments)]
    keys = _in_order(dict.fromkeys(key for table in tables for key in table if key != "name"))
    found = [
        SettingDifference(key, [table.get(key, ABSENT) for table in tables], _label(key, len(rows)))
        for key in keys
    ]
    return [row for row in found if any(value != row.values[0] for value in row.values)]


def _flat(experiment: Mapping[str, Any], rows: Sequence[Row], n: int) -> dict[str, Any]:
    """Return experiment `n` as dotted keys; a layer that another one lacks is a single key."""
    flat: dict[str, Any] = {}
    for i, row in enumerate(rows):
        layer, key = row[n], f"network.layers[{i}]"
        if layer is not None:
            flat |= {key: dict(layer)} if None in row else flatten(layer, f"{key}.")
    network = {name: value for name, value in experiment["network"].items() if name != "layers"}
    return flatten({**experiment, "network": network}) | flat


def _in_order(keys: Iterable[str]) -> list[str]:
    """Return the keys with those of the layers together, behind the others of the network."""
    keys = list(keys)
    layers = [key for key in keys if _LAYER.match(key)]
    others = [key for key in keys if not _LAYER.match(key)]
    behind = max((i for i, key in enumerate(others, start=1) if key.startswith("network.")), default=0)
    return [*others[:behind], *sorted(layers, key=_index_of), *others[behind:]]


def _index_of(key: str) -> int:
    layer = _LAYER.match(key)
    return int(layer[1]) if layer else 0


def _label(key: str, n_layers: int) -> str:
    """Return `layer 1 initialiser`, `learning rate`, `optimizer`: a key in words."""
    from engine.experiment.change_groups import label_of  # loads NumPy

    layer = _LAYER.fullmatch(key)
    if layer is not None:
        place = "output layer" if int(layer[1]) == n_layers - 1 else f"layer {layer[1]}"
        return f"{place} {label_of(layer[2].removesuffix('.name'))}" if layer[2] else place
    return label_of(key.removesuffix(".name"))


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
