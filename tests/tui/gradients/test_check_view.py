"""The state of a gradient check, gathered from its stream."""

import json
import math
import subprocess
import sys
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from engine.glassbox.steps import NamedArray, WalkStep
from engine.gradcheck.events import ParameterReport
from tui.gradients.check_view import CheckView
from tui.processes.check import decode_check, decode_explain


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
    "culprit": "",
    "problems": [],
    "worst": None,
    "n_parameters": 17,
    "checked": 17,
    "directions": 4,
    "kinks": 0,
    "modes": [],
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
        event = decode_check(one)
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
    assert view.rows["w"].largest_relative_error is None
    assert math.isnan(view.rows["w"].relative_error)


@pytest.mark.parametrize(("passed", "state"), [(True, "passed"), (False, "failed")])
def test_the_verdict_ends_the_check_with_remarks(passed: bool, state: str) -> None:
    view = absorbed(
        STARTED, line("check_finished", **{**FINISHED, "passed": passed, "problems": ["wrong sign"]})
    )
    assert (view.state, view.message, view.share) == (state, "all agree", 1.0)
    assert view.remarks == ["wrong sign", "no PyTorch", "not covered: layers.0: 1 of 4 units is inactive"]


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
    assert decode_check(b"Traceback (most recent call last):") is None
    assert decode_check(line("check_weather", sunny=True)) is None


def test_nan_and_inf_pass_through_json_as_none() -> None:
    row = ParameterReport(
        name="w",
        shape=(1,),
        index=(0,),
        analytic=math.nan,
        verdict="not_finite",
        largest_relative_error=math.inf,
    )
    read = decode_check(msgspec.json.encode(row))
    assert read == replace(row, analytic=None, largest_relative_error=None)
    step = WalkStep(
        kind="forward",
        title="t",
        formula="f",
        words="w",
        arrays=(NamedArray.of("x", np.array([np.nan, 1.0])),),
    )
    walked = decode_explain(msgspec.json.encode(step))
    assert isinstance(walked, WalkStep)
    assert walked.arrays[0].values == (None, 1.0)
    assert walked.arrays[0].norm is None


def test_the_structs_of_the_streams_need_no_numpy() -> None:
    command = "import sys, tui.processes.check; sys.exit('numpy' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0
