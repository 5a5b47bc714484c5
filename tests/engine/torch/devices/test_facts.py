"""PyTorch's facts with fake accelerators, and the command that prints them."""

import json
import subprocess
import sys
import warnings
from types import SimpleNamespace
from typing import Any

import pytest

from engine.devices import Torch
from engine.devices.facts import PASSED
from engine.errors import DeviceError
from engine.torch.devices import choose as devices
from engine.torch.devices import facts as device_facts
from engine.torch.devices.__main__ import main
from engine.torch.devices.facts import multiply_on, smoke_test, torch_facts
from engine.torch.library import NoTwinError
from tests.waiting import PATIENCE_S

GIB = 2**30


class Ones:
    """A matrix of ones whose product has a given sum."""

    def __init__(self, total: float) -> None:
        self._total = total

    def __matmul__(self, other: "Ones") -> "Ones":
        return self

    def sum(self) -> "Ones":
        return self

    def item(self) -> float:
        return self._total


def fake_torch(kind: str | None, *, hip: str = "", total: float = 64**3, **more: Any) -> SimpleNamespace:
    """Return a fake PyTorch on a machine with two accelerators of a kind."""
    accelerator = SimpleNamespace(
        is_available=lambda: kind is not None,
        current_accelerator=lambda: SimpleNamespace(type=kind) if kind else None,
        device_count=lambda: 2,
    )
    module = SimpleNamespace(
        get_device_name=lambda i: f"card {i}",
        get_device_properties=lambda i: SimpleNamespace(
            total_memory=8 * GIB, major=8, minor=6, uuid=f"00{i}"
        ),
        mem_get_info=lambda i: (6 * GIB, 8 * GIB),
        get_arch_list=lambda: ["sm_80", "sm_86"] if kind == "cuda" else [],
    )
    torch = SimpleNamespace(
        __version__="2.13.0+cu126",
        version=SimpleNamespace(
            cuda="12.6" if kind == "cuda" and not hip else None, hip=hip or None, xpu=None
        ),
        accelerator=accelerator,
        cuda=module,
        get_num_threads=lambda: 4,
        float32="float32",
        ones=lambda shape, dtype, device: Ones(total),
    )
    for name, value in {**({kind: module} if kind else {}), **more}.items():
        setattr(torch, name, value)
    return torch


def use(monkeypatch: pytest.MonkeyPatch, torch: SimpleNamespace) -> None:
    for module in (device_facts, devices):
        monkeypatch.setattr(module, "load_torch", lambda: torch)


def test_a_cuda_build(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, fake_torch("cuda"))
    facts = torch_facts()
    assert (facts.version, facts.cuda, facts.hip, facts.available) == ("2.13.0+cu126", "12.6", "", True)
    assert facts.architectures == ("sm_80", "sm_86")
    second = facts.devices[2]
    assert (second.name, second.title, second.capability, second.uuid) == (
        "cuda:1",
        "card 1",
        (8, 6),
        "GPU-001",
    )
    assert (second.memory_free_bytes, second.memory_total_bytes, second.smoke) == (6 * GIB, 8 * GIB, "")


def test_a_rocm_build_has_no_compute_capability(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, fake_torch("cuda", hip="7.2.1"))
    facts = torch_facts()
    assert (facts.cuda, facts.hip) == ("", "7.2.1")
    assert facts.devices[1].capability is None


