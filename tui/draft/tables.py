"""A draft: an experiment's plain tables with every default written out and every "auto" kept.

A draft always has the form of an experiment (known keys, values of the right type and range), so that it can be
shown and edited; `engine.experiment.problems` checks the rest. Each edit returns new tables.
"""

import copy
from collections.abc import Mapping
from typing import Any

from engine.errors import ExperimentError, Problem
from engine.experiment.experiment import Experiment
from engine.experiment.overrides import apply_changes, parse_value, value_at
from engine.experiment.parsing import build_section, to_plain

Draft = dict[str, Any]

_WORDS: dict[str, dict[str, object]] = {
    "units": {"auto": 0},
    "batch_size": {"all": 0},
    "limit": {"all": 0},
    "samples": {"auto": 0},
    "clip_norm": {"off": 0.0},
    "patience": {"off": 0},
    "warmup": {"off": 0},
}
"""Words that a field shows instead of a number; they may also be typed."""

_MOST_DIGITS = 12
"""Numbers with more digits are typing errors, and large exponents take seconds to parse."""


def complete(raw: Mapping[str, Any]) -> Draft:
    """Return `raw` with every default written out and every "auto" kept.

    Raises:
        ExperimentError: `raw` does not have the form of an experiment; names all mistakes.
    """
    found: list[Problem] = []
    experiment = build_section(Experiment, dict(raw), "", found)
    if experiment is None:
        raise ExperimentError(found)
    draft: Draft = to_plain(experiment)
    return draft


def with_value(draft: Draft, key: str, value: object) -> Draft:
    """Return the draft with one dotted key set, and defaults for options that are missing then.

    Raises:
        ExperimentError: the value has the wrong type or lies out of range.
    """
    return with_values(draft, dict.fromkeys(keys_of(draft, key), value))


def with_values(draft: Draft, values: Mapping[str, object]) -> Draft:
    """Return the draft with several dotted keys set, as `with_value`."""
    return complete(apply_changes(draft, values))


def with_text(draft: Draft, key: str, text: str) -> Draft:
    """Return the draft with one dotted key set to the typed `text`.

    Raises:
        ExperimentError: `text` is not a value of that key.
    """
    return with_value(draft, key, read_text(draft, keys_of(draft, key)[0], text.strip()))


def read_text(draft: Draft, key: str, text: str) -> object:
    """Return the value that `text` stands for at `key`: a string if the key holds one, else a number or a word."""
    last = key.rpartition(".")[2]
    words = _WORDS.get(last, {})
    if text.lower() in words:
        return words[text.lower()]
    if isinstance(value_at(draft, key), str) and last != "noise":
        return text
    if sum(character.isdigit() for character in text) > _MOST_DIGITS and "." not in text:
        raise ExperimentError([Problem(key, f"{key} = {text[:20]}... is too large", "")])
    value = parse_value(text)
    if isinstance(value, str) and value != "auto":
        try:
            return float(text)  # .5 and 1e-3, which TOML writes otherwise
        except ValueError:
            return value
    return value


def name_of(value: object) -> str:
    """Return the name of a registry's member that is given as its name or as a table."""
    return str(value.get("name", "")) if isinstance(value, Mapping) else str(value)


def with_name(draft: Draft, key: str, name: str) -> Draft:
    """Return the draft with another choice at `key`, its options at their defaults.

    Options such as a learning rate are tuned for their optimizer, so none is carried over.
    """
    value: object = name == "true" if isinstance(value_at(draft, keys_of(draft, key)[0]), bool) else name
    return with_value(draft, key, value)


def layers_of(draft: Draft) -> list[dict[str, Any]]:
    """Return the draft's layers, not a copy."""
    layers: list[dict[str, Any]] = draft["network"]["layers"]
    return layers


ALL_HIDDEN = "network.hidden."
"""Prefix of a key that stands for the same field of all hidden dense layers."""


def hidden_layers(draft: Draft) -> list[int]:
    """Return the positions of the hidden dense layers: all but the last."""
    return [i for i, layer in enumerate(layers_of(draft)[:-1]) if layer["type"] == "dense"]


def keys_of(draft: Draft, key: str) -> list[str]:
    """Return the keys that `key` stands for: itself, or that of each hidden dense layer."""
    if not key.startswith(ALL_HIDDEN):
        return [key]
    return [f"network.layers[{i}].{key.removeprefix(ALL_HIDDEN)}" for i in hidden_layers(draft)]


_FIRST_HIDDEN = {"type": "dense", "units": 16, "activation": "relu"}


def with_layer_added(draft: Draft, after: int, kind: str = "dense") -> tuple[Draft, int]:
    """Return the draft with a hidden layer added after layer `after`, at most before the last one, and its index.

    A dense layer is a copy of the previous dense layer.
    """
    after = min(after, len(layers_of(draft)) - 2)
    layers = layers_of(draft)
    like: dict[str, Any] = {"type": kind}
    if kind == "dense":
        before = [layer for layer in layers[: after + 1] if layer["type"] == "dense"]
        like = copy.deepcopy(before[-1]) if before else dict(_FIRST_HIDDEN)
    return _with_layers(draft, [*layers[: after + 1], like, *layers[after + 1 :]]), after + 1


def with_layer_duplicated(draft: Draft, index: int) -> tuple[Draft, int]:
    """Return the draft with layer `index` twice, and the index of the copy."""
    layers = layers_of(draft)
    return _with_layers(
        draft, [*layers[: index + 1], copy.deepcopy(layers[index]), *layers[index + 1 :]]
    ), index + 1


def with_layer_removed(draft: Draft, index: int) -> tuple[Draft, int]:
    """Return the draft without layer `index`, and the index to select then; the only layer is kept."""
    layers = layers_of(draft)
    if len(layers) == 1:
        return draft, 0
    return _with_layers(draft, layers[:index] + layers[index + 1 :]), min(index, len(layers) - 2)


def with_layer_moved(draft: Draft, index: int, by: int) -> tuple[Draft, int]:
    """Return the draft with layer `index` moved `by` places (-1 or 1), not beyond the ends, and its new index."""
    layers = list(layers_of(draft))
    target = index + by
    if not 0 <= target < len(layers):
        return draft, index
    layers[index], layers[target] = layers[target], layers[index]
    return _with_layers(draft, layers), target


def _with_layers(draft: Draft, layers: list[dict[str, Any]]) -> Draft:
    return complete({**draft, "network": {**draft["network"], "layers": layers}})
