"""`--set KEY=VALUE`: all kinds of keys, the types of values, and keys that do not exist."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ExperimentError
from engine.experiment.experiment import Experiment
from engine.experiment.overrides import apply_changes, parse_assignment, parse_value


def raw() -> dict[str, Any]:
    return {
        "name": "adam",  # also the name of an optimizer
        "data": {"dataset": "spirals"},
        "network": {"layers": [{"units": 5, "activation": "relu"}, {"units": 3}]},
        "training": {"epochs": 3, "optimizer": {"name": "sgd", "lr": 0.5, "momentum": 0.9}},
    }


def after(key: str, value: Any) -> dict[str, Any]:
    before = raw()
    changed = apply_changes(before, {key: value})
    assert before == raw()  # a copy is changed
    return changed


def refusal(key: str, value: Any = 1) -> tuple[str, str]:
    with pytest.raises(ExperimentError) as caught:
        apply_changes(raw(), {key: value})
    (problem,) = caught.value.problems
    assert key in problem.message
    return problem.message, problem.hint


# KEY=VALUE


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("training.epochs=20", "training.epochs", 20),
        (" training.epochs = 20 ", "training.epochs", 20),
        ("training.optimizer.lr=1e-3", "training.optimizer.lr", 0.001),
        ("force=true", "force", True),
        ("name=run-1", "name", "run-1"),
        ('name="20"', "name", "20"),
        ("name=a=b", "name", "a=b"),
        ("data.target=", "data.target", ""),
        ("data.dataset=/tmp/x y.npz", "data.dataset", "/tmp/x y.npz"),
        (
            "training.optimizer={ name = 'adam', lr = 0.1 }",
            "training.optimizer",
            {"name": "adam", "lr": 0.1},
        ),
        ("network.layers=[{units=3}]", "network.layers", [{"units": 3}]),
    ],
)
def test_an_assignment_is_a_key_and_a_typed_value(text: str, key: str, value: Any) -> None:
    parsed = parse_assignment(text)
    assert parsed == (key, value)
    assert type(parsed[1]) is type(value)


@pytest.mark.parametrize("text", ["training.epochs", "=3", "", " = "])
def test_no_key_or_no_value_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ExperimentError, match="expected KEY=VALUE") as caught:
        parse_assignment(text)
    assert "lr=0.01" in caught.value.hint


@pytest.mark.parametrize("text", ["adam", "True", "1\nforce = true", "9" * 5000, "[" * 3000, "#x", "'"])
def test_a_value_that_is_not_toml_is_a_string(text: str) -> None:
    assert parse_value(text) == text


@given(st.text(max_size=30))
def test_any_text_can_be_a_value(text: str) -> None:
    parse_value(text)


# All kinds of keys


def test_a_top_level_key() -> None:
    assert after("seed", 7)["seed"] == 7


def test_renaming_the_run_keeps_all_other_settings() -> None:
    assert after("name", "sgd") == {**raw(), "name": "sgd"}


def test_a_key_in_an_existing_and_in_a_missing_table() -> None:
    assert after("training.epochs", 9)["training"]["epochs"] == 9
    assert after("training.schedule.name", "cosine")["training"]["schedule"] == {"name": "cosine"}
    assert apply_changes({}, {"training.epochs": 9}) == {"training": {"epochs": 9}}


def test_a_key_of_one_layer() -> None:
    assert [layer["units"] for layer in after("network.layers[1].units", 4)["network"]["layers"]] == [5, 4]
    assert after("network.layers[0]", {"units": 1})["network"]["layers"][0] == {"units": 1}


def test_an_option_of_a_member_given_by_name() -> None:
    layers = after("network.layers[0].activation.name", "elu")["network"]["layers"]
    assert layers[0]["activation"] == {"name": "elu"}
    changed = apply_changes(raw(), {"training.optimizer": "adam"})
    assert apply_changes(changed, {"training.optimizer.beta1": 0.5})["training"]["optimizer"] == {
        "name": "adam",
        "beta1": 0.5,
    }


def test_another_optimizer_keeps_shared_options() -> None:
    assert after("training.optimizer.name", "adam")["training"]["optimizer"] == {"name": "adam", "lr": 0.5}
    assert after("training.optimizer.name", "sgd") == raw()
    assert after("training.optimizer", "adam")["training"]["optimizer"] == "adam"


def test_an_unknown_optimizer_is_refused_by_the_experiment() -> None:
    for name in ("adamm", 3, [1]):
        assert after("training.optimizer.name", name)["training"]["optimizer"]["name"] == name


def test_layers_missing_in_a_file_can_be_set() -> None:
    text = '[data]\ndataset = "spirals"'
    experiment = Experiment.from_toml(text, overrides=["network.layers[0].units=8", "activation=elu"])
    assert [layer.outline for layer in experiment.network.layers] == ["8", "64", "3"]
    assert experiment == Experiment.quick("spirals", [8, 64], activation="elu")


def test_changes_are_made_in_order() -> None:
    changes = {"training.optimizer": "adam", "training.optimizer.lr": 0.25}
    assert apply_changes(raw(), changes)["training"]["optimizer"] == {"name": "adam", "lr": 0.25}


# Keys that do not exist


@pytest.mark.parametrize(
    ("key", "message", "hint"),
    [
        ("network.layers[2].units", "there is no network.layers[2]", "2 entries, counted from 0"),
        ("network.layers[2]", "there is no network.layers[2]", "2 entries"),
        ("layers[1].units", "layers is not a list", "network.layers[0]"),
        ("network.layers.units", "network.layers is a list", "network.layers[0].units"),
        ("network.layers[0].units.x", "network.layers[0].units = 5 is not a table", ""),
        ("training.epochs.x", "training.epochs = 3 is not a table", ""),
        ("training.epochs.x.y", "3 is not a table", ""),
        ("name.x", 'name = "sgd-1" is not a table', ""),
        ("training[0]", "training is not a list", ""),
        ("network.layers[-1].units", "is not a key", "counted from 0"),
        ("network.layers[x].units", "is not a key", "network.layers[0].units"),
        ("a b", "is not a key", "training.optimizer.lr"),
        ("training..epochs", "is not a key", ""),
        (".", "is not a key", ""),
    ],
)
def test_a_key_that_does_not_exist(key: str, message: str, hint: str) -> None:
    if key == "name.x":
        with pytest.raises(ExperimentError, match="is not a table"):
            apply_changes({**raw(), "name": "sgd-1"}, {key: 1})
        return
    said, hinted = refusal(key)
    assert message in said
    assert hint in hinted


@pytest.mark.parametrize(
    ("override", "message", "hint"),
    [
        ("training.optimiser.lr=1", "training.optimiser is not a known key", '"optimizer"'),
        ("epoch=3", '"epoch" is not a known setting', "did you mean epochs"),
        ("lrr=3", '"lrr" is not a known setting', "did you mean lr?"),
        ("every=3", '"every" is the name of 2 settings', "training.schedule.every or checkpoints.every"),
        ("units=3", '"units" does not say of which layer', "network.layers[0].units"),
        ("xyzzy=3", '"xyzzy" is not a known setting', "for example lr"),
        ("layers=3", "network.layers", ""),
        ("training.optimizer.lr=fast", 'training.optimizer.lr = "fast" must be a number', ""),
        ("training.optimizer.lr=nan", "training.optimizer.lr = nan must be a finite number", ""),
        ("training.optimizer.name=adamm", 'training.optimizer = "adamm" is not an optimizer', '"adam"'),
        ("network.layers[0].units=", 'network.layers[0].units = "" must be a whole number', ""),
    ],
)
def test_a_wrong_override_is_refused_as_the_file_would_be(override: str, message: str, hint: str) -> None:
    with pytest.raises(ExperimentError) as caught:
        Experiment.quick("spirals", [4], overrides=[override])
    (problem,) = caught.value.problems
    assert problem.message.startswith(message)
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("lr", "training.optimizer.lr"),
        ("learning_rate", "training.optimizer.lr"),
        ("learning-rate", "training.optimizer.lr"),
        ("epochs", "training.epochs"),
        ("batch", "training.batch_size"),
        ("batch-size", "training.batch_size"),
        ("optimizer", "training.optimizer"),
        ("momentum", "training.optimizer.momentum"),
        ("keep", "checkpoints.keep"),
        ("warmup", "training.schedule.warmup"),
        ("activation", "network.layers[hidden].activation"),
        ("seed", "seed"),
        ("training", "training"),
        ("training.optimizer.lr", "training.optimizer.lr"),
        ("delta", "network.loss.delta"),
        ("loss.delta", "network.loss.delta"),
        ("optimizer.lr", "training.optimizer.lr"),
        ("activation.slope", "network.layers[hidden].activation.slope"),
    ],
)
def test_a_short_name_stands_for_a_dotted_key(short: str, full: str) -> None:
    assert parse_assignment(f"{short}=1") == (full, 1)


def test_every_short_name_is_a_key_of_the_experiment() -> None:
    experiment = Experiment.quick("moons", [4, 4])
    options = {"batch": 7, "momentum": 0.5, "optimizer": "rmsprop", "activation": "relu"}
    for short, value in options.items():
        overrides = [f"{short}={value}".lower()]
        assert Experiment.quick("moons", [4, 4], optimizer="sgd", overrides=overrides) != experiment


def test_a_table_comes_before_its_own_keys() -> None:
    for overrides in (["lr=0.3", "optimizer=adam"], ["optimizer=adam", "lr=0.3"]):
        optimizer = Experiment.quick("moons", [4], overrides=overrides).training.optimizer
        assert (optimizer.name, optimizer.lr) == ("adam", 0.3)


def test_a_change_of_the_hidden_layers_leaves_the_output_and_layers_without_such_a_value() -> None:
    dense, norm, drop = {"type": "dense", "units": 4}, {"type": "batchnorm"}, {"type": "dropout"}
    active = {"type": "batchnorm", "activation": "relu"}
    tables = {"network": {"layers": [dense, drop, dense, norm, dense, active, dense]}}
    changed = apply_changes(tables, {"network.layers[hidden].activation": "tanh"})["network"]["layers"]
    assert [layer.get("activation") for layer in changed] == ["tanh", None, "tanh", None, None, "tanh", None]
    with pytest.raises(ExperimentError, match="no hidden layer has activation"):
        apply_changes({"network": {"layers": [dense]}}, {"network.layers[hidden].activation": "tanh"})


any_value = st.none() | st.integers() | st.text(max_size=3)
steps = st.sampled_from(
    ["training", "network", "layers", "layers[0]", "layers[1]", "optimizer", "name", "x", "units"]
)


@given(keys=st.lists(steps, min_size=1, max_size=4), value=any_value)
def test_any_key_is_set_or_refused(keys: list[str], value: Any) -> None:
    with contextlib.suppress(ExperimentError):
        assert apply_changes(raw(), {".".join(keys): value})
