"""The experiment that options describe, alone and together with a file."""

from pathlib import Path

import pytest

from engine.errors import ExperimentError
from engine.experiment.experiment import Experiment
from engine.experiment.options import LAYER_OPTIONS, OPTION_KEYS
from engine.experiment.overrides import value_at
from engine.numpy_network import EXPERIMENT_OPTIONS
from tui.cli.options import ExperimentOptions, experiment_from

FILE = """
name = "mine"
[data]
dataset = "spirals"
[network]
layers = [
  { units = 8, activation = "tanh", init = "xavier_uniform" },
  { units = 3, activation = "softmax" },
]
[training]
epochs = 7
optimizer = "adam"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(FILE)
    return path


def units(experiment: Experiment) -> list[int]:
    return [layer.units for layer in experiment.network.layers]


def activations(experiment: Experiment) -> list[str]:
    return [layer.activation.name for layer in experiment.network.layers if layer.activation]


@pytest.mark.parametrize(("text", "expected"), [("128,64", [128, 64, 3]), ("", [3]), (" 5 ", [5, 3])])
def test_layers_are_the_hidden_ones(text: str, expected: list[int]) -> None:
    assert units(experiment_from(ExperimentOptions(dataset="spirals", layers=text))) == expected


def test_every_option_reaches_its_key() -> None:
    options = ExperimentOptions(
        dataset="spirals",
        layers="5",
        activation="elu",
        optimizer="sgd",
        lr=0.5,
        momentum=0.25,
        weight_decay=0.125,
        batch_size=7,
        epochs=3,
        seed=11,
        device="cpu",
        dtype="float64",
        init="normal",
        loss="mse",
        schedule="cosine",
        clip_norm=2.0,
        patience=4,
        validation=0.2,
        limit=90,
        task="classification",
        set=["training.optimizer.nesterov=true"],
    )
    experiment = experiment_from(options, name="n")
    training = experiment.training
    assert activations(experiment)[0] == "elu"
    assert experiment.network.layers[0].init is not None
    assert experiment.network.layers[0].init.name == "normal"
    assert experiment.network.loss is not None
    assert experiment.network.loss.name == "mse"
    assert experiment.to_raw()["training"]["optimizer"] == {
        "name": "sgd",
        "lr": 0.5,
        "weight_decay": 0.125,
        "momentum": 0.25,
        "nesterov": True,
    }
    assert (training.batch_size, training.epochs, training.dtype) == (7, 3, "float64")
    assert (training.schedule.name, training.clip_norm, training.patience) == ("cosine", 2.0, 4)
    assert (experiment.data.validation, experiment.data.limit) == (0.2, 90)
    assert (experiment.seed, experiment.name) == (11, "n")


def test_a_file_without_options_is_itself(file: Path) -> None:
    assert experiment_from(ExperimentOptions(file=file)) == Experiment.load(file)


def test_options_change_a_files_keys_and_leave_the_rest(file: Path) -> None:
    options = ExperimentOptions(file=file, lr=0.02, epochs=2, set=["training.epochs=3"])
    experiment = experiment_from(options, name="other")
    assert experiment.training.optimizer.name == "adam"
    assert experiment.training.optimizer.lr == 0.02
    assert experiment.training.epochs == 3  # --set takes precedence
    assert experiment.name == "other"
    assert units(experiment) == [8, 3]


def test_new_layers_are_modelled_on_the_files_first(file: Path) -> None:
    experiment = experiment_from(ExperimentOptions(file=file, layers="4,5"))
    assert units(experiment) == [4, 5, 3]
    assert activations(experiment) == ["tanh", "tanh", "softmax"]
    bare = experiment_from(ExperimentOptions(file=file, layers=""))
    assert units(bare) == [3]


def test_activation_changes_the_hidden_layers_of_a_file(file: Path) -> None:
    experiment = experiment_from(ExperimentOptions(file=file, activation="gelu", init="orthogonal"))
    assert activations(experiment) == ["gelu", "softmax"]
    inits = [layer.init.name for layer in experiment.network.layers if layer.init]
    assert inits == ["orthogonal", "orthogonal"]


def test_another_optimizer_drops_what_only_the_old_one_knew(file: Path) -> None:
    experiment = experiment_from(ExperimentOptions(file=file, optimizer="sgd", momentum=0.9))
    assert experiment.to_raw()["training"]["optimizer"]["momentum"] == 0.9


def test_mistakes_are_named_as_they_were_given(file: Path) -> None:
    with pytest.raises(ExperimentError) as caught:
        experiment_from(ExperimentOptions(file=file, lr=-1.0, set=["training.epochs=0"]))
    messages = [problem.message for problem in caught.value.problems]
    assert any(message.startswith("--lr = -1.0 must be") for message in messages)
    assert any(message.startswith("training.epochs = 0 must be") for message in messages)


def test_names_survive_the_way_through_toml(file: Path) -> None:
    for name in ('say "hi"', "1.5", "true", "ümlaut"):
        assert experiment_from(ExperimentOptions(file=file), name=name).name == name


def test_force_lets_a_learner_do_it_anyway(file: Path) -> None:
    senseless = {"file": file, "loss": "binary_cross_entropy"}
    with pytest.raises(ExperimentError):
        experiment_from(ExperimentOptions(**senseless))  # type: ignore[arg-type]
    assert experiment_from(ExperimentOptions(**senseless, force=True)).force  # type: ignore[arg-type]


def test_every_option_has_a_key_and_both_programs_know_it() -> None:
    own = {"file", "set", "layers", *LAYER_OPTIONS}
    assert {*ExperimentOptions.__struct_fields__} - own <= {*OPTION_KEYS}
    shared = {name.replace("-", "_") for name in EXPERIMENT_OPTIONS}
    assert shared <= {*ExperimentOptions.__struct_fields__}
    raw = Experiment.quick("spirals", [4], optimizer="sgd").to_raw()
    assert all(value_at(raw, key) is not None for key in OPTION_KEYS.values())
