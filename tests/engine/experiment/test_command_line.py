"""The command line of an experiment describes the same experiment; presets, fixes and the summary."""

import shlex
from typing import Any

import pytest

from engine.experiment.changes import differences, with_fix
from engine.experiment.command_line import command_line
from engine.experiment.experiment import Experiment
from engine.experiment.presets import PRESETS, Preset, presets_for
from engine.experiment.summary import summarise

CHANGES: list[dict[str, Any]] = [
    {},
    {"training.optimizer": {"name": "adamw", "lr": 0.003, "weight_decay": 0.1}},
    {"network.layers[0].activation": {"name": "leaky_relu", "slope": 0.2}, "training.clip_norm": 1.0},
    {"training.schedule": {"name": "one_cycle", "rise": 0.2}, "data.noise": 0.3, "data.samples": 300},
    {"network.layers[1].init": {"name": "normal", "std": 0.5}, "seed": 7, "name": "my run"},
]


def rebuilt(line: str) -> Experiment:
    """Return the experiment of a line, parsed as by the shell and `nnterm train`."""
    words = shlex.split(line)
    assert words[:2] == ["nnterm", "train"]
    options: dict[str, Any] = {"overrides": []}
    pairs = iter(words[2:])
    for word in pairs:
        name = word.removeprefix("--").replace("-", "_")
        if name == "force":
            options["force"] = True
            continue
        value = next(pairs)
        if name == "set":
            options["overrides"].append(value)
        elif name == "layers":
            options["layers"] = [int(units) for units in value.split(",") if units]
        else:
            options[name] = value if name in ("dataset", "activation", "optimizer", "name") else float(value)
    for name in ("batch_size", "epochs", "seed"):
        options[name] = int(options[name])
    return Experiment.quick(options.pop("dataset"), options.pop("layers"), **options)


@pytest.mark.parametrize("changes", CHANGES)
def test_the_command_line_rebuilds_the_experiment(changes: dict[str, Any]) -> None:
    experiment = Experiment.quick("spirals", [16, 8], activation="tanh", name="s").with_changes(changes)
    assert rebuilt(command_line(experiment)) == experiment


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_preset_is_valid_and_has_a_command_line(preset: Preset) -> None:
    experiment = preset.experiment()
    assert rebuilt(command_line(experiment)) == experiment


def test_presets_for_a_dataset_come_first() -> None:
    assert presets_for("xor")[0].name == "xor"
    assert {preset.name for preset in presets_for("xor")} == {preset.name for preset in PRESETS}


def test_a_fix_shows_each_key_before_and_after() -> None:
    raw = Experiment.quick("moons", [4]).to_raw()
    after, changed = with_fix(raw, {"network.layers[0].units": 9, "training.optimizer": "sgd"})
    assert after["network"]["layers"][0]["units"] == 9
    assert changed["network.layers[0].units"] == (4, 9)
    assert changed["training.optimizer"][1] == "sgd"
    assert raw["network"]["layers"][0]["units"] == 4


def test_equal_tables_have_no_differences() -> None:
    raw = Experiment.quick("moons", [4]).to_raw()
    assert differences(raw, Experiment.quick("moons", [4]).to_raw()) == {}


def test_the_summary_counts_by_hand() -> None:
    summary = summarise(Experiment.quick("mnist", [128, 64], batch_size=64, epochs=10))
    assert [layer.parameters for layer in summary.layers] == [784 * 128 + 128, 128 * 64 + 64, 64 * 10 + 10]
    assert summary.parameters == 109_386
    assert summary.parameter_bytes == 4 * 109_386
    products = 784 * 128 + 128 * 64 + 64 * 10
    assert summary.training_flops == summary.forward_flops + 4 * products - 2 * 784 * 128
    assert (summary.steps_per_epoch, summary.total_steps) == (844, 8440)