@pytest.mark.parametrize("kind", ["mps", "xpu"])
def test_other_accelerators(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    use(monkeypatch, fake_torch(kind))
    facts = torch_facts()
    assert facts.accelerator == kind
    assert facts.devices[1].name.startswith(kind)


def test_no_accelerator(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, fake_torch(None))
    facts = torch_facts()
    assert (facts.accelerator, facts.available, len(facts.devices)) == ("", False, 1)


def test_warnings_are_part_of_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = fake_torch("cuda")

    def complain() -> bool:
        warnings.warn("The NVIDIA driver is too old\nand more", stacklevel=1)
        return False

    torch.accelerator.is_available = complain
    use(monkeypatch, torch)
    facts = torch_facts()
    assert facts.warnings == ("The NVIDIA driver is too old",)
    assert not facts.available


def test_a_gpu_that_cannot_be_started_leaves_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = fake_torch("cuda")

    def fail(index: int) -> str:
        raise RuntimeError("CUDA error: system not yet initialized\nmore")

    torch.cuda.get_device_name = fail
    use(monkeypatch, torch)
    facts = torch_facts()
    assert [device.name for device in facts.devices] == ["cpu"]
    assert facts.warnings == ("CUDA error: system not yet initialized",)


@pytest.mark.parametrize(
    ("message", "installed", "error"),
    [
        ("PyTorch is not installed", False, ""),
        ("PyTorch cannot be loaded: libc10.so: cannot open", True, "libc10.so: cannot open"),
    ],
)
def test_missing_differs_from_broken(
    monkeypatch: pytest.MonkeyPatch, message: str, installed: bool, error: str
) -> None:
    def fail() -> None:
        raise NoTwinError(message)

    monkeypatch.setattr(device_facts, "load_torch", fail)
    assert torch_facts() == Torch(installed=installed, error=error)
    assert smoke_test(torch_facts()) == torch_facts()


class TestSmoke:
    def test_a_sum_that_is_right_passes(self) -> None:
        assert multiply_on(fake_torch("cuda"), "cuda:0") == PASSED

    def test_a_sum_that_is_wrong_is_named(self) -> None:
        assert "came out as 5" in multiply_on(fake_torch("cuda", total=5.0), "cuda:0")

    def test_an_error_is_its_first_line(self) -> None:
        def fail(*arguments: Any, **options: Any) -> None:
            raise RuntimeError("\nCUDA error: no kernel image is available\nCompile with ...")

        assert (
            multiply_on(fake_torch("cuda", ones=fail), "cuda:0") == "CUDA error: no kernel image is available"
        )

    def test_an_error_without_words_is_its_kind(self) -> None:
        def fail(*arguments: Any, **options: Any) -> None:
            raise MemoryError

        assert multiply_on(fake_torch("cuda", ones=fail), "cuda:0") == "MemoryError"

    def test_the_processor_is_not_tried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        use(monkeypatch, fake_torch("cuda"))
        assert [device.smoke for device in smoke_test(torch_facts()).devices] == ["", PASSED, PASSED]

    def test_this_pytorch_multiplies(self) -> None:
        import torch

        assert multiply_on(torch, "cpu") == PASSED


class TestCommand:
    def test_json_has_a_line_a_device_and_pytorch_twice_with_the_test(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        use(monkeypatch, fake_torch("cuda"))
        assert main(["--json", "--smoke"]) == 0
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line["type"] for line in lines] == ["device", "device", "device", "torch", "torch"]
        assert [line["devices"][1]["smoke"] for line in lines[-2:]] == ["", PASSED]
        assert lines[1] == {
            "type": "device",
            "name": "cuda:0",
            "title": "card 0",
            "dtypes": ["float64", "float32"],
        }

    def test_words(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        use(monkeypatch, fake_torch("cuda"))
        main(["--smoke"])
        assert "cuda:1    card 1  float64, float32  passed" in capsys.readouterr().out

    def test_without_pytorch(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def fail() -> None:
            raise NoTwinError("PyTorch is not installed")

        monkeypatch.setattr(device_facts, "load_torch", fail)
        assert main([]) == 0
        assert "pip install torch" in capsys.readouterr().out
        assert main(["--json"]) == 0
        assert json.loads(capsys.readouterr().out)["installed"] is False

    def test_the_module_runs_without_a_warning(self) -> None:
        command = [sys.executable, "-W", "error", "-m", "engine.torch.devices", "--help"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_S)
        assert done.stderr == ""
        assert "--json" in done.stdout


def test_the_package_raises_for_unknown_names() -> None:
    import engine.torch

    with pytest.raises(AttributeError, match="nothing"):
        _ = engine.torch.nothing
    with pytest.raises(DeviceError, match="gpu"):
        engine.torch.choose_device("gpu")
