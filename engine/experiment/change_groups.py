"""Changed settings in words: plain labels, and layers that change alike on one line.

For example `8 hidden layers: sigmoid → relu, xavier_normal → he_normal`.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from engine.experiment.parsing import FAMILIES
from engine.printable import printable
from engine.words import counted

LABELS = {
    "lr": "learning rate",
    "init": "initialiser",
    "eps": "epsilon",
    "limit": "training samples",
    "samples": "generated samples",
    "training.patience": "early stop",
    "training.dtype": "precision",
    "data.seed": "data seed",
    "data.validation": "validation share",
    "data.scale": "input scaling",
    "force": "train anyway",
    "name": "run name",
    "checkpoints.every": "checkpoint every",
    "checkpoints.keep": "checkpoints kept",
    "checkpoints.seconds": "checkpoint seconds",
}
"""Labels by the whole key or its last part; any other is its last part with spaces."""
_LAYER = re.compile(r"network\.layers\[(\d+)\](?:\.(.+))?")
_NAMED_BY_VALUE = frozenset({"activation", "init", "bias", "type"})
"""Fields of a layer whose values tell what they are."""


class ChangeGroup(NamedTuple):
    """The change of one setting, or one that several layers have alike."""

    label: str
    items: tuple[tuple[str, str, str], ...]
    """(name, before, after) each; the name is empty where the label or the values say it."""

    def __str__(self) -> str:
        return f"{self.label}: {', '.join(map(_item_text, self.items))}"


class ChangedSettings(dict[str, tuple[Any, Any]]):
    """Dotted keys with (value before, value after), and how many layers the network has; 0: not known."""

    n_layers: int = 0


def group_changes(changes: Mapping[str, tuple[Any, Any]]) -> list[ChangeGroup]:
    """Return the changes in words, in their order; the layers come where the first of them stands.

    Args:
        changes: dotted keys with old and new values; as `ChangedSettings` it tells hidden layers from the output.
    """
    n_layers = getattr(changes, "n_layers", 0)
    by_layer: dict[int, list[tuple[str, str, str]]] = {}
    groups: list[ChangeGroup] = []
    place: int | None = None
    for key, (before, after) in changes.items():
        match = _LAYER.fullmatch(key)
        if match is None:
            groups.append(ChangeGroup(label_of(key), (("", value_text(before), value_text(after)),)))
            continue
        place = len(groups) if place is None else place
        item = (_name_in_layer(match[2] or ""), value_text(before), value_text(after))
        by_layer.setdefault(int(match[1]), []).append(item)
    if place is not None:
        groups[place:place] = _layer_groups(by_layer, n_layers)
    return groups


def in_words(changes: Mapping[str, tuple[Any, Any]]) -> str:
    """Return the changes as one phrase, for a sentence."""
    return "; ".join(map(str, group_changes(changes)))


def label_of(key: str) -> str:
    """Return the label of a setting: `learning rate` for `training.optimizer.lr`."""
    last = key.rpartition(".")[2]
    return LABELS.get(key) or LABELS.get(last) or printable(last.replace("_", " "))


def value_text(value: Any) -> str:
    """Return a value of an experiment as short text; a table without the options that have their defaults."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return _table_text(value)
    if isinstance(value, list | tuple):
        return ", ".join(_repeated(map(value_text, value))) or "none"
    return f"{value:.6g}" if isinstance(value, float) else printable(str(value))


def _table_text(table: dict[str, Any]) -> str:
    """Return `sgd (lr 0.1)` for an optimizer, `32 relu` for a dense layer, `dropout (rate 0.5)` for another."""
    if table.get("type", "") == "dense" or ("units" in table and "name" not in table):
        units = table.get("units", 0)
        parts = [str(units) if units else "auto", value_text(table.get("activation", "auto"))]
        return " ".join(parts)
    name = str(table.get("name", table.get("type", "")))
    defaults = _defaults_of(name)
    options = [
        f"{key} {value_text(item)}"
        for key, item in table.items()
        if key not in ("name", "type") and (key == "lr" or item != defaults.get(key))
    ]
    return printable(f"{name} ({', '.join(options)})" if options else name)


def _defaults_of(name: str) -> dict[str, Any]:
    """Return the default options of the member of a family with this name."""
    for _, members in FAMILIES.values():
        if name in members:
            return {field.name: field.default for field in msgspec.structs.fields(members[name])}
    return {}


def _repeated(texts: Any) -> list[str]:
    """Return equal neighbours as one: `8 × 32 sigmoid`."""
    runs = [(text, len(list(equal))) for text, equal in groupby(texts)]
    return [text if n == 1 else f"{n} × {text}" for text, n in runs]


def _name_in_layer(name: str) -> str:
    return "" if not name or name in _NAMED_BY_VALUE else name.replace(".", " ").replace("_", " ")


def _layer_groups(by_layer: Mapping[int, list[tuple[str, str, str]]], n_layers: int) -> list[ChangeGroup]:
    alike: dict[tuple[tuple[str, str, str], ...], list[int]] = {}
    for index, items in by_layer.items():
        alike.setdefault(tuple(items), []).append(index)
    return [ChangeGroup(_layers_label(indices, n_layers), items) for items, indices in alike.items()]


def _layers_label(indices: Sequence[int], n_layers: int) -> str:
    if n_layers and list(indices) == [n_layers - 1]:
        return "output layer"
    if n_layers > 1 and len(indices) == n_layers - 1 and n_layers - 1 not in indices:
        return counted(len(indices), "hidden layer") if n_layers > 2 else "hidden layer"
    if len(indices) == 1:
        return f"layer {indices[0]}"
    if list(indices) == list(range(indices[0], indices[-1] + 1)):
        return f"layers {indices[0]} to {indices[-1]}"
    return f"layers {', '.join(map(str, indices))}"


def _item_text(item: tuple[str, str, str]) -> str:
    name, before, after = item
    return f"{name} {before} → {after}".lstrip()
