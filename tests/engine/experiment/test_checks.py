"""Checks: each problem has a reason and a fix that removes it; forceable problems can be forced."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ExperimentError, Problem
from engine.experiment.experiment import Experiment, problems
from engine.experiment.overrides import apply_changes
from engine.nn.activations import ACTIVATIONS
from engine.nn.losses import LOSSES
from engine.nn.network import Network
from engine.optim.optimizers import OPTIMIZERS

INPUTS = {"mnist": (1, 28, 28), "xor": (2,), "spirals": (2,), "sine": (1,)}
OUTPUTS = {"mnist": 10, "xor": 1, "spirals": 3, "sine": 1}


def tables(
    dataset: str,
    activation: str | None = None,
    loss: str | None = None,
    units: int = 0,
    training: dict[str, Any] | None = None,
    hidden: tuple[dict[str, Any], ...] = (),
) -> dict[str, Any]:
    last: dict[str, Any] = {"units": units, "activation": activation or "auto"}
    return {
        "data": {"dataset": dataset},
        "network": {"loss": loss or "auto", "layers": [*hidden, last]},
        "training": training or {},
    }


def only_problem(raw: dict[str, Any]) -> Problem:
    found = problems(raw)
    assert len(found) == 1, found
    return found[0]


def learns(experiment: Experiment) -> bool:
    """Return whether the network can be built and has a finite loss and gradient."""
    shape = INPUTS[experiment.data.dataset]
    network = Network(experiment.network, shape)
    x = np.random.default_rng(0).normal(size=(4, *shape))
    y = x.reshape(4, -1)[:, :1] if experiment.data.task == "regression" else np.array([0, 1, 1, 0])
    if experiment.data.task == "regression":
        y = np.repeat(y, network.n_outputs, axis=1)
    return bool(np.isfinite(network.loss_and_gradient(x, y)) and np.isfinite(network.grad).all())


# The documented problems


@pytest.mark.parametrize(
    ("raw", "key", "reason", "remedy"),
    [
        (
            tables("spirals", "softmax", "binary_cross_entropy"),
            "network.layers[0].activation",
            "treats each output as an independent probability, but softmax outputs sum to 1",
            {"network.loss": "cross_entropy"},
        ),
        (
            tables("spirals", "relu", "cross_entropy"),
            "network.layers[0].activation",
            "needs probabilities of the classes that sum to 1",
            {"network.layers[0].activation": "softmax"},
        ),
        (
            tables("xor", "relu", "cross_entropy", units=1),
            "network.layers[0].activation",
            "needs probabilities",
            {"network.layers[0].activation": "sigmoid", "network.loss": "binary_cross_entropy"},
        ),
        (
            tables("xor", "relu", "binary_cross_entropy"),
            "network.layers[0].activation",
            "needs an independent probability per output",
            {"network.layers[0].activation": "sigmoid"},
        ),
        (
            tables("xor", "sigmoid", "cross_entropy", units=1),
            "network.layers[0].activation",
            "needs probabilities",
            {"network.layers[0].activation": "sigmoid", "network.loss": "binary_cross_entropy"},
        ),
        (
            tables("xor", "softmax"),
            "network.layers[0].activation",
            "over a single output is always 1",
            {"network.layers[0].activation": "sigmoid", "network.loss": "binary_cross_entropy"},
        ),
        (
            tables("xor", "linear", "cross_entropy", units=1),
            "network.loss",
            "over a single output is always 0",
            {"network.layers[0].activation": "sigmoid", "network.loss": "binary_cross_entropy"},
        ),
        (
            tables("xor", "step", "mse"),
            "network.layers[0].activation",
            "the derivative of step is 0",
            {"network.loss": "perceptron", "training.optimizer.name": "perceptron"},
        ),
        (
            tables("sine", "step", "mse"),
            "network.layers[0].activation",
            "the derivative of step is 0",
            {"network.layers[0].activation": "linear"},
        ),
        (
            tables("sine", "sigmoid", "perceptron"),
            "network.loss",
            "compares classes, but sine is a regression",
            {"network.loss": "mse", "network.layers[0].activation": "linear"},
        ),
        (
            tables("spirals", hidden=({"units": 4, "activation": "step"},)),
            "network.layers[0].activation",
            "no gradient reaches the previous layers",
            {"network.layers[0].activation": "tanh"},
        ),
        (
            tables("xor", training={"optimizer": "perceptron"}),
            "training.optimizer.name",
            'but network.loss = "binary_cross_entropy"',
            {"training.optimizer.name": "sgd"},
        ),
        (
            tables("spirals", units=5),
            "network.layers[0].units",
            "= 5, but spirals has 3 classes",
            {"network.layers[0].units": 3},
        ),
    ],
)
def test_forceable_problems_have_a_reason_and_a_fix(
    raw: dict[str, Any], key: str, reason: str, remedy: dict[str, Any]
) -> None:
    problem = only_problem(raw)
    assert problem.key == key
    assert problem.message.startswith(key)
    assert reason in problem.message
    assert problem.remedy == remedy
    assert "force = true" in problem.hint
    with pytest.raises(ExperimentError):
        Experiment.from_raw(raw)
    assert problems(apply_changes(raw, problem.remedy)) == []
    assert learns(Experiment.from_raw({**raw, "force": True}))


@pytest.mark.parametrize(
    ("raw", "key", "reason", "remedy"),
    [
        (
            tables("spirals", units=2),
            "network.layers[0].units",
            "spirals has 3 classes",
            {"network.layers[0].units": 3},
        ),
        (
            tables("sine", units=2),
            "network.layers[0].units",
            "has 1 target value",
            {"network.layers[0].units": 1},
        ),
        (
            tables("spirals", hidden=({"units": 0},)),
            "network.layers[0].units",
            "at least 1 unit",
            {"network.layers[0].units": 16},
        ),
        (
            tables("sine", loss="cross_entropy"),
            "network.loss",
            "compares classes",
            {"network.loss": "mse", "network.layers[0].activation": "linear"},
        ),
        (
            tables("spirals", training={"optimizer": {"name": "sgd", "nesterov": True}}),
            "training.optimizer.nesterov",
            "momentum, which is 0",
            {"training.optimizer.momentum": 0.9},
        ),
        (
            tables("spirals", training={"device": "cuda"}),
            "training.device",
            'training.device = "cuda" requires PyTorch: NumPy runs on the CPU only',
            {"training.backend": "torch"},
        ),
        (
            tables("spirals", training={"compile": True}),
            "training.compile",
            "NumPy has nothing to compile",
            {"training.backend": "torch"},
        ),
        (
            tables("spirals", training={"processes": 2}),
            "training.processes",
            "NumPy trains in a single process",
            {"training.backend": "torch"},
        ),
        (
            tables("spirals", training={"backend": "torch", "device": "gpu"}),
            "training.device",
            'training.device = "gpu" is not a device',
            {"training.device": "auto"},
        ),
        (
            tables("spirals", training={"backend": "torch", "device": "cuda:1", "processes": 2}),
            "training.processes",
            'each needs its own device, but training.device = "cuda:1"',
            {"training.device": "cuda"},
        ),
        (
            tables("spirals", training={"backend": "torch", "device": "mps", "processes": 2}),
            "training.processes",
            'each needs its own device, but training.device = "mps"',
            {"training.processes": 1},
        ),
        (
            tables("spirals", training={"backend": "torch", "processes": 65}),
            "training.processes",
            "some would get no samples",
            {"training.processes": 64},
        ),
        (
            {"data": {"dataset": "spirals", "validation": 0.0}, "training": {"patience": 3}},
            "training.patience",
            "holds out no samples",
            {"data.validation": 0.1},
        ),
        (
            tables("spirals", hidden=({"units": 4, "init": {"name": "uniform", "low": 1.0, "high": -1.0}},)),
            "network.layers[0].init",
            "low = 1.0 is above high = -1.0",
            {"network.layers[0].init.low": -1.0, "network.layers[0].init.high": 1.0},
        ),
    ],
)
def test_other_problems_cannot_be_forced(
    raw: dict[str, Any], key: str, reason: str, remedy: dict[str, Any]
) -> None:
    problem = only_problem(raw)
    assert problem.key == key
    assert reason in problem.message
    assert problem.remedy == remedy
    assert problem.hint
    assert "force" not in problem.hint
    assert problems(apply_changes(raw, problem.remedy)) == []
    with pytest.raises(ExperimentError):
        Experiment.from_raw({**raw, "force": True})


def test_more_weights_than_the_machine_has_memory_for() -> None:
    raw = tables("mnist", hidden=({"units": 10**9}, {"units": 10**9}))
    problem = only_problem(raw)
    assert problem.key == "network.layers"
    assert "GiB" in problem.message
    assert not problem.forceable
    assert problems(tables("mnist", hidden=({"units": 2**62}, {"units": 2**62})))


def test_several_problems_show_the_most_fundamental_first() -> None:
    raw = tables("spirals", "relu", "cross_entropy", units=7, training={"optimizer": "perceptron"})
    keys = [problem.key for problem in problems(raw)]
    assert keys == ["network.layers[0].units", "network.layers[0].activation", "training.optimizer.name"]


@pytest.mark.parametrize(
    "raw",
    [
        tables("spirals", "sigmoid", "mse"),
        tables("spirals", "linear", "mse"),
        tables("spirals", "linear", "cross_entropy"),
        tables("spirals", "sigmoid", "binary_cross_entropy"),
        tables("xor", "softmax", "cross_entropy", units=2),
        tables("xor", "tanh", "mse"),
        tables("sine", "relu", "mse"),
        tables("and", "step", "perceptron", training={"optimizer": "perceptron"}),
        tables("and", training={"patience": 5}),  # a gate's training loss is monitored
    ],
)
def test_valid_experiments_have_no_problems(raw: dict[str, Any]) -> None:
    assert problems(raw) == []


# All combinations


ALL = [
    tables(dataset, activation, loss, units, {"optimizer": optimizer}, ({"units": 4, "activation": "tanh"},))
    for dataset, activation, loss, units, optimizer in itertools.product(
        INPUTS, [None, *ACTIVATIONS], [None, *LOSSES], [0, 2, 10], ["sgd", "perceptron"]
    )
]


def test_every_fix_removes_its_problem_and_repeated_fixes_give_a_network_that_learns() -> None:
    valid, fixed = 0, 0
    for raw in ALL:
        found = problems(raw)
        for problem in found:
            assert problem.remedy, problem
            assert problem.hint, problem
            after = problems(apply_changes(raw, problem.remedy))
            assert problem.message not in [other.message for other in after], problem
        current = raw
        for _ in range(3):
            current = apply_changes(current, found[0].remedy) if found else current
            found = problems(current)
        assert found == [], raw
        fixed += current is not raw
        valid += current is raw
    assert valid > 100
    assert fixed > 500
    assert all(learns(Experiment.from_raw(raw)) for raw in ALL[::7] if not problems(raw))


def test_everything_forceable_can_be_built_and_gives_a_finite_loss() -> None:
    forced = [raw for raw in ALL if (found := problems(raw)) and all(problem.forceable for problem in found)]
    assert len(forced) > 300
    for raw in forced[::5]:
        assert learns(Experiment.from_raw({**raw, "force": True})), raw


options = st.sampled_from(["adam", "perceptron", {"name": "sgd", "nesterov": True}, {"lr": 0.5}])
layers = st.fixed_dictionaries(
    {},
    optional={
        "units": st.integers(0, 12),
        "activation": st.sampled_from(sorted(ACTIVATIONS)),
        "init": st.builds(
            lambda a, b: {"name": "uniform", "low": a, "high": b}, st.floats(-1, 1), st.floats(-1, 1)
        ),
    },
)


@given(
    dataset=st.sampled_from(sorted(INPUTS)),
    network=st.fixed_dictionaries(
        {},
        optional={
            "loss": st.sampled_from(["auto", *LOSSES]),
            "layers": st.lists(layers, min_size=1, max_size=3),
        },
    ),
    training=st.fixed_dictionaries(
        {}, optional={"optimizer": options, "patience": st.integers(0, 2), "backend": st.just("torch")}
    ),
    validation=st.sampled_from([0.0, 0.2]),
)
def test_fixing_one_problem_after_another_ends(
    dataset: str, network: dict[str, Any], training: dict[str, Any], validation: float
) -> None:
    """Holds also if the file does not contain the settings that the fix changes."""
    raw = {"data": {"dataset": dataset, "validation": validation}, "network": network, "training": training}
    for _ in range(12):
        found = problems(raw)
        if not found:
            break
        raw = apply_changes(raw, found[0].remedy)
    assert problems(raw) == []
    Experiment.from_raw(raw)


def test_the_cases_cover_optimizers_and_outputs() -> None:
    assert set(OPTIMIZERS) >= {"sgd", "perceptron"}
    assert {name: Experiment.quick(name, []).network.layers[-1].units for name in INPUTS} == OUTPUTS
