"""The layer kinds in the experiment file: valid and invalid ones, sizes, defaults, and the command line."""

import shlex
from typing import Any

import pytest

from engine.errors import ExperimentError
from engine.experiment.changes import with_fix
from engine.experiment.command_line import command_line
from engine.experiment.experiment import Experiment, problems
from engine.experiment.parsing import to_plain
from engine.experiment.summary import summarise
from engine.nn.layers import LAYERS, layer_specs
from engine.nn.network import Network
from engine.nn.specs import NetworkSpec

Layers = list[dict[str, Any]]
DENSE: dict[str, Any] = {"type": "dense", "units": 8}
LAST: dict[str, Any] = {"type": "dense"}
NORM: dict[str, Any] = {"type": "batchnorm", "activation": "relu"}
DROP: dict[str, Any] = {"type": "dropout", "rate": 0.2}


def tables(layers: Layers, **training: Any) -> dict[str, Any]:
    return {"data": {"dataset": "spirals"}, "network": {"layers": layers}, "training": training}


def experiment_of(layers: Layers, **training: Any) -> Experiment:
    return Experiment.from_raw(tables(layers, **training))


def test_every_type_has_a_layer() -> None:
    assert layer_specs() == {kind: layer.spec_type for kind, layer in LAYERS.items()}


@pytest.mark.parametrize("first", [DENSE, NORM, DROP])
def test_any_kind_may_come_first(first: dict[str, Any]) -> None:
    experiment = experiment_of([first, NORM, DROP, LAST])
    network = Network(experiment.network, (2,))
    assert network.n_outputs == 3
    assert Experiment.from_toml(experiment.to_toml()) == experiment


def test_defaults_are_torchs() -> None:
    _, norm, drop, _ = experiment_of([DENSE, {"type": "batchnorm"}, {"type": "dropout"}, LAST]).network.layers
    assert to_plain(norm) == {"type": "batchnorm", "activation": "linear", "momentum": 0.1, "eps": 1e-5}
    assert to_plain(drop) == {"type": "dropout", "rate": 0.5}


def test_a_dense_layer_leaves_the_activation_to_the_norm_that_has_one() -> None:
    layers = experiment_of([DENSE, NORM, DENSE, {"type": "batchnorm"}, DENSE, DROP, LAST]).network.layers
    chosen = [to_plain(layer).get("activation") for layer in layers]
    assert chosen == ["linear", "relu", "relu", "linear", "relu", None, "softmax"]


INVALID: dict[str, tuple[Layers, str, str, str]] = {
    "dropout last": (
        [DENSE, DROP],
        "network.layers[1].type",
        "the last layer must be dense",
        "add an output layer",
    ),
    "norm last": (
        [DENSE, NORM],
        "network.layers[1].type",
        "the other samples of the batch",
        "add an output layer",
    ),
    "no dense layer": ([DROP], "network.layers[0].type", "the last layer must be dense", "units = 3"),
    "after the output": (
        [DENSE, {"type": "dense", "units": 3}, DROP],
        "network.layers[2].type",
        "the last layer must be dense",
        "move it before the output layer",
    ),
    "rate 1": (
        [{"type": "dropout", "rate": 1.0}, LAST],
        "network.layers[0].rate",
        "below 1",
        "drops half",
    ),
    "rate below 0": ([{"type": "dropout", "rate": -0.1}, LAST], "network.layers[0].rate", "at least 0", ""),
    "momentum 0": (
        [{"type": "batchnorm", "momentum": 0}, LAST],
        "network.layers[0].momentum",
        "above 0 and at most 1",
        "",
    ),
    "a type misspelt": (
        [{"type": "dropot"}, LAST],
        "network.layers[0].type",
        "not a layer type",
        '"dropout"',
    ),
    "a key misspelt": (
        [{"type": "dropout", "rat": 0.1}, LAST],
        "network.layers[0].rat",
        "not a known key",
        'did you mean "rate"?',
    ),
    "a key of another type": (
        [{"type": "batchnorm", "rate": 0.1}, LAST],
        "network.layers[0].rate",
        "not a known key",
        "dropout layers take it; batchnorm layers take: activation, eps, momentum",
    ),
    "a step in the middle": (
        [{"type": "batchnorm", "activation": "step"}, LAST],
        "network.layers[0].activation",
        "has derivative 0",
        "tanh",
    ),
}


@pytest.mark.parametrize("case", INVALID)
def test_an_invalid_network_is_reported_with_a_fix(case: str) -> None:
    layers, key, reason, hint = INVALID[case]
    (problem,) = problems(tables(layers))
    assert problem.key == key
    assert reason in problem.message
    assert hint in problem.hint
    if problem.remedy:
        fixed, changes = with_fix(tables(layers), problem.remedy)
        assert changes
        assert problems(fixed) == []


def test_a_norm_needs_more_than_one_sample_per_step() -> None:
    raw = tables([DENSE, NORM, LAST], batch_size=1)
    (problem,) = problems(raw)
    assert problem.key == "training.batch_size"
    assert "a single sample has no variance" in problem.message
    assert problem.forceable
    assert problems(with_fix(raw, problem.remedy)[0]) == []
    assert problems(tables([DENSE, DROP, LAST], batch_size=1)) == []


def test_a_custom_network_must_end_dense() -> None:
    spec = NetworkSpec(layers=(layer_specs()["dense"](units=3), layer_specs()["dropout"]()))
    with pytest.raises(ExperimentError, match="the last layer must be dense"):
        Network(spec, (4,))


def test_the_summary_counts_what_the_network_has() -> None:
    experiment = experiment_of([DROP, DENSE, NORM, LAST])
    summary = summarise(experiment)
    network = Network(experiment.network, (2,))
    assert summary.parameters == network.n_parameters == 24 + 16 + 27
    assert [layer.parameters for layer in summary.layers] == [layer.n_parameters for layer in network.layers]
    assert [layer.kind for layer in summary.layers] == ["dropout", "dense", "batchnorm", "dense"]
    assert [(layer.n_in, layer.n_out) for layer in summary.layers] == [(2, 2), (2, 8), (8, 8), (8, 3)]
    assert [layer.activation for layer in summary.layers] == ["", "linear", "relu", "softmax"]
    plain = summarise(experiment_of([DENSE, LAST]))
    assert summary.forward_flops == plain.forward_flops + 2 + 8 * 8


@pytest.mark.parametrize(
    "layers",
    [
        [DENSE, NORM, LAST],
        [DROP, LAST],
        [{**DENSE, "init": {"name": "normal", "std": 0.3}}, DROP, NORM, DENSE, LAST],
    ],
)
def test_the_command_line_trains_the_same(layers: Layers) -> None:
    from tui.cli.options import ExperimentOptions, experiment_from

    experiment = experiment_of(layers, epochs=3)
    words = shlex.split(command_line(experiment))
    assert "--layers" not in words  # which cannot express other kinds
    given: dict[str, Any] = {"set": []}
    for name, value in zip(words[2::2], words[3::2], strict=True):
        key = name.removeprefix("--").replace("-", "_")
        if key == "set":
            given["set"].append(value)
        else:
            given[key] = _read(value)
    assert experiment_from(ExperimentOptions(**given)) == experiment


def _read(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
