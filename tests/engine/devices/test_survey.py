"""The survey's stream, and the process that asks PyTorch, which may hang, crash, or not start."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from engine.devices import Advice, Host, Nvidia, Situation, Torch, TorchDevice, advise
from engine.devices.ask import ask_torch
from engine.devices.facts import PASSED
from engine.devices.survey import DeviceLine, Line, survey, torch_name
from tests.engine.devices.situations import CASES

FACTS = Torch(
    version="2.13.0+cu130",
    cuda="13.0",
    available=True,
    devices=(TorchDevice(name="cpu"), TorchDevice(name="cuda:0")),
)
ANSWER = f"print({msgspec.json.encode(FACTS).decode()!r}, flush=True)"


def say(script: str, patience_s: float = 20.0) -> Torch:
    return ask_torch((sys.executable, "-c", script), patience_s)


def lines_of(situation: Situation) -> list[Line]:
    def give(value: Any) -> Callable[[], Any]:
        return lambda: value

    return list(
        survey(give(situation.torch), give(situation.host), give(situation.nvidia), give(situation.cpu))
    )


class TestAsking:
    def test_this_machines_pytorch_answers(self) -> None:
        facts = ask_torch()
        assert facts.installed
        assert facts.error == ""
        assert facts.devices[0].name == "cpu"

    def test_the_last_answer_counts(self) -> None:
        tested = msgspec.structs.replace(
            FACTS, devices=(FACTS.devices[0], TorchDevice(name="cuda:0", smoke=PASSED))
        )
        assert say(f"{ANSWER}; print({msgspec.json.encode(tested).decode()!r})") == tested

    def test_foreign_lines_on_the_stream_are_ignored(self) -> None:
        assert say(f"print('hello'); print('{{}}'); {ANSWER}") == FACTS

    def test_a_crash_in_the_smoke_test_is_the_devices_failure(self) -> None:
        facts = say(f"{ANSWER}; import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
        assert facts.version == FACTS.version
        assert [device.smoke for device in facts.devices] == ["", "the process was ended by SIGKILL"]

    def test_a_crash_before_any_answer_is_an_error(self) -> None:
        assert (
            say("import sys; sys.exit('cannot map memory')").error
            == "ended with exit code 1: cannot map memory"
        )

    def test_a_process_that_hangs_is_ended(self) -> None:
        assert say("import signal; signal.pause()", patience_s=0.2).error.startswith("did not answer within")

    def test_a_hanging_device_differs_from_a_hanging_pytorch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def hang(*arguments: Any, **options: Any) -> None:
            raise subprocess.TimeoutExpired("python", 60.0, output=msgspec.json.encode(FACTS) + b'\n{"type')

        monkeypatch.setattr(subprocess, "run", hang)
        facts = ask_torch()
        assert facts.error == ""
        assert facts.devices[1].smoke == "the process did not answer within 60 s"

    def test_a_missing_python_is_an_error_too(self) -> None:
        assert ask_torch(("/nowhere/python",)).error.startswith("could not be asked")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_lines_contain_all_facts_behind_the_advice(case: Any) -> None:
    lines = [msgspec.json.decode(msgspec.json.encode(line), type=Line) for line in lines_of(case.situation)]
    host = next(line for line in lines if isinstance(line, Host))
    nvidia = next(line for line in lines if isinstance(line, Nvidia))
    torch = next(line for line in lines if isinstance(line, Torch))
    advice = tuple(line for line in lines if isinstance(line, Advice))
    assert advise(Situation(host=host, nvidia=nvidia, torch=torch)) == advice
    assert isinstance(lines[0], DeviceLine)
    assert lines[0].kind == "cpu"


def devices_of(name: str) -> list[DeviceLine]:
    return [line for line in lines_of(CASES[name].situation) if isinstance(line, DeviceLine)]


def test_a_gpu_is_listed_once() -> None:
    assert [line.id for line in devices_of("A100, newest driver, default wheel")] == ["cpu", "gpu0"]


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("NVML missing, PyTorch sees CUDA", ["cpu", "cuda:0"]),
        ("Apple's GPU", ["cpu", "mps"]),
        ("ROCm build with an AMD GPU", ["cpu", "cuda:0"]),
        ("Intel's GPU", ["cpu", "xpu:0"]),
    ],
)
def test_devices_that_only_pytorch_lists_are_listed_too(name: str, ids: list[str]) -> None:
    assert [line.id for line in devices_of(name)] == ids


def test_a_hidden_gpu_is_listed_as_hidden() -> None:
    assert [line.visible for line in devices_of("one of two shown")] == [True, False, True]


def test_pytorchs_name_is_found_by_uuid() -> None:
    situation = CASES["one of two shown"].situation
    _, first, second = devices_of("one of two shown")
    assert torch_name(first, situation.torch) is None
    found = torch_name(second, situation.torch)
    assert found is not None
    assert found.name == "cuda:1"
