"""Conversion of the options of `nnterm train` to plain tables, completed by the dataset's suggestions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.data import DatasetInfo, describe
from engine.data.spec import DataSpec
from engine.errors import ExperimentError, Problem, did_you_mean
from engine.experiment.options import LAYER_OPTIONS, OPTION_KEYS
from engine.optim.optimizers import OPTIMIZERS
from engine.plugins.loading import load_plugins

_OPTIMIZER = "training.optimizer."
_OPTIMIZER_OPTIONS = [
    name for name, key in OPTION_KEYS.items() if key.startswith(_OPTIMIZER) and name != "optimizer"
]
_KNOWN = {*OPTION_KEYS, *LAYER_OPTIONS} - {"dataset"}
_NAMED = {*_KNOWN, "dataset", "layers"}
"""All arguments of `Experiment.quick`."""

Describe = Callable[[DataSpec], DatasetInfo]


def quick_tables(
    dataset: str, layers: Sequence[int] | None, options: Mapping[str, Any], describe: Describe = describe
) -> dict[str, Any]:
    """Return the plain tables of an experiment, not yet resolved; see `Experiment.quick` for the arguments.

    `describe` returns a dataset's description; a test passes its own.

    Raises:
        DataError: the dataset is unknown or unreadable.
        ExperimentError: an option is unknown.
    """
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in _KNOWN:
            raise ExperimentError([Problem(name, f"{name} is not an option", did_you_mean(name, _NAMED))])
    load_plugins()
    suggestion = describe(DataSpec(dataset=dataset)).suggestion
    hidden = suggestion.layers if layers is None else tuple(layers)
    raw: dict[str, Any] = {
        "data": {"dataset": dataset},
        "network": {"layers": _layers(hidden, given, suggestion.activation)},
        "training": {
            "epochs": suggestion.epochs,
            "batch_size": suggestion.batch_size,
            "optimizer": _optimizer(given, suggestion.optimizer, suggestion.lr),
        },
    }
    for name, key in OPTION_KEYS.items():
        if name in given and not key.startswith(_OPTIMIZER):
            table, _, last = key.rpartition(".")
            (raw[table] if table else raw)[last] = given[name]
    return raw


def _layers(hidden: Sequence[int], given: Mapping[str, Any], suggested: str) -> list[dict[str, Any]]:
    init = {"init": given["init"]} if "init" in given else {}
    activation = given.get("activation", suggested)
    layers = [{"type": "dense", "units": units, "activation": activation, **init} for units in hidden]
    output: dict[str, Any] = {"type": "dense", **init}
    if given.get("optimizer") == "perceptron":
        output["activation"] = "step"
    elif not hidden and "activation" in given:
        output["activation"] = given["activation"]  # without hidden layers, it applies to the only layer
    return [*layers, output]


def _optimizer(given: Mapping[str, Any], suggested: str, suggested_lr: float) -> dict[str, Any]:
    """Return the optimizer's table; the suggested learning rate applies only to the suggested optimizer."""
    name = given.get("optimizer", suggested)
    options = {key: given[key] for key in _OPTIMIZER_OPTIONS if key in given}
    if isinstance(name, dict):
        return {**name, **options}
    if "lr" not in options and isinstance(name, str) and name in OPTIMIZERS:
        options["lr"] = suggested_lr if name == suggested else OPTIMIZERS[name]().lr
    return {"name": name, **options}
