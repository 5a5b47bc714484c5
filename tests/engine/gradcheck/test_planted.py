"""The demonstration: each planted bug is found, its part is named, and nothing of it remains."""

import numpy as np
import pytest

from engine.data import load_data
from engine.errors import NntermError
from engine.experiment.experiment import Experiment
from engine.gradcheck.checker import check_gradients
from engine.gradcheck.events import CheckFinished, CheckStarted
from engine.gradcheck.planted import PLANTED, planted, possible
from engine.nn.activations import Linear, Softmax, Tanh
from engine.nn.losses import CrossEntropy
from engine.nn.network import Network
from engine.nn.specs import BatchNormSpec, DenseSpec, DropoutSpec, NetworkSpec
from engine.proof.stream import CheckOptions, check
from tests.engine.gradcheck.networks import batch_of, network_of

FOUND = {
    "sign": ("layers.4", "wrong sign"),
    "mean": ("loss", "mean over the batch"),
    "transposed": ("layers.4", "reshaped"),
    "derivative": ("layers.4", "the derivative of tanh is left out"),
    "bias": ("layers.4", "bias"),
    "unit": ("layers.4", "wrong only for unit"),
    "dropout": ("layers.3", "not masked"),
    "batchnorm": ("layers.1", "through the batch's mean"),
    "masks": ("layers.3", "the masks of neighbouring samples depend on each other"),
    "float32": ("layers.4", "in float32, in which this network trains"),
}
"""The part that the check names, and words of its report."""


def network() -> Network:
    layers = (
        DenseSpec(units=6, activation=Linear()),
        BatchNormSpec(activation=Tanh()),
        DenseSpec(units=7, activation=Tanh()),
        DropoutSpec(rate=0.3),
        DenseSpec(units=8, activation=Tanh()),
        DenseSpec(units=3, activation=Softmax()),
    )
    return Network(NetworkSpec(loss=CrossEntropy(), layers=layers), (4,), seed=3)


def test_every_demonstration_has_its_expectation() -> None:
    assert set(FOUND) == set(PLANTED)
    assert possible(network()) == tuple(PLANTED)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found_and_its_part_is_named(name: str) -> None:
    subject = network()
    x, y = batch_of(subject, 6)
    state = subject.state.copy()
    with planted(subject, name) as (bug, part):
        report = check_gradients(subject, x, y)
    culprit, words = FOUND[name]
    assert not report.passed
    assert report.culprit == part == culprit
    text = report.describe()
    assert words in text, text
    assert bug.reading
    assert check_gradients(subject, x, y).passed, "nothing of the bug remains"
    assert np.array_equal(state, subject.state)


@pytest.mark.parametrize("name", PLANTED)
def test_the_tensors_that_are_wrong_are_those_that_the_text_names(name: str) -> None:
    subject = network()
    with planted(subject, name) as (bug, part):
        report = check_gradients(subject, *batch_of(subject, 6))
    wrong = {row.layer for row in report.parameters.values() if row.failed}
    parametric = ["layers.0", "layers.1", "layers.2", "layers.4", "layers.5"]
    if "every tensor below" in bug.reading.lower() and "own tensors" in bug.reading:
        assert wrong == {layer for layer in parametric if layer < part}
    elif name in ("masks", "float32"):
        assert not wrong, "no gradient in float64 shows it"
    elif name == "mean":
        assert wrong == set(parametric)
    elif name == "derivative":
        assert wrong == {layer for layer in parametric if layer <= part}
    else:
        assert [row.name for row in report.parameters.values() if row.failed] == [
            f"{part}.{'bias' if name == 'bias' else 'weight'}"
        ]


def test_a_bug_that_needs_another_network_is_refused_with_those_that_fit() -> None:
    subject = network_of((3, 4, 2))
    assert "dropout" not in possible(subject)
    with (
        pytest.raises(NntermError, match="the network lacks a dropout layer") as refused,
        planted(subject, "dropout"),
    ):
        pass
    assert "sign" in refused.value.hint
    with pytest.raises(NntermError, match='no bug "singn"') as unknown, planted(subject, "singn"):
        pass
    assert "sign" in unknown.value.hint


def test_the_stream_says_that_it_is_a_demonstration() -> None:
    experiment = Experiment.quick("xor", layers=[4])
    events = list(check(experiment, load_data(experiment.data), CheckOptions(plant="sign", torch=False)))
    started = next(event for event in events if isinstance(event, CheckStarted))
    assert started.planted == "wrong sign in a layer's backward, in layers.1"
    finished = events[-1]
    assert isinstance(finished, CheckFinished)
    assert not finished.passed
    assert finished.culprit == "layers.1"
    assert "dx = −dz W" in finished.notes[0]


def test_pytorch_finds_a_planted_bug_too() -> None:
    experiment = Experiment.quick("xor", layers=[4])
    for name in ("mean", "derivative"):
        finished = list(check(experiment, load_data(experiment.data), CheckOptions(plant=name)))[-1]
        assert isinstance(finished, CheckFinished)
        assert not finished.passed
        assert finished.torch_version
