import json
import subprocess
import sys
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from engine.data import Data, load_data
from engine.errors import DeviceError
from engine.experiment.experiment import Experiment
from engine.gradcheck.batch import pick_batch
from engine.gradcheck.events import CheckEvent, CheckFinished, CheckProgress, CheckStarted, ParameterReport
from engine.nn.activations import Relu
from engine.nn.layers import Dense
from engine.nn.network import Network
from engine.proof.stream import CheckOptions, check
from engine.torch import library
from tests.waiting import PATIENCE_S


@pytest.fixture(scope="module")
def moons() -> tuple[Experiment, Data]:
    experiment = Experiment.quick("moons", layers=[6, 4])
    return experiment, load_data(experiment.data)


def finished(events: Iterator[CheckEvent]) -> CheckFinished:
    *_, last = events
    assert isinstance(last, CheckFinished)
    return last


def test_the_stream_in_order(moons: tuple[Experiment, Data]) -> None:
    events = list(check(*moons, CheckOptions(samples=16)))
    assert isinstance(events[0], CheckStarted)
    assert events[0].architecture == "2-6-4-1"
    assert [tensor.name for tensor in events[0].parameters][:2] == ["layers.0.weight", "layers.0.bias"]
    assert events[0].samples == 16
    progress = [event for event in events if isinstance(event, CheckProgress)]
    assert [p.done for p in progress] == sorted(p.done for p in progress)
    assert {p.total for p in progress} == {events[0].checks}
    assert progress[-1].done == progress[-1].total
    rows = [event for event in events if isinstance(event, ParameterReport)]
    assert [row.name for row in rows[:7]] == [row.name for row in rows[7:]]
    assert all(row.torch is None for row in rows[:7])
    assert all(row.torch is not None and row.verdict == "ok" for row in rows[7:])
    last = finished(iter(events))
    assert last.passed
    assert "finite differences and PyTorch" in last.message
    assert (last.device, last.dtype) == ("cpu", "float64")


def test_every_event_is_a_json_object_with_its_type(moons: tuple[Experiment, Data]) -> None:
    types = [json.loads(msgspec.json.encode(event))["type"] for event in check(*moons)]
    assert types[0] == "check_started"
    assert types[-1] == "check_finished"
    assert set(types) == {"check_started", "check_progress", "parameter", "heat_map", "check_finished"}


def test_a_wrong_sign_is_found_and_the_layer_named(
    moons: tuple[Experiment, Data], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Dense.affine_backward

    def wrong(self: Dense, dz: np.ndarray, wants_input_gradient: bool) -> np.ndarray | None:
        dx = right(self, dz, wants_input_gradient)
        if self.name == "layers.1":
            self.weight_grad[...] *= -1
        return dx

    monkeypatch.setattr(Dense, "affine_backward", wrong)
    events = list(check(*moons))
    last = finished(iter(events))
    assert not last.passed
    assert last.culprit == "layers.1"
    row = [
        event for event in events if isinstance(event, ParameterReport) and event.name == "layers.1.weight"
    ][-1]
    assert (row.verdict, row.odd_one_out) == ("wrong", "analytic")
    assert row.torch == pytest.approx(row.finite_difference, rel=1e-4)
    assert row.analytic == pytest.approx(-row.torch)


def test_weights_that_are_not_finite_end_it_at_once(moons: tuple[Experiment, Data]) -> None:
    experiment, data = moons
    network = Network(experiment.network, data.input_shape)
    network.layers[0].bias[2] = np.nan
    last = finished(check(network, data))
    assert not last.passed
    assert "layers.0.bias[2] is nan" in last.message
    assert last.culprit == "layers.0"


def test_without_pytorch_the_differences_still_work(
    moons: tuple[Experiment, Data], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(library.importlib, "import_module", missing)
    last = finished(check(*moons))
    assert last.passed
    assert last.checked > 0
    assert "pip install torch" in last.notes[-1]
    assert "PyTorch" not in last.message


def test_a_device_that_is_not_here_names_those_that_are(moons: tuple[Experiment, Data]) -> None:
    with pytest.raises(DeviceError, match='device "tpu"') as raised:
        list(check(*moons, CheckOptions(device="tpu")))
    assert "cpu" in raised.value.hint


def test_pytorch_can_be_left_out(moons: tuple[Experiment, Data]) -> None:
    last = finished(check(*moons, CheckOptions(torch=False)))
    assert last.passed
    assert last.torch_version == ""


def test_a_burn_in_moves_the_biases_off_the_kinks_and_keeps_the_network_unchanged() -> None:
    experiment = Experiment.quick("xor", layers=[4], activation="relu")
    data = load_data(experiment.data)
    assert isinstance(experiment.network.layers[0].activation, Relu)
    network = Network(experiment.network, data.input_shape, experiment.seed)
    before = network.theta.copy()
    assert finished(check(network, data, CheckOptions(torch=False))).kinks > 0
    assert finished(check(network, data, CheckOptions(torch=False, burn_in=3))).kinks == 0
    assert (network.theta == before).all()


def test_the_batch_has_every_class_in_turn() -> None:
    data = load_data(Experiment.quick("spirals", layers=[4]).data)
    x, y = pick_batch(data.train, 9, np.random.default_rng(0))
    assert x.shape == (9, 2)
    assert np.bincount(y).tolist() == [3, 3, 3]
    assert all(
        (data.train.x[data.train.y == label] == row).all(axis=1).any()
        for row, label in zip(x, y, strict=True)
    )


def test_the_first_events_come_without_torch() -> None:
    """A check by differences alone never imports torch; otherwise torch is imported after the first rows."""
    program = """
import sys
from engine.data import load_data
from engine.experiment.experiment import Experiment
from engine.gradcheck.events import ParameterReport
from engine.proof.stream import CheckOptions, check
import engine.torch
experiment = Experiment.quick("xor")
for event in check(experiment, load_data(experiment.data), CheckOptions()):
    if isinstance(event, ParameterReport):
        assert "torch" not in sys.modules
        break
else:
    raise SystemExit(1)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENCE_S)
