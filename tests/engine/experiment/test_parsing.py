"""Conversion of plain tables to sections: a mistake is reported with key, value, valid values and the closest one."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.spec import DataSpec
from engine.errors import Problem
from engine.experiment.parsing import LARGEST_INTEGER, build_section, show, to_plain
from engine.experiment.specs import TrainingSpec
from engine.named import Section
from engine.nn.activations import ACTIVATIONS, Gelu, LeakyRelu
from engine.nn.initializers import INITIALIZERS, Normal, Zeros
from engine.nn.losses import LOSSES, Mse
from engine.nn.specs import DenseSpec, NetworkSpec
from engine.optim.optimizers import OPTIMIZERS, Adam, Sgd
from engine.optim.schedules import SCHEDULES, ConstantSchedule, Cosine


def read(kind: type[Section], raw: object, key: str = "training") -> tuple[Section | None, list[Problem]]:
    problems: list[Problem] = []
    return build_section(kind, raw, key, problems), problems


def only_problem(kind: type[Section], raw: object, key: str = "training") -> Problem:
    section, problems = read(kind, raw, key)
    assert section is None
    assert len(problems) == 1, problems
    return problems[0]


# Valid tables


def test_an_empty_table_gives_the_defaults() -> None:
    assert read(TrainingSpec, {}) == (TrainingSpec(), [])
    assert read(DataSpec, {}) == (DataSpec(), [])
    assert read(NetworkSpec, {}) == (NetworkSpec(), [])


def test_members_are_given_by_name_or_as_tables() -> None:
    raw = {"optimizer": "adam", "schedule": {"name": "cosine", "final": 0.1, "warmup": 5}}
    section, problems = read(TrainingSpec, raw)
    assert problems == []
    assert section == TrainingSpec(optimizer=Adam(), schedule=Cosine(final=0.1, warmup=5))


def test_options_without_a_name_are_those_of_the_default() -> None:
    section, _ = read(TrainingSpec, {"optimizer": {"lr": 0.5}, "schedule": {"warmup": 9}})
    assert section == TrainingSpec(optimizer=Sgd(lr=0.5), schedule=ConstantSchedule(warmup=9))


def test_layers_are_read_in_order_and_auto_is_none() -> None:
    layers = [
        {"type": "dense", "units": 3, "activation": {"name": "leaky_relu", "slope": 0.2}, "init": "auto"},
        {"units": 2, "activation": "gelu", "init": {"name": "normal", "std": 1}, "bias": "zeros"},
        {},
    ]
    section, problems = read(NetworkSpec, {"loss": "auto", "layers": layers}, "network")
    assert problems == []
    assert section == NetworkSpec(
        loss=None,
        layers=(
            DenseSpec(units=3, activation=LeakyRelu(slope=0.2)),
            DenseSpec(units=2, activation=Gelu(), init=Normal(std=1.0), bias=Zeros()),
            DenseSpec(),
        ),
    )


def test_whole_numbers_are_numbers() -> None:
    section, _ = read(TrainingSpec, {"clip_norm": 1, "optimizer": {"name": "sgd", "lr": 1}})
    assert section == TrainingSpec(clip_norm=1.0, optimizer=Sgd(lr=1.0))


@pytest.mark.parametrize("family", [ACTIVATIONS, LOSSES, INITIALIZERS, OPTIMIZERS, SCHEDULES])
def test_every_member_survives_conversion_to_plain_tables(family: dict[str, Any]) -> None:
    place = {
        id(ACTIVATIONS): lambda plain: (NetworkSpec, {"layers": [{"activation": plain}]}),
        id(INITIALIZERS): lambda plain: (NetworkSpec, {"layers": [{"init": plain}]}),
        id(LOSSES): lambda plain: (NetworkSpec, {"loss": plain}),
        id(OPTIMIZERS): lambda plain: (TrainingSpec, {"optimizer": plain}),
        id(SCHEDULES): lambda plain: (TrainingSpec, {"schedule": plain}),
    }[id(family)]
    for member in family.values():
        plain = to_plain(member())
        section, problems = read(*place(plain))
        assert problems == []
        assert section == read(*place(member.label()))[0]
        assert read(type(section), to_plain(section)) == (section, [])


# One mistake


@pytest.mark.parametrize(
    ("raw", "message", "hint"),
    [
        ({"epoch": 3}, "training.epoch is not a known key", 'did you mean "epochs"?'),
        ({"epochs": 0}, "training.epochs = 0 must be a whole number, at least 1", ""),
        ({"epochs": 2.5}, "training.epochs = 2.5 must be a whole number, at least 1", ""),
        (
            {"epochs": 2.0},
            "training.epochs = 2.0 must be a whole number, at least 1",
            "without a decimal point: 2",
        ),
        ({"epochs": "10"}, 'training.epochs = "10" must be a whole number', "without quotes: 10"),
        ({"epochs": "ten"}, 'training.epochs = "ten" must be a whole number', ""),
        ({"epochs": True}, "training.epochs = true must be a whole number", ""),
        ({"epochs": math.inf}, "training.epochs = inf must be a whole number", ""),
        ({"epochs": 10**400}, "training.epochs = 1e400 is too large a number", ""),
        ({"epochs": 10**5000}, "training.epochs = 1e5000 is too large a number", ""),
        ({"epochs": [1]}, "training.epochs = [1] must be a whole number", ""),
        ({"epochs": {"a": 1}}, "training.epochs = { a = 1 } must be a whole number", ""),
        ({"batch_size": -1}, "training.batch_size = -1 must be a whole number, at least 0", ""),
        ({"clip_norm": -0.5}, "training.clip_norm = -0.5 must be a number, at least 0", ""),
        ({"clip_norm": math.nan}, "training.clip_norm = nan must be a finite number, at least 0", ""),
        ({"clip_norm": False}, "training.clip_norm = false must be a number", ""),
        ({"dtype": "float16"}, 'training.dtype = "float16" is not allowed', "known: float32, float64"),
        ({"dtype": 32}, "training.dtype = 32 is not allowed", "known: float32, float64"),
        ({"backend": "nunpy"}, 'training.backend = "nunpy" is not allowed', 'did you mean "numpy"?'),
        ({"device": 0}, "training.device = 0 must be a text in quotes", 'in quotes: "0"'),
        ({"optimizer": "adamm"}, 'training.optimizer = "adamm" is not an optimizer', 'did you mean "adam"?'),
        ({"optimizer": {"name": "sdg"}}, 'training.optimizer = "sdg" is not an optimizer', '"sgd"'),
        ({"optimizer": 3}, "training.optimizer = 3 is not an optimizer", "write its name"),
        ({"optimizer": {"name": 3}}, "training.optimizer = { name = 3 } is not an optimizer", "name"),
        ({"optimizer": {"name": "sgd", "lr": 0}}, "training.optimizer.lr = 0 must be a number, above 0", ""),
        ({"optimizer": {"name": "sgd", "lr": -1.0}}, "training.optimizer.lr = -1.0 must be a number", ""),
        ({"optimizer": {"name": "sgd", "lr": math.nan}}, "training.optimizer.lr = nan must be a finite", ""),
        ({"optimizer": {"lr": "0.1"}}, 'training.optimizer.lr = "0.1" must be a number', "quotes: 0.1"),
        ({"optimizer": {"lr": True}}, "training.optimizer.lr = true must be a number", ""),
        ({"optimizer": {"momentum": 1}}, "training.optimizer.momentum = 1 must be", ""),
        ({"optimizer": {"nesterov": "yes"}}, 'training.optimizer.nesterov = "yes" must be true or false', ""),
        ({"optimizer": {"nesterov": "True"}}, "must be true or false", "without quotes: true"),
        ({"optimizer": {"beta1": 0.9}}, "training.optimizer.beta1: sgd has no such option", "known: lr"),
        ({"schedule": {"name": "step", "gama": 1}}, "training.schedule.gama: step has no", '"gamma"'),
        ({"schedule": {"name": "one_cycle", "rise": 1.5}}, "above 0 and below 1", ""),
    ],
)
def test_a_mistake_in_training(raw: object, message: str, hint: str) -> None:
    problem = only_problem(TrainingSpec, raw)
    assert message in problem.message
    assert hint in problem.hint
    assert problem.key in problem.message or problem.message.startswith(problem.key)


@pytest.mark.parametrize(
    ("raw", "key", "message", "hint"),
    [
        ({"layers": []}, "network.layers", "at least one layer", "[{ type"),
        ({"layers": "dense"}, "network.layers", "must be a list", "[{ type"),
        ({"layers": {"units": 3}}, "network.layers", "must be a list", "[{ type"),
        ({"layers": [{}, 5]}, "network.layers[1]", "= 5 must be a table", "{ type"),
        ({"layers": [{"type": "dens"}]}, "network.layers[0].type", '= "dens" is not a layer type', '"dense"'),
        ({"layers": [{"type": 3}]}, "network.layers[0].type", "= 3 is not a layer type", "dense"),
        ({"layers": [{"units": -1}]}, "network.layers[0].units", "= -1 must be a whole number", ""),
        ({"layers": [{"units": "12"}]}, "network.layers[0].units", '= "12" must be', "quotes: 12"),
        ({"layers": [{"unit": 1}]}, "network.layers[0].unit", "is not a known key", '"units"'),
        ({"layers": [{"activation": "rleu"}]}, "network.layers[0].activation", '= "rleu" is not', '"relu"'),
        ({"layers": [{"activation": 1}]}, "network.layers[0].activation", "= 1 is not an activation", "name"),
        (
            {"layers": [{"activation": {"name": "relu", "slope": 1}}]},
            "network.layers[0].activation.slope",
            "relu has no such option",
            "relu has no options",
        ),
        (
            {"layers": [{}, {"activation": {"name": "elu", "alpha": 0}}]},
            "network.layers[1].activation.alpha",
            "= 0 must be a number, above 0",
            "",
        ),
        ({"layers": [{"init": "he"}]}, "network.layers[0].init", '= "he" is not an initialiser', "he_normal"),
        ({"layers": [{"bias": "zero"}]}, "network.layers[0].bias", '= "zero" is not', '"zeros"'),
        ({"loss": "mes"}, "network.loss", '= "mes" is not a loss', 'did you mean "mse"?'),
        ({"loss": 0.5}, "network.loss", "= 0.5 is not a loss", "name"),
        ({"lr": 0.5}, "network.lr", "is not a known key", "known: layers, loss"),
        ({"units": 5}, "network.units", "is not a known key", "did you mean layers[0].units?"),
    ],
)
def test_a_mistake_in_the_network(raw: object, key: str, message: str, hint: str) -> None:
    problem = only_problem(NetworkSpec, raw, "network")
    assert problem.key == key
    assert problem.message.startswith(key)
    assert message in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"dataset": 5}, "data.dataset = 5 must be a text in quotes"),
        ({"validation": 1}, "data.validation = 1 must be a number, at least 0 and below 1"),
        ({"validation": -0.1}, "data.validation = -0.1 must be a number, at least 0 and below 1"),
        ({"limit": -5}, "data.limit = -5 must be a whole number, at least 0"),
        ({"noise": -1.0}, "data.noise = -1.0 must be a number, at least 0"),
        ({"noise": "some"}, 'data.noise = "some" must be a number, at least 0'),
        ({"task": "classify"}, 'data.task = "classify" is not allowed'),
        ({"scale": True}, "data.scale = true is not allowed"),
        ({"samples": 1.5}, "data.samples = 1.5 must be a whole number"),
    ],
)
def test_a_mistake_in_data(raw: object, message: str) -> None:
    assert only_problem(DataSpec, raw, "data").message.startswith(message)


@pytest.mark.parametrize("raw", [3, "x", [1], True])
def test_a_section_that_is_not_a_table(raw: object) -> None:
    problem = only_problem(TrainingSpec, raw)
    assert problem.message == f"training = {show(raw)} must be a table"
    assert "[training]" in problem.hint


# Several mistakes, and arbitrary values


def test_all_mistakes_are_reported_at_once_in_the_files_order() -> None:
    raw = {
        "epochs": 0,
        "batch": 5,
        "optimizer": {"name": "adam", "lr": "x", "beta3": 1},
        "schedule": "cosin",
        "dtype": "f4",
    }
    keys = [problem.key for problem in read(TrainingSpec, raw)[1]]
    assert keys == [
        "training.epochs",
        "training.batch",
        "training.optimizer.lr",
        "training.optimizer.beta3",
        "training.schedule",
        "training.dtype",
    ]


def test_all_mistakes_of_all_layers_are_reported_at_once() -> None:
    layers = [{"units": 0.5}, {"activation": "x", "init": "y"}, 7, {"type": "z"}]
    keys = [
        problem.key.removeprefix("network.layers")
        for problem in read(NetworkSpec, {"layers": layers}, "network")[1]
    ]
    assert keys == ["[0].units", "[1].activation", "[1].init", "[2]", "[3].type"]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
plain = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.just("name"), inner, max_size=3)
    ),
    max_leaves=5,
)
keys_of_training = st.sampled_from([*TrainingSpec.__struct_fields__, "nonsense"])


@given(raw=st.dictionaries(keys_of_training, plain, max_size=4))
def test_any_value_gives_a_section_or_problems(raw: dict[str, Any]) -> None:
    section, problems = read(TrainingSpec, raw)
    assert (section is None) == bool(problems)
    for problem in problems:
        assert problem.key.startswith("training")
        assert problem.message.startswith(problem.key)
        assert len(problem.message) < 300


@given(
    layers=st.lists(
        plain | st.dictionaries(st.sampled_from(["units", "activation", "init", "type"]), plain), max_size=3
    )
)
def test_any_layers_give_a_section_or_problems(layers: list[Any]) -> None:
    section, problems = read(NetworkSpec, {"layers": layers}, "network")
    assert (section is None) == bool(problems)


# Display and plain tables


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        ("a", '"a"'),
        (0.1, "0.1"),
        ({"name": "sgd", "lr": 1}, '{ name = "sgd", lr = 1 }'),
        ([1, "b"], '[1, "b"]'),
        (-(10**30), "-1e30"),
        (LARGEST_INTEGER, str(LARGEST_INTEGER)),
    ],
)
def test_values_are_shown_as_in_the_file(value: object, text: str) -> None:
    assert show(value) == text


def test_long_values_are_shortened() -> None:
    assert len(show("x" * 1000)) == 60


def test_plain_tables_include_all_defaults() -> None:
    assert to_plain(Mse()) == "mse"
    assert to_plain(Sgd()) == {
        "name": "sgd",
        "lr": 0.1,
        "weight_decay": 0.0,
        "momentum": 0.0,
        "nesterov": False,
    }
    assert to_plain(DenseSpec(units=3)) == {
        "type": "dense",
        "units": 3,
        "activation": "auto",
        "init": "auto",
        "bias": "zeros",
    }
