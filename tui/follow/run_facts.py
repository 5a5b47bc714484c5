"""Figures of a run by themselves: what is trained and for how long, and its accuracies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.events import Epoch, Started
from engine.runs import Status
from tui.follow.loss_history import Floats


@dataclass(frozen=True, eq=False)
class AccuracyCurves:
    """Accuracies after the epochs that were measured, (n,) each, shares of 1; NaN where there is none."""

    steps: Floats = field(default_factory=lambda: np.empty(0))
    train: Floats = field(default_factory=lambda: np.empty(0))
    validation: Floats = field(default_factory=lambda: np.empty(0))


def accuracies_of(epochs: list[Epoch]) -> AccuracyCurves:
    """Return the accuracies of these epochs."""

    def column(values: Iterable[float | None]) -> Floats:
        return np.array(list(values), np.float64)  # None becomes NaN

    return AccuracyCurves(
        column(epoch.step for epoch in epochs),
        column(epoch.train_accuracy for epoch in epochs),
        column(epoch.validation_accuracy for epoch in epochs),
    )


def facts_of(started: Started | None, status: Status | None) -> dict[str, Any]:
    """What does not change in a run."""
    if started is None:
        return {"steps_per_epoch": 0, "epochs": status.epochs if status else 0}
    training = table(started.experiment, "training")
    schedule = training.get("schedule", "constant")
    return {
        "steps_per_epoch": started.steps_per_epoch,
        "epochs": started.epochs,
        "description": describe(started.experiment),
        "n_parameters": started.n_parameters,
        "classifies": started.chance is not None,
        "chance": started.chance,
        "schedule": str(schedule.get("name", "constant") if isinstance(schedule, dict) else schedule),
    }


def describe(experiment: Mapping[str, Any]) -> str:
    """Return what is trained in a few words: `mnist · 128-64-10 · sgd · batch 64`."""
    training = table(experiment, "training")
    layers = table(experiment, "network").get("layers") or []
    units = "-".join(str(layer.get("units", "?")) for layer in layers if isinstance(layer, dict))
    optimizer = training.get("optimizer", "")
    name = optimizer.get("name", "") if isinstance(optimizer, dict) else optimizer
    batch = training.get("batch_size")
    data = str(table(experiment, "data").get("dataset", "")).rsplit("/", 1)[-1]
    parts = (data, units, str(name), f"batch {batch}" if batch else "full batch")
    return " · ".join(part for part in parts if part)


def table(tables: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A table of a table, empty where there is none."""
    found = tables.get(name)
    return found if isinstance(found, dict) else {}
