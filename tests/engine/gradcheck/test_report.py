import json
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace as with_fields

from engine.data import load_data
from engine.experiment.experiment import Experiment
from engine.gradcheck import Fault, Report, check_gradients
from engine.gradcheck.differences import Slope, deviation
from engine.gradcheck.events import ParameterReport
from engine.gradcheck.factors import constant_factor, explain_factor
from engine.gradcheck.report import TORCH
from engine.nn.network import Network
from engine.proof.merge import merge
from tests.engine.gradcheck.networks import batch_of, network_of


@pytest.fixture(scope="module")
def report() -> Report:
    network = network_of((3, 4, 2))
    return check_gradients(network, *batch_of(network))


def test_describe_contains_every_tensor_and_the_verdict(report: Report) -> None:
    text = report.describe()
    assert text.startswith("all 4 parameter tensors agree with finite differences")
    assert all(name in text for name in report.parameters)
    assert "26 parameters, 8 samples" in text


def test_random_directions_alone_are_named_as_differences(report: Report) -> None:
    """On a slow machine the budget may end before the first entry is checked one by one."""
    rows = {
        name: with_fields(row, checked=0, directions=1, norm_ratio=None)
        for name, row in report.parameters.items()
    }
    assert "agree with finite differences (" in replace(report, parameters=rows).message


def test_to_dict_is_complete_json(report: Report) -> None:
    plain = json.loads(msgspec.json.encode(report.to_dict()))
    assert plain["passed"] is True
    assert [row["name"] for row in plain["parameters"]] == [row.name for row in report.rows]
    assert plain["worst"]["name"] == report.worst.name


def test_a_kink_fails_nothing_and_a_nan_does(report: Report) -> None:
    row = report.parameters["layers.0.bias"]
    for verdict, passed in (("kink", True), ("unchecked", True), ("wrong", False), ("not_finite", False)):
        rows = report.parameters | {row.name: with_fields(row, verdict=verdict)}
        assert replace(report, parameters=rows).passed is passed


def test_the_culprit_is_the_wrong_layer_nearest_the_output(report: Report) -> None:
    rows = {name: with_fields(row, verdict="wrong") for name, row in report.parameters.items()}
    assert replace(report, parameters=rows).culprit == "layers.1"
    fault = Fault("layers.0", "layers.0: backward is wrong")
    assert replace(report, parameters=rows, faults=(fault,)).culprit == "layers.0"


def row(verdict: str, n: float | None = None, t: float | None = None) -> ParameterReport:
    values = {"analytic": 1.0, "finite_difference": n, "torch": t}
    return ParameterReport(name="layers.0.bias", shape=(1,), index=(0,), verdict=verdict, **values)


@pytest.mark.parametrize(
    ("by_differences", "n", "by_torch", "t", "odd", "verdict"),
    [
        ("ok", 1.0, "ok", 1.0, "", "ok"),
        ("wrong", -1.0, "wrong", -1.0, "analytic", "wrong"),
        ("wrong", 2.0, "ok", 1.0, "finite differences", "wrong"),
        ("ok", 1.0, "wrong", 3.0, "PyTorch", "wrong"),
        ("wrong", 2.0, "wrong", 3.0, "", "wrong"),
        ("kink", None, "ok", 1.0, "", "kink"),
        ("unchecked", None, "ok", 1.0, "", "ok"),
    ],
)
def test_the_odd_one_out_of_three_values_is_named(
    by_differences: str, n: float | None, by_torch: str, t: float, odd: str, verdict: str
) -> None:
    differences = Report({"layers.0.bias": row(by_differences, n)})
    twin = Report({"layers.0.bias": row(by_torch, t=t)}, gradients={TORCH: {"layers.0.bias": np.array([t])}})
    merged = merge(differences, twin).parameters["layers.0.bias"]
    assert (merged.odd_one_out, merged.verdict) == (odd, verdict)
    assert merged.torch == t


def test_constant_factors_are_found_and_explained() -> None:
    truth = np.array([1.0, -2.0, 0.5])
    assert constant_factor(-truth, truth) == pytest.approx(-1)
    assert constant_factor(truth + np.array([1, 0, 0]), truth) is None
    assert constant_factor(truth, np.zeros(3)) is None
    assert "wrong sign" in explain_factor(-1.0, 8, 3)
    assert "batch size" in explain_factor(8.0, 8, 3)
    assert "1.5 times" in explain_factor(1.5, 8, 3)


def test_behind_dropout_the_error_is_shown_whole_beside_what_rounding_explains() -> None:
    layers = '[{ units = 4, activation = "tanh" }, { type = "dropout", rate = 0.3 }, {}]'
    experiment = Experiment.from_toml(f'data.dataset = "moons"\nnetwork.layers = {layers}')
    network = Network.of(experiment, load_data(experiment.data))
    report = check_gradients(network, *batch_of(network))
    assert report.passed
    for row in report.rows:
        assert row.tolerance is not None
        assert row.tolerance >= 1e-6
        if row.analytic != row.finite_difference:
            assert 0 < row.relative_error <= row.tolerance
    assert any(row.relative_error > 0 for row in report.rows)
    assert any(row.tolerance != 1e-6 for row in report.rows)
    assert "tolerance" in report.describe()


def test_what_rounding_explains_decides_and_is_not_taken_off_the_error() -> None:
    slope = Slope(value=1.0, resolution=0.0)
    found = deviation(1.0001, slope, rounding=5e-5)
    assert found.error == pytest.approx(1e-4, rel=1e-3)
    assert found.unexplained == pytest.approx(5e-5, rel=1e-3)
    assert deviation(1.0001, slope, rounding=2e-4).unexplained == 0
    assert deviation(0.0, Slope(value=0.0, resolution=0.0), rounding=1.0).error == 0
