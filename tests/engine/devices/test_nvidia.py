"""The facts read from NVML; no failure of it is an exception."""

import sys

import pytest

from engine.devices.nvidia import GpuReader, read_nvidia
from tests.engine.devices.fake_nvml import NOT_SUPPORTED, Card, FakeNvml, named_error

GIB = 2**30


def install(monkeypatch: pytest.MonkeyPatch, nvml: object) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", nvml)  # type: ignore[arg-type]


def test_a_gpu_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = FakeNvml(Card())
    install(monkeypatch, nvml)
    answer = read_nvidia()
    gpu = answer.gpus[0]
    assert (answer.state, answer.driver, answer.cuda) == ("ready", "580.95.05", "13.0")
    assert (gpu.index, gpu.name, gpu.uuid, gpu.capability) == (0, "NVIDIA A100", "GPU-0000", (8, 0))
    assert (gpu.memory_total_bytes, gpu.memory_used_bytes) == (80 * GIB, 3 * GIB)
    assert (gpu.load_percent, gpu.temperature_c, gpu.power_w, gpu.mig) == (37, 61, 250.0, False)
    assert nvml.open == 0


def test_values_that_a_gpu_does_not_report_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = Card(
        memory=NOT_SUPPORTED,
        load=NOT_SUPPORTED,
        celsius=NOT_SUPPORTED,
        milliwatts=NOT_SUPPORTED,
        mig=NOT_SUPPORTED,
        capability=NOT_SUPPORTED,
    )
    install(monkeypatch, FakeNvml(silent))
    gpu = read_nvidia().gpus[0]
    assert gpu.name == "NVIDIA A100"
    assert {gpu.memory_total_bytes, gpu.load_percent, gpu.temperature_c, gpu.power_w, gpu.capability} == {
        None
    }


def test_older_bindings_answer_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, FakeNvml(Card(name=b"Tesla V100", uuid=b"GPU-1"), driver=b"470.256.02"))
    answer = read_nvidia()
    assert (answer.driver, answer.gpus[0].name, answer.gpus[0].uuid) == ("470.256.02", "Tesla V100", "GPU-1")


def test_the_newer_call_for_the_temperature_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = FakeNvml(Card(celsius=NOT_SUPPORTED))
    nvml.nvmlDeviceGetTemperatureV = lambda card, sensor: 55  # type: ignore[attr-defined]
    install(monkeypatch, nvml)
    assert read_nvidia().gpus[0].temperature_c == 55


def test_instances_of_a_gpu_that_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, FakeNvml(Card(mig=1, instances=("MIG-a", "MIG-b"))))
    gpu = read_nvidia().gpus[0]
    assert gpu.mig
    assert gpu.mig_uuids == ("MIG-a", "MIG-b")


def test_a_lost_gpu_does_not_affect_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = named_error("NVMLError_GpuIsLost", "GPU is lost")
    install(monkeypatch, FakeNvml(Card(name=lost), Card(name="NVIDIA A10")))
    first, second = read_nvidia().gpus
    assert first.problem == "GPU is lost"
    assert (second.index, second.name, second.problem) == (1, "NVIDIA A10", "")


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("NVMLError_LibraryNotFound", "no_library"),
        ("NVMLError_DriverNotLoaded", "not_loaded"),
        ("NVMLError_LibRmVersionMismatch", "mismatch"),
        ("NVMLError_NoPermission", "no_permission"),
        ("NVMLError_Unknown", "failed"),
        ("OSError", "failed"),
    ],
)
def test_a_failure_is_a_state(monkeypatch: pytest.MonkeyPatch, name: str, state: str) -> None:
    error = OSError("words") if name == "OSError" else named_error(name, "words")
    install(monkeypatch, FakeNvml(at_start=error))
    answer = read_nvidia()
    assert (answer.state, answer.message, answer.gpus) == (state, "words", ())


def test_a_missing_package_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, None)  # makes the import fail
    answer = read_nvidia()
    assert (answer.state, answer.message) == ("no_package", "nvidia-ml-py is not installed")


def test_a_reader_opens_the_driver_once(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = FakeNvml(Card())
    install(monkeypatch, nvml)
    reader = GpuReader()
    for _ in range(3):
        assert reader.read().gpus
        assert nvml.open == 1
    reader.close()
    reader.close()
    assert nvml.open == 0
