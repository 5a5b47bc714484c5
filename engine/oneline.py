"""An experiment as the one `nnterm train ...` line that does the same."""

import shlex
from typing import Any

import tomli_w

from engine.errors import NntermError
from engine.experiment import Experiment
from engine.overrides import apply_changes


def command_line(experiment: Experiment) -> str:
    """Return the shell command that trains `experiment`; what the options cannot say follows as `--set`."""
    hidden = experiment.network.layers[:-1]
    words = ["nnterm", "train", "--dataset", experiment.data.dataset]
    words += ["--layers", ",".join(str(layer.units) for layer in hidden)]
    options: dict[str, Any] = {
        "optimizer": experiment.training.optimizer.name,
        "lr": experiment.training.optimizer.lr,
        "batch_size": experiment.training.batch_size,
        "epochs": experiment.training.epochs,
        "seed": experiment.seed,
    }
    activations = {layer.activation.name for layer in hidden if layer.activation}
    if len(activations) == 1:
        options["activation"] = activations.pop()
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    if experiment.force:
        words.append("--force")
    base = _starting_point(experiment, options)
    for key, value in differences(base, experiment.to_raw()).items():
        words += ["--name", str(value)] if key == "name" else ["--set", f"{key}={_toml_value(value)}"]
    return " ".join(shlex.quote(word) for word in words)


def _starting_point(experiment: Experiment, options: dict[str, Any]) -> dict[str, Any]:
    """What the options alone would give, forced so that even a senseless network can be compared with."""
    layers = [layer.units for layer in experiment.network.layers[:-1]]
    try:
        base = Experiment.quick(experiment.data.dataset, layers, force=experiment.force, **options)
    except NntermError:
        return {}
    return base.to_raw()


def differences(before: Any, after: Any, key: str = "") -> dict[str, Any]:
    """Return the dotted keys whose values differ, with the value after; lists of equal length are gone into."""
    if isinstance(before, dict) and isinstance(after, dict) and before.get("name") == after.get("name"):
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


def _toml_value(value: Any) -> str:
    """A value as TOML writes it on one line; a table inline."""
    if isinstance(value, dict):
        inner = ", ".join(f"{name} = {_toml_value(item)}" for name, item in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    return tomli_w.dumps({"v": value}).removeprefix("v = ").rstrip("\n")


def mend(raw: dict[str, Any], remedy: dict[str, object]) -> tuple[dict[str, Any], dict[str, tuple[Any, Any]]]:
    """Return the mended tables, and each changed key with its value before and after, to show the difference first."""
    after = apply_changes(raw, remedy)
    changed = differences(raw, after)
    return after, {key: (_at(raw, key), value) for key, value in changed.items()}


def _at(raw: Any, key: str) -> Any:
    """The value at a dotted key, None where there is none."""
    for step in key.replace("[", ".").replace("]", "").split("."):
        try:
            raw = raw[int(step)] if isinstance(raw, list) else raw[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return raw
