"""The options that describe an experiment: the key that each one sets, and `--layers` as numbers."""

from engine.errors import ExperimentError, Problem
from engine.words import counted

OPTION_KEYS = {
    "dataset": "data.dataset",
    "validation": "data.validation",
    "limit": "data.limit",
    "task": "data.task",
    "target": "data.target",
    "scale": "data.scale",
    "loss": "network.loss",
    "optimizer": "training.optimizer.name",
    "lr": "training.optimizer.lr",
    "momentum": "training.optimizer.momentum",
    "nesterov": "training.optimizer.nesterov",
    "weight_decay": "training.optimizer.weight_decay",
    "batch_size": "training.batch_size",
    "epochs": "training.epochs",
    "backend": "training.backend",
    "device": "training.device",
    "processes": "training.processes",
    "threads": "training.threads",
    "dtype": "training.dtype",
    "schedule": "training.schedule",
    "clip_norm": "training.clip_norm",
    "patience": "training.patience",
    "seed": "seed",
    "force": "force",
    "name": "name",
}
"""The experiment's key that each option sets. `layers` and LAYER_OPTIONS have none: they are spread over the layers."""

LAYER_OPTIONS = ("activation", "init")
"""Options that set a key in every layer that takes them."""

HINT = 'the units of each hidden layer, as in --layers 128,64; --layers "" for none'


def parse_hidden(text: str) -> list[int]:
    """Return the units in "128,64"; none in "".

    Raises:
        ExperimentError: a part is not a whole number of at least 1.
    """
    return [_units(part.strip(), text) for part in text.split(",")] if text.strip() else []


def _units(part: str, text: str) -> int:
    try:
        units = int(part)
    except ValueError:
        raise _wrong(text, f'"{part[:40]}" is not a whole number') from None
    if units < 1:
        raise _wrong(text, f"{counted(units, 'unit')}: a layer needs at least 1")
    return units


def _wrong(text: str, reason: str) -> ExperimentError:
    shown = text if len(text) <= 60 else text[:57] + "..."
    return ExperimentError([Problem("--layers", f'--layers "{shown}": {reason}', HINT)])
