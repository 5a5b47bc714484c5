"""The state of a gradient check, gathered from its stream."""

import json
from typing import Any

import msgspec
import pytest

from engine.gradcheck.events import CheckProgress, CheckStarted, TensorShape
from engine.gradcheck.report import ParameterReport
from tui.gradients.check_view import CheckView
from tui.processes.check_stream import CheckRow, decode_line


def line(kind: str, **fields: Any) -> bytes:
    return json.dumps({"type": kind, **fields}).encode()


STARTED = line(
    "check_started",
    architecture="2-4-1",
    n_parameters=17,
    checks=40,
    samples=32,
    device="auto",
    dtype="auto",
    parameters=[{"name": "layers.0.weight", "shape": [4, 2]}, {"name": "layers.0.bias", "shape": [4]}],
)
FINISHED = {
    "passed": True,
    "message": "all agree",
    "problems": [],
    "blind_spots": ["layers.0: 1 of 4 units is inactive"],
    "notes": ["no PyTorch"],
    "device": "cpu",
    "dtype": "float64",
    "torch_version": "2.6",
    "seconds": 1.0,
}


def absorbed(*lines: bytes) -> CheckView:
    view = CheckView.begin()
    for one in lines:
        event = decode_line(one)
        assert event is not None, one
        view.absorb(event)
    return view


def test_every_tensor_has_a_row_from_the_start() -> None:
    view = absorbed(STARTED)
    assert list(view.rows) == ["layers.0.weight", "layers.0.bias"]
    assert view.rows["layers.0.weight"].verdict == "unchecked"
    assert (view.state, view.phase) == ("running", "finite differences")


def test_progress_is_a_share_and_a_phase() -> None:
    view = absorbed(STARTED, line("check_progress", done=10, total=40, phase="PyTorch"))
    assert (view.share, view.phase) == (0.25, "PyTorch")


def test_a_repeated_row_replaces_the_previous_one() -> None:
    row = {"name": "layers.0.bias", "shape": [4], "verdict": "ok", "analytic": 0.5}
    view = absorbed(STARTED, line("parameter", **row, torch=None), line("parameter", **row, torch=0.5))
    assert view.rows["layers.0.bias"].torch == 0.5
    assert list(view.rows) == ["layers.0.weight", "layers.0.bias"]


def test_values_that_are_not_finite_are_none() -> None:
    view = absorbed(
        line(
            "parameter", name="w", shape=[1], largest_relative_error=None, analytic=None, verdict="not_finite"
        )
    )
    assert view.rows["w"].relative_error is None


@pytest.mark.parametrize(("passed", "state"), [(True, "passed"), (False, "failed")])
def test_the_verdict_ends_the_check_with_remarks(passed: bool, state: str) -> None:
    view = absorbed(
        STARTED, line("check_finished", **{**FINISHED, "passed": passed, "problems": ["wrong sign"]})
    )
    assert (view.state, view.message, view.share) == (state, "all agree", 1.0)
    assert view.remarks == ["wrong sign", "no PyTorch", "not seen: layers.0: 1 of 4 units is inactive"]


def test_an_error_ends_the_check_with_its_hint() -> None:
    view = absorbed(line("error", message="no such run", hint="nnterm runs"))
    assert (view.state, view.message, view.hint) == ("broken", "no such run", "nnterm runs")


def test_a_verdict_is_not_cancelled_afterwards() -> None:
    view = absorbed(STARTED, line("check_finished", **FINISHED))
    view.cancel()
    assert view.state == "passed"
    begun = CheckView.begin()
    begun.cancel()
    assert begun.state == "cancelled"


def test_invalid_lines_and_unknown_types_are_ignored() -> None:
    assert decode_line(b"Traceback (most recent call last):") is None
    assert decode_line(line("check_weather", sunny=True)) is None


def test_the_engines_own_structs_are_understood() -> None:
    row = ParameterReport(
        name="w", shape=(1,), index=(0,), analytic=0.5, verdict="ok", largest_relative_error=1e-9
    )
    assert decode_line(msgspec.json.encode(row)) == CheckRow(
        name="w",
        shape=(1,),
        index=(0,),
        analytic=0.5,
        verdict="ok",
        largest_relative_error=1e-9,
        median_relative_error=0.0,
    )
    told = CheckStarted(
        architecture="1-1",
        n_parameters=1,
        parameters=(TensorShape("w", (1,)),),
        checks=1,
        samples=1,
        device="cpu",
        dtype="float64",
    )
    assert absorbed(msgspec.json.encode(told)).architecture == "1-1"
    assert decode_line(msgspec.json.encode(CheckProgress(done=1, total=2, phase="PyTorch"))) is not None
