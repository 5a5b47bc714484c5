"""An experiment as an equivalent `nnterm train ...` command line."""

import shlex
from typing import Any

import tomli_w

from engine.errors import NntermError
from engine.experiment.changes import differences
from engine.experiment.experiment import Experiment
from engine.experiment.options import OPTION_KEYS
from engine.experiment.overrides import value_at
from engine.experiment.parsing import to_plain
from engine.nn.activations import Linear
from engine.nn.initializers import default_initializer
from engine.nn.specs import DenseSpec, LayerSpec

_ALWAYS_NAMED = ("optimizer", "lr", "batch_size", "epochs", "seed")
"""Options that the command names even where they are the dataset's suggestion."""


def command_line(experiment: Experiment) -> str:
    """Return the shell command that trains `experiment`; settings without an option follow as `--set`."""
    words = ["nnterm", "train", "--dataset", experiment.data.dataset]
    hidden = _hidden_units(experiment)
    if hidden is not None:
        words += ["--layers", ",".join(map(str, hidden))]
    raw = experiment.to_raw()
    options: dict[str, Any] = {name: value_at(raw, OPTION_KEYS[name]) for name in _ALWAYS_NAMED}
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
    for key, value in differences(base, raw).items():
        if key == "network.layers":
            value = [_without_defaults(layer) for layer in experiment.network.layers]
        words += ["--name", str(value)] if key == "name" else ["--set", f"{key}={_toml_value(value)}"]
    return " ".join(shlex.quote(word) for word in words)


def _hidden_units(experiment: Experiment) -> list[int] | None:
    """Return the units for `--layers`; None if a layer is not dense, which `--layers` cannot express."""
    dense = [layer for layer in experiment.network.layers if isinstance(layer, DenseSpec)]
    is_plain = len(dense) == len(experiment.network.layers)
    return [layer.units for layer in dense[:-1]] if is_plain else None


def _activation_of(layer: LayerSpec) -> str:
    activation = getattr(layer, "activation", None)
    return activation.name if activation else "auto"


def _without_defaults(layer: LayerSpec) -> dict[str, Any]:
    """Return a layer's table without values that are defaults."""
    table, defaults = to_plain(layer), to_plain(type(layer)())
    if isinstance(layer, DenseSpec) and layer.init == default_initializer(layer.activation or Linear()):
        del table["init"]
    return {key: value for key, value in table.items() if key == "type" or value != defaults[key]}


def _starting_point(
    experiment: Experiment, hidden: list[int] | None, options: dict[str, Any]
) -> dict[str, Any]:
    """Return the plain tables that the options alone produce; empty if they describe no valid experiment."""
    try:
        base = Experiment.quick(experiment.data.dataset, hidden, force=experiment.force, **options)
    except NntermError:
        return {}
    return base.to_raw()


def _toml_value(value: Any) -> str:
    """A value as TOML writes it on one line; a table inline."""
    if isinstance(value, dict):
        inner = ", ".join(f"{name} = {_toml_value(item)}" for name, item in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    return tomli_w.dumps({"v": value}).removeprefix("v = ").rstrip("\n")
