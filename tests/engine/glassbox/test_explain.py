"""The stream of a walk: its start, the steps, the verdict."""

import json

import msgspec
import numpy as np
import pytest

from engine.data import Data, load_data
from engine.errors import DataError
from engine.experiment.experiment import Experiment
from engine.glassbox import ExplainFinished, ExplainOptions, ExplainStarted, WalkStep, explain
from engine.glassbox.steps import WalkFlow
from engine.nn.layers import Dense
from engine.nn.network import Network

Subject = tuple[Experiment, Data]


@pytest.fixture(scope="module")
def spirals() -> Subject:
    experiment = Experiment.quick("spirals", layers=[3])
    return experiment, load_data(experiment.data)


def test_the_stream_in_order(spirals: Subject) -> None:
    first, flow, *steps, last = explain(*spirals, ExplainOptions(sample=4))
    assert isinstance(first, ExplainStarted)
    assert (first.architecture, first.samples, first.of_samples) == ("2-3-3", (4,), 900)
    assert first.targets == ("class 2 (arm 3)",)
    assert first.steps == len(steps)
    assert isinstance(flow, WalkFlow)
    assert (len(flow.input), flow.input_shape, len(flow.points)) == (2, (2,), 300)
    assert [(len(layer.outputs), len(layer.weights)) for layer in flow.layers] == [(3, 3), (3, 3)]
    assert all(isinstance(step, WalkStep) for step in steps)
    assert isinstance(last, ExplainFinished)
    assert last.passed
    assert "all 4 parameter tensors" in last.message


def test_every_event_is_a_json_object_with_its_type(spirals: Subject) -> None:
    types = [json.loads(msgspec.json.encode(event))["type"] for event in explain(*spirals)]
    assert types[:2] + types[-1:] == ["explain_started", "walk_flow", "explain_finished"]
    assert set(types[2:-1]) == {"step"}


def test_a_small_batch_is_taken_in_order(spirals: Subject) -> None:
    first = next(iter(explain(*spirals, ExplainOptions(sample=897, samples=3))))
    assert isinstance(first, ExplainStarted)
    assert first.samples == (897, 898, 899)


@pytest.mark.parametrize(
    ("sample", "samples", "words"),
    [
        (900, 1, "there is no sample 900: the training split has 900 samples"),
        (-1, 1, "there is no sample -1"),
        (899, 2, "there are no 2 samples from number 899 on"),
    ],
)
def test_samples_that_are_not_there_are_named(
    spirals: Subject, sample: int, samples: int, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        list(explain(*spirals, ExplainOptions(sample=sample, samples=samples)))


@pytest.mark.parametrize("dataset", ["xor", "sine", "plane", "spirals"])
def test_every_task_is_walked(dataset: str) -> None:
    experiment = Experiment.quick(dataset, layers=[3])
    *_, last = explain(experiment, load_data(experiment.data))
    assert isinstance(last, ExplainFinished)
    assert last.passed, last.message


def test_a_wrong_gradient_fails_and_is_named(spirals: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Dense.affine_backward

    def wrong(self: Dense, dz: np.ndarray, wants_input_gradient: bool) -> np.ndarray | None:
        dx = right(self, dz, wants_input_gradient)
        self.weight_grad[...] *= -1
        return dx

    monkeypatch.setattr(Dense, "affine_backward", wrong)
    *_, last = explain(*spirals)
    assert isinstance(last, ExplainFinished)
    assert not last.passed
    assert "layers.1.weight (norm ratio 1.0e+00), layers.0.weight" in last.message


def test_a_gradient_that_is_not_finite_fails(spirals: Subject) -> None:
    experiment, data = spirals
    network = Network(experiment.network, data.input_shape)
    network.layers[0].weight[0, 0] = np.inf
    *_, last = explain(network, data)
    assert isinstance(last, ExplainFinished)
    assert not last.passed
    assert "not finite" in last.message


@pytest.mark.parametrize(("dataset", "sample"), [("xor", 3), ("moons", 0), ("sine", 0)])
def test_the_sample_walked_by_default_has_products_to_show(dataset: str, sample: int) -> None:
    experiment = Experiment.quick(dataset, layers=[3], activation="tanh")
    first = next(iter(explain(experiment, load_data(experiment.data))))
    assert isinstance(first, ExplainStarted)
    assert first.samples == (sample,)
