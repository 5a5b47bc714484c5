import subprocess
import sys
from types import SimpleNamespace

import pytest

from engine.errors import DeviceError
from engine.torch import Device, choose_device, library, list_devices
from engine.torch.devices import choose as devices
from tests.waiting import PATIENCE_S

BOTH = ("float64", "float32")


def fake_torch(kind: str | None, count: int = 1) -> SimpleNamespace:
    """Return the part of torch that the device list uses, for a machine with `count` accelerators of a kind."""
    accelerator = SimpleNamespace(
        is_available=lambda: kind is not None,
        current_accelerator=lambda: SimpleNamespace(type=kind),
        device_count=lambda: count,
    )
    torch = SimpleNamespace(accelerator=accelerator, get_num_threads=lambda: 4)
    if kind is not None:
        setattr(torch, kind, SimpleNamespace(get_device_name=lambda i: f"{kind} card {i}"))
    return torch


def on(monkeypatch: pytest.MonkeyPatch, kind: str | None, count: int = 1) -> None:
    monkeypatch.setattr(devices, "load_torch", lambda: fake_torch(kind, count))


def test_here_there_is_a_cpu_with_both_precisions() -> None:
    first = list_devices()[0]
    assert first.name == "cpu"
    assert first.dtypes == BOTH


def test_several_gpus_are_listed_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "cuda", 2)
    assert [device.name for device in list_devices()] == ["cpu", "cuda:0", "cuda:1"]
    assert list_devices()[2] == Device("cuda:1", "cuda card 1", BOTH)


@pytest.mark.parametrize(
    ("kind", "wanted", "dtype", "device", "used"),
    [
        (None, "auto", "auto", "cpu", "float64"),
        (None, "cpu", "float32", "cpu", "float32"),
        ("cuda", "auto", "auto", "cuda:0", "float64"),
        ("cuda", "cuda", "float32", "cuda:0", "float32"),
        ("cuda", "cuda:1", "float64", "cuda:1", "float64"),
        ("cuda", "cpu", "auto", "cpu", "float64"),
        ("xpu", "xpu", "auto", "xpu:0", "float64"),
        ("mps", "mps", "float32", "mps", "float32"),
        ("mps", "auto", "auto", "mps", "float32"),
        ("mps", "mps", "float64", "cpu", "float64"),
    ],
)
def test_the_choice_for_each_request(
    kind: str | None, wanted: str, dtype: str, device: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, kind, 2)
    choice = choose_device(wanted, dtype)
    assert (choice.device, choice.dtype) == (device, used)
    assert bool(choice.note) == (kind == "mps" and dtype in ("float64", "auto"))


def test_a_device_that_is_not_there_names_those_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "cuda", 2)
    for wanted in ("cuda:2", "mps", "gpu"):
        with pytest.raises(DeviceError, match=wanted) as raised:
            choose_device(wanted)
        assert "cpu, cuda:0, cuda:1" in raised.value.hint


def test_an_unknown_dtype_is_refused() -> None:
    with pytest.raises(DeviceError, match="float16") as raised:
        choose_device("cpu", "float16")
    assert "float32" in raised.value.hint


def test_without_torch_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(library.importlib, "import_module", missing)
    with pytest.raises(DeviceError, match="not installed") as raised:
        list_devices()
    assert "pip install torch" in raised.value.hint


def test_the_package_loads_without_torch() -> None:
    program = "import sys, engine.torch, engine.proof.stream; raise SystemExit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENCE_S)
