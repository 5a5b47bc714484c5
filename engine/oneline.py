"""An experiment as the one `nnterm train ...` line that does the same."""

import shlex
from typing import Any

import tomli_w

from engine.activations import Linear
from engine.errors import NntermError
from engine.experiment import Experiment
from engine.initializers import default_initializer
from engine.overrides import apply_changes, value_at
from engine.parsing import to_plain
from engine.specs import DenseSpec, LayerSpec


def command_line(experiment: Experiment) -> str:
    """Return the shell command that trains `experiment`; what the options cannot say follows as `--set`."""
    words = ["nnterm", "train", "--dataset", experiment.data.dataset]
    hidden = _hidden_units(experiment)
    if hidden is not None:
        words += ["--layers", ",".join(map(str, hidden))]
    options: dict[str, Any] = {
        "optimizer": experiment.training.optimizer.name,
        "lr": experiment.training.optimizer.lr,
        "batch_size": experiment.training.batch_size,
        "epochs": experiment.training.epochs,
        "seed": experiment.seed,
    }
    if hidden is not None:
        activations = {_activation_of(layer) for layer in experiment.network.layers[:-1]}
        options |= {"activation": activations.pop()} if len(activations) == 1 else {}
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    if experiment.force:
        words.append("--force")
    base = _starting_point(experiment, hidden, options)
    if hidden is None and base:
        base["network"]["layers"] = []  # said as a whole
    for key, value in differences(base, experiment.to_raw()).items():
        if key == "network.layers":
            value = [_without_defaults(layer) for layer in experiment.network.layers]
        words += ["--name", str(value)] if key == "name" else ["--set", f"{key}={_toml_value(value)}"]
    return " ".join(shlex.quote(word) for word in words)


def _hidden_units(experiment: Experiment) -> list[int] | None:
    """The units that `--layers` would name; None where a layer is not dense, which it cannot say."""
    dense = [layer for layer in experiment.network.layers if isinstance(layer, DenseSpec)]
    is_plain = len(dense) == len(experiment.network.layers)
    return [layer.units for layer in dense[:-1]] if is_plain else None


def _activation_of(layer: LayerSpec) -> str:
    activation = getattr(layer, "activation", None)
    return activation.name if activation else "auto"


def _without_defaults(layer: LayerSpec) -> dict[str, Any]:
    """A layer's table with no more in it than an experiment file needs."""
    table, defaults = to_plain(layer), to_plain(type(layer)())
    if isinstance(layer, DenseSpec) and layer.init == default_initializer(layer.activation or Linear()):
        del table["init"]
    return {key: value for key, value in table.items() if key == "type" or value != defaults[key]}


def _starting_point(
    experiment: Experiment, hidden: list[int] | None, options: dict[str, Any]
) -> dict[str, Any]:
    """What the options alone would give, forced so that even a senseless network can be compared with."""
    try:
        base = Experiment.quick(experiment.data.dataset, hidden, force=experiment.force, **options)
    except NntermError:
        return {}
    return base.to_raw()


def differences(before: Any, after: Any, key: str = "") -> dict[str, Any]:
    """Return the dotted keys whose values differ, with the value after; lists of equal length are gone into."""
    if isinstance(before, dict) and isinstance(after, dict) and _kind(before) == _kind(after):
        found: dict[str, Any] = {}
        for name, value in after.items():
            found |= differences(before.get(name), value, f"{key}.{name}" if key else name)
        return found
    if not key and isinstance(after, dict):
        found = {}
        for name, value in after.items():
            before_value = before.get(name) if isinstance(before, dict) else None
            found |= differences(before_value, value, name)
        return found
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        found = {}
        for i, (one, other) in enumerate(zip(before, after, strict=True)):
            found |= differences(one, other, f"{key}[{i}]")
        return found
    return {} if before == after else {key: after}


def _kind(table: dict[str, Any]) -> tuple[object, object]:
    """What tells a named thing, or a layer, from another whose options are not its own."""
    return table.get("name"), table.get("type")


def _toml_value(value: Any) -> str:
    """A value as TOML writes it on one line; a table inline."""
    if isinstance(value, dict):
        inner = ", ".join(f"{name} = {_toml_value(item)}" for name, item in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    return tomli_w.dumps({"v": value}).removeprefix("v = ").rstrip("\n")


def changed(before: Any, after: Any) -> dict[str, tuple[Any, Any]]:
    """Return each key whose value differs in plain tables, with its value before and after, None for no value."""
    return {key: (value_at(before, key), value) for key, value in differences(before, after).items()}


def mend(raw: dict[str, Any], remedy: dict[str, object]) -> tuple[dict[str, Any], dict[str, tuple[Any, Any]]]:
    """Return the mended tables, and each changed key with its value before and after, to show the difference first."""
    after = apply_changes(raw, remedy)
    return after, changed(raw, after)
