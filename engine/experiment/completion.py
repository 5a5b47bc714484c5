"""Completion of an experiment file and of options: what they leave out is what the dataset suggests.

One function serves both, so that a file and a command line that say the same give the same experiment.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.data import DatasetInfo, Suggestion, describe
from engine.data.spec import DataSpec
from engine.errors import DataError
from engine.experiment.data_path import located
from engine.experiment.layer_options import lay_over_layers
from engine.experiment.options import LAYER_OPTIONS, OPTION_KEYS
from engine.experiment.overrides import apply_changes
from engine.experiment.parsing import build_section
from engine.optim.optimizers import OPTIMIZERS, Perceptron

Describe = Callable[[DataSpec], DatasetInfo]
Tables = dict[str, Any]

_LAYERS = "network.layers"


def complete_tables(
    raw: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
    *,
    hidden: Sequence[int] | None = None,
    folder: Path | None = None,
    describe: Describe = describe,
) -> Tables:
    """Return plain tables with options and changes laid over them, completed by what the dataset suggests.

    Left out, and so completed, may be the layers, the optimizer (or its name, or its learning rate), the epochs and the
    batch size. What has the wrong form is returned as it is.

    Args:
        raw: the tables of a file, empty without one.
        options: as `Experiment.quick` takes them.
        changes: dotted keys with values, of `--set`: they take precedence.
        hidden: units of the hidden layers; None: those of the file, else the suggested ones.
        folder: base of a relative path to data; None: the current folder.
        describe: returns a dataset's description; a test passes its own.

    Raises:
        ExperimentError: an option or a change cannot be applied.
    """
    given, changed = dict(options or {}), dict(changes or {})
    of_layers = {key: value for key, value in changed.items() if key.startswith(_LAYERS)}
    others = {key: value for key, value in changed.items() if key not in of_layers}
    tables = apply_changes(raw, _keys_of(given) | others)
    suggestion = _suggestion(tables, folder, describe) if _is_incomplete(tables) else None
    if suggestion is not None:
        _complete_training(tables, suggestion)
        if _has_no_layers(tables) and hidden:
            given.setdefault("activation", suggestion.activation)
        _complete_layers(tables, suggestion)
    if hidden is not None or any(name in given for name in LAYER_OPTIONS):
        layers = _usable_layers(tables) or [_output(tables)]
        tables = apply_changes(tables, {_LAYERS: lay_over_layers(layers, hidden, given)})
    tables = apply_changes(tables, of_layers)
    if isinstance(tables.get("network"), dict) and tables["network"].get("layers") == []:
        tables["network"]["layers"] = [_output(tables)]
    return tables


def _keys_of(options: Mapping[str, Any]) -> Tables:
    """Return options as dotted keys, a table before its own keys."""
    keys = {OPTION_KEYS[name]: value for name, value in options.items() if name in OPTION_KEYS}
    named = OPTION_KEYS["optimizer"]
    if isinstance(keys.get(named), Mapping):  # {"name": "adam", "beta1": 0.8}
        keys = {named.rpartition(".")[0]: keys.pop(named), **keys}
    return dict(sorted(keys.items(), key=lambda pair: pair[0].count(".")))


def _is_incomplete(tables: Tables) -> bool:
    """Return whether the tables lack what a dataset suggests; complete ones are read without their dataset."""
    training = tables.get("training", {})
    if not isinstance(training, dict) or not isinstance(tables.get("network", {}), dict):
        return False
    optimizer = training.get("optimizer")
    has_rate = isinstance(optimizer, dict) and {"name", "lr"} <= optimizer.keys()
    return _has_no_layers(tables) or not has_rate or not {"epochs", "batch_size"} <= training.keys()


def _has_no_layers(tables: Tables) -> bool:
    return "layers" not in tables.get("network", {})


def _suggestion(tables: Tables, folder: Path | None, describe: Describe) -> Suggestion | None:
    """Return what the dataset suggests; None if there is no such dataset, which the reader of the tables reports."""
    data = tables.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("dataset"), str):
        return None
    spec = build_section(DataSpec, data, "data", []) or DataSpec(dataset=data["dataset"])
    try:
        return describe(located(spec, folder)).suggestion
    except DataError:
        return None


def _complete_training(tables: Tables, suggestion: Suggestion) -> None:
    training = tables.setdefault("training", {})
    training.setdefault("epochs", suggestion.epochs)
    training.setdefault("batch_size", suggestion.batch_size)
    given = training.get("optimizer", {})
    optimizer = {"name": given} if isinstance(given, str) else given
    if not isinstance(optimizer, dict):
        return
    name = optimizer.get("name", suggestion.optimizer)
    rate: dict[str, float] = {}
    if "lr" not in optimizer and isinstance(name, str) and name in OPTIMIZERS:
        rate["lr"] = suggestion.lr if name == suggestion.optimizer else OPTIMIZERS[name]().lr
    training["optimizer"] = {"name": name, **rate, **optimizer}


def _complete_layers(tables: Tables, suggestion: Suggestion) -> None:
    if _has_no_layers(tables):
        dense = {"type": "dense", "activation": suggestion.activation}
        hidden = [{**dense, "units": units} for units in suggestion.layers]
        tables.setdefault("network", {})["layers"] = [*hidden, _output(tables)]


def _output(tables: Tables) -> Tables:
    """Return an output layer that fits the task; a step for the perceptron's rule."""
    training, network = tables.get("training", {}), tables.get("network", {})
    optimizer = training.get("optimizer") if isinstance(training, dict) else None
    name = optimizer.get("name") if isinstance(optimizer, dict) else optimizer
    loss = network.get("loss", "auto") if isinstance(network, dict) else None
    is_rule = name == Perceptron.label() and loss in ("auto", Perceptron.label())
    return {"type": "dense", "activation": "step"} if is_rule else {"type": "dense"}


def _usable_layers(tables: Tables) -> list[Tables]:
    """Return the layers as far as they have the form of layers; the reader of the tables reports the others."""
    network = tables.get("network")
    layers = network.get("layers") if isinstance(network, dict) else None
    return [layer if isinstance(layer, dict) else {} for layer in layers] if isinstance(layers, list) else []
