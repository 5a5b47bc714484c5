"""Predefined experiments to start from."""

from typing import Any

import msgspec

from engine.data import describe
from engine.data.spec import DataSpec
from engine.experiment.experiment import Experiment


class Preset(msgspec.Struct, frozen=True):
    """A predefined experiment."""

    name: str
    title: str
    summary: str
    raw: dict[str, Any]
    """The experiment's plain tables, without defaults."""

    def experiment(self) -> Experiment:
        """Return the experiment, resolved and checked."""
        return Experiment.from_raw(self.raw)


def _dense(units: int, activation: str = "relu") -> dict[str, Any]:
    return {"type": "dense", "units": units, "activation": activation}


def _suggested(dataset: str) -> dict[str, Any]:
    """Return the training table that the dataset suggests: the Data screen and `nnterm train` use the same."""
    suggestion = describe(DataSpec(dataset=dataset)).suggestion
    return {
        "epochs": suggestion.epochs,
        "batch_size": suggestion.batch_size,
        "optimizer": {"name": suggestion.optimizer, "lr": suggestion.lr},
    }


PRESETS: tuple[Preset, ...] = (
    Preset(
        "mnist-mlp",
        "MNIST 784-128-64-10",
        "Two hidden ReLU layers, plain SGD: 97 to 98 % in ten epochs.",
        {
            "name": "mnist-mlp",
            "data": {"dataset": "mnist"},
            "network": {"layers": [_dense(128), _dense(64), _dense(10, "softmax")]},
            "training": _suggested("mnist"),
        },
    ),
    Preset(
        "mnist-tuned",
        "MNIST tuned, at least 98 %",
        "Wider, AdamW with weight decay, one-cycle learning rate: above 98 % in ten epochs.",
        {
            "name": "mnist-tuned",
            "data": {"dataset": "mnist", "validation": 0.05},
            "network": {"layers": [_dense(256), _dense(128), _dense(10, "softmax")]},
            "training": {
                "epochs": 10,
                "batch_size": 64,
                "optimizer": {"name": "adamw", "lr": 0.002, "weight_decay": 0.02},
                "schedule": {"name": "one_cycle"},
            },
        },
    ),
    Preset(
        "mnist-linear",
        "MNIST without a hidden layer",
        "Softmax regression, the baseline without hidden layers: 92 to 93 %.",
        {
            "name": "mnist-linear",
            "data": {"dataset": "mnist"},
            "network": {"layers": [_dense(10, "softmax")]},
            "training": {"epochs": 10, "batch_size": 64, "optimizer": {"name": "sgd", "lr": 0.1}},
        },
    ),
    Preset(
        "perceptron",
        "Perceptron on AND",
        "Rosenblatt's rule with a step output: learns AND, which is linearly separable; XOR is not.",
        {
            "name": "perceptron",
            "data": {"dataset": "and"},
            "network": {"layers": [_dense(1, "step")]},
            "training": {
                "epochs": 100,
                "batch_size": 0,
                "optimizer": {"name": "perceptron", "lr": 0.1},
            },
        },
    ),
    Preset(
        "xor",
        "XOR 2-4-1",
        "The smallest problem that needs a hidden layer: four tanh units.",
        {
            "data": {"dataset": "xor"},
            "network": {"layers": [_dense(4, "tanh"), _dense(1, "sigmoid")]},
            "training": _suggested("xor"),
        },
    ),
    Preset(
        "spirals",
        "Spirals 2-64-64-3",
        "Three interleaved spirals in the plane: needs width and depth.",
        {
            "data": {"dataset": "spirals"},
            "network": {"layers": [_dense(64), _dense(64), _dense(3, "softmax")]},
            "training": _suggested("spirals"),
        },
    ),
)


def presets_for(dataset: str) -> list[Preset]:
    """Return all presets, those for `dataset` first."""
    return sorted(PRESETS, key=lambda preset: preset.raw["data"]["dataset"] != dataset)
