"""A file that leaves settings out gets the dataset's suggestions, as the options of the command line do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import DATASETS
from engine.errors import ExperimentError
from engine.experiment.completion import complete_tables
from engine.experiment.experiment import Experiment
from engine.experiment.presets import PRESETS
from engine.experiment.template import commented_toml


def of_file(text: str, dataset: str = "moons", **more: Any) -> Experiment:
    return Experiment.from_toml(f'data.dataset = "{dataset}"\n{text}', **more)


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_file_that_names_only_its_dataset_is_the_quick_experiment(dataset: str) -> None:
    quick = Experiment.quick(dataset)
    assert of_file("", dataset) == quick
    assert Experiment.from_toml(commented_toml(quick)) == quick
    assert Experiment.from_toml(quick.to_toml()) == quick


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("training.epochs = 3", {"epochs": 3}),
        ("training.batch_size = 7", {"batch_size": 7}),
        ('training.optimizer = "adam"', {"optimizer": "adam"}),
        ('training.optimizer = "sgd"', {"optimizer": "sgd"}),
        ('training.optimizer = { name = "rmsprop" }', {"optimizer": "rmsprop"}),
        ("training.optimizer = { lr = 0.3 }", {"lr": 0.3}),
        ('training.optimizer = { name = "sgd", momentum = 0.9 }', {"optimizer": "sgd", "momentum": 0.9}),
        ("network.layers = []", {"layers": []}),
        ('network.loss = "mse"', {"loss": "mse"}),
        ('network.layers = []\ntraining.optimizer = "perceptron"', {"layers": [], "optimizer": "perceptron"}),
        ('training.dtype = "float64"\nseed = 4', {"dtype": "float64", "seed": 4}),
    ],
)
def test_what_a_file_gives_is_laid_over_the_suggestion(text: str, options: dict[str, Any]) -> None:
    assert of_file(text) == Experiment.quick("moons", **options)


@pytest.mark.parametrize(
    "options",
    [
        {"layers": [5], "activation": "elu", "init": "orthogonal"},
        {"activation": "relu", "lr": 0.5},
        {"layers": [], "activation": "sigmoid"},
        {"optimizer": "sgd"},
        {"dataset": "spirals", "limit": 90},
    ],
)
def test_options_over_a_file_are_options_without_one(options: dict[str, Any]) -> None:
    given = dict(options)
    dataset = given.pop("dataset", "moons")
    assert of_file("", options=options) == Experiment.quick(dataset, **given)


@pytest.mark.parametrize(
    "change",
    [
        "optimizer=sgd",
        "optimizer=adam",
        "data.dataset=xor",
        "network.layers[0].units=3",
        "activation=relu",
        "lr=0.2",
    ],
)
def test_changes_mean_the_same_beside_a_file_and_beside_options(change: str) -> None:
    assert of_file("", overrides=[change]) == Experiment.quick("moons", overrides=[change])


def test_a_given_layer_has_the_defaults_of_its_type() -> None:
    (hidden, output) = of_file("network.layers = [{ units = 4 }, {}]", "xor").network.layers
    assert (hidden.activation.name, output.activation.name) == ("relu", "sigmoid")  # type: ignore[attr-defined]


def test_ones_own_data_is_completed_by_its_kind(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "own.npz", x=rng.normal(size=(40, 3)), y=rng.normal(size=40))
    (tmp_path / "own.toml").write_text('data.dataset = "own.npz"')
    assert Experiment.load(tmp_path / "own.toml") == Experiment.quick(str(tmp_path / "own.npz"))


def test_complete_tables_stay_and_do_not_read_their_dataset() -> None:
    for preset in PRESETS:
        raw = preset.experiment().to_raw()
        raw["data"]["dataset"] = "gone.npz"
        assert complete_tables(raw, describe=None) == raw  # type: ignore[arg-type]


def test_a_target_without_columns_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "own.npz", x=np.zeros((9, 2)), y=np.arange(9) % 3)
    for dataset in ("mnist", str(tmp_path / "own.npz")):
        with pytest.raises(ExperimentError, match=r"has no effect: .* has no columns"):
            of_file('data.target = "species"', dataset)
        with pytest.raises(ExperimentError, match="no columns"):
            Experiment.quick(dataset, target="species")
        assert of_file('data.target = ""', dataset).data.target == ""


def test_a_run_that_was_stored_with_a_target_is_still_read() -> None:
    raw = Experiment.quick("moons").to_raw()
    raw["data"]["target"] = "species"
    assert Experiment.from_raw(raw).with_changes({"training.epochs": 2}).data.target == "species"


def test_an_option_of_another_optimizer_is_named_with_its_owner() -> None:
    with pytest.raises(ExperimentError) as caught:
        of_file("training.optimizer = { momentum = 0.9 }")
    (problem,) = caught.value.problems
    assert problem.message == "training.optimizer.momentum: adam has no such option"
    assert problem.hint.startswith("it is an option of sgd; ")
