"""Changes to an experiment's plain tables by dotted key, as in `--set KEY=VALUE`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from engine.errors import ExperimentError, Problem
from engine.experiment.parsing import FAMILIES, show
from engine.experiment.short_keys import HIDDEN, full_key
from engine.experiment.toml_reader import parse_toml
from engine.nn.layers import layer_specs
from engine.words import counted

_STEP = re.compile(r"([A-Za-z_][\w-]*)((?:\[\d+\])*)$")
_OF_HIDDEN = f"network.layers[{HIDDEN}]."


def parse_assignment(text: str) -> tuple[str, Any]:
    """Return the dotted key and the typed value of `KEY=VALUE`; a value that is not TOML is a string.

    The key may be a short name, such as `lr`.

    Raises:
        ExperimentError: there is no `=`, no key before it, or the short name is unknown or ambiguous.
    """
    key, equals, value = text.partition("=")
    key = key.strip()
    if not equals or not key:
        problem = Problem(key, f'expected KEY=VALUE, got "{text}"', "for example lr=0.01 or epochs=20")
        raise ExperimentError([problem])
    return full_key(key), parse_value(value.strip())


def parse_assignments(texts: Iterable[str]) -> dict[str, Any]:
    """Return `KEY=VALUE` texts as dotted keys with values.

    A table comes before its own keys, whatever the order of the texts: `lr=0.1 optimizer=adam` is adam at 0.1.

    Raises:
        ExperimentError: as `parse_assignment`.
    """
    pairs = [parse_assignment(text) for text in texts]
    return dict(sorted(pairs, key=lambda pair: pair[0].count(".")))


def parse_value(text: str) -> Any:
    """Return the TOML value in `text`, or `text` itself if it is not TOML (`adam` needs no quotes)."""
    try:
        table = parse_toml(f"value = {text}")
    except (ValueError, RecursionError):  # not TOML, too many digits, too deep nesting
        return text
    return table["value"] if len(table) == 1 else text


def apply_changes(raw: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a deep copy of `raw` with each dotted key set to its value; missing tables are added.

    Changing the name of an optimizer (or activation, ...) keeps the options that both have.

    Raises:
        ExperimentError: a key cannot be set: an index out of range, or a value in place of a table.
    """
    result: dict[str, Any] = _deep_copy(raw)
    for key, value in changes.items():
        for one in _single_keys(result, key):
            _set(result, one, value)
    return result


def _single_keys(tables: Mapping[str, Any], key: str) -> list[str]:
    """Return the key itself; for one of all hidden layers, that of each hidden layer which has such a value."""
    if not key.startswith(_OF_HIDDEN):
        return [key]
    name = key.removeprefix(_OF_HIDDEN)
    layers = value_at(tables, "network.layers")
    places = hidden_layers_with(name.partition(".")[0], layers if isinstance(layers, list) else [])
    if not places:
        raise _cannot(key, f"no hidden layer has {name}", "")
    return [f"network.layers[{index}].{name}" for index in places]


def hidden_layers_with(name: str, layers: Sequence[Any]) -> list[int]:
    """Return the indices of the hidden layers that take the value `name`.

    Of a dense layer and a batchnorm layer with an activation after it, the latter takes the activation.
    """
    found = []
    for index, (layer, after) in enumerate(pairwise(layers)):
        kind = layer_specs().get(_type_of(layer))
        follows = name == "activation" and _type_of(after) != "dense" and _has_activation(after)
        is_plain = name == "activation" and _type_of(layer) != "dense" and not _has_activation(layer)
        if kind is not None and name in kind.__struct_fields__ and not follows and not is_plain:
            found.append(index)
    return found


def _type_of(layer: Any) -> str:
    return str(layer.get("type", "dense")) if isinstance(layer, dict) else ""


def _has_activation(layer: dict[str, Any]) -> bool:
    activation = layer.get("activation", "linear")
    return (activation.get("name") if isinstance(activation, dict) else activation) != "linear"


def value_at(raw: Any, key: str) -> Any:
    """Return the value at a dotted key of plain tables; None if the key does not exist."""
    for step in key.replace("[", ".").replace("]", "").split("."):
        try:
            raw = raw[int(step)] if isinstance(raw, list) else raw[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return raw


def _set(root: dict[str, Any], key: str, value: Any) -> None:
    steps = _steps(key)
    node: Any = root
    for position, step in enumerate(steps[:-1]):
        following = _descend(node, step, steps, position, key)
        if isinstance(following, str) and isinstance(steps[position + 1], str) and _is_member(following):
            following = {"name": following}  # "adam" abbreviates this table
            node[step] = following
        node = following
    last = steps[-1]
    if isinstance(last, int):
        _descend(node, last, steps, len(steps) - 1, key)
    elif isinstance(node, list):
        place = key.removesuffix(f".{last}")
        raise _cannot(key, f"{place} is a list", f"give an index, for example {place}[0].{last}")
    elif not isinstance(node, dict):
        raise _cannot(key, f"{key.removesuffix(f'.{last}')} = {show(node)} is not a table", "")
    if last == "name" and len(steps) > 1 and node.get("name", value) != value:
        _keep_shared_options(node, value)
    node[last] = value


def _steps(key: str) -> list[str | int]:
    steps: list[str | int] = []
    for part in key.split("."):
        match = _STEP.match(part)
        if not match:
            hint = "examples of keys: training.optimizer.lr or network.layers[0].units, counted from 0"
            raise ExperimentError([Problem(key, f"{key} is not a key", hint)])
        steps.append(match[1])
        steps.extend(int(index) for index in re.findall(r"\d+", match[2]))
    return steps


def _descend(node: Any, step: str | int, steps: list[str | int], position: int, key: str) -> Any:
    """Return the item `step` of `node`; missing tables are added, and so is a missing list of layers."""
    if isinstance(step, str) and isinstance(node, dict):
        if step not in node and steps[: position + 1] == ["network", "layers"]:
            node[step] = [{}]
        return node.setdefault(step, {})
    if isinstance(step, int) and isinstance(node, list) and step < len(node):
        return node[step]
    place = key[: key.find(f"[{step}]")] if isinstance(step, int) else key
    if isinstance(node, list):
        raise _cannot(
            key,
            f"there is no {place}[{step}]",
            f"{place} has {counted(len(node), 'entry', 'entries')}, counted from 0",
        )
    if isinstance(step, int):
        raise _cannot(
            key, f"{place} is not a list", "the layers are network.layers[0], network.layers[1], ..."
        )
    raise _cannot(key, f"{show(node)} is not a table", "")


def _cannot(key: str, reason: str, hint: str) -> ExperimentError:
    return ExperimentError([Problem(key, f"cannot set {key}: {reason}", hint)])


def _is_member(name: object) -> bool:
    return isinstance(name, str) and any(name in members for _, members in FAMILIES.values())


def _keep_shared_options(table: dict[str, Any], new_name: object) -> None:
    """Delete the options that the member named `new_name` does not have."""
    old_name = table["name"]
    for _, members in FAMILIES.values():
        if _is_member(new_name) and _is_member(old_name) and {new_name, old_name} <= set(members):
            known = members[str(new_name)].__struct_fields__
            for option in set(table) - set(known) - {"name"}:
                del table[option]


def _deep_copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _deep_copy(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_deep_copy(item) for item in value]
    return value
