"""`nnterm devices`: a table and the advice for people, whole JSON lines for programs."""

from collections.abc import Callable, Iterator

import pytest

from engine.devices import survey as survey_module
from engine.devices.survey import Line
from tests.engine.devices.situations import CASES
from tests.tui.cli.conftest import Nnterm


def surveyed(name: str) -> Callable[[], Iterator[Line]]:
    """Return a survey of a recorded machine."""
    situation, survey = CASES[name].situation, survey_module.survey
    parts = (situation.torch, situation.host, situation.nvidia, situation.cpu)
    return lambda: survey(*(lambda part=part: part for part in parts))  # type: ignore[misc]


def on(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(survey_module, "survey", surveyed(name))


def test_this_machine(nnterm: Nnterm) -> None:
    result = nnterm("devices")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("device")
    assert "used by nnterm" in result.out
    assert "PyTorch" in result.out


@pytest.mark.parametrize("name", CASES)
def test_every_machine_is_exit_0_and_whole_lines(
    nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    on(monkeypatch, name)
    result = nnterm("devices", "--json")
    assert (result.code, result.err) == (0, "")
    kinds = [line["type"] for line in result.lines]
    assert kinds[0] == "device"
    assert (kinds.count("torch"), kinds[-1]) == (1, "advice")
    codes = [line["code"] for line in result.lines if line["type"] == "advice"]
    assert tuple(codes) == CASES[name].codes


def test_the_reason_stands_above_the_line_to_type(nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "Volta in a build for CUDA 12.8 of 2.11"
    on(monkeypatch, name)
    result = nnterm("devices")
    assert result.code == 0
    lines = result.out.splitlines()
    gpu = next(line for line in lines if line.startswith("gpu0"))
    assert ("Tesla V100" in gpu, "7.0" in gpu, "1.0 / 24.0 GiB" in gpu, "40 °C" in gpu) == (True,) * 4
    assert gpu.endswith("cuda:0 ✗")
    at = next(i for i, line in enumerate(lines) if line.startswith("✗"))
    assert lines[at + 1] == f"    {CASES[name].command}"


def test_a_hidden_gpu_is_called_so(nnterm: Nnterm, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "all hidden by an empty variable")
    result = nnterm("devices")
    assert result.out.count("hidden\n") == 2
    assert "    unset CUDA_VISIBLE_DEVICES" in result.out


def test_what_is_no_option_is_refused_in_one_line(nnterm: Nnterm) -> None:
    result = nnterm("devices", "cuda:7")
    assert result.code == 2
    assert result.err.count("\n") == 2
    assert "cuda:7" in result.err
