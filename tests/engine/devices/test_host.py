"""The facts read from the operating system's files, laid out in a temporary folder."""

from pathlib import Path

import pytest

from engine.devices import Host
from engine.devices.host import processor_name, read_host

OPEN_MODULE = (
    "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  560.35.03  Release Build  (dvs-builder)\n"
)
OLD_MODULE = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.256.02  Thu May  2 14:37:44 UTC 2024\n"


def write(root: Path, path: str, text: str = "") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def card(root: Path, slot: str, vendor: str, kind: str = "0x030200") -> None:
    write(root, f"sys/bus/pci/devices/{slot}/vendor", f"{vendor}\n")
    write(root, f"sys/bus/pci/devices/{slot}/class", f"{kind}\n")


def found(root: Path, **environment: str) -> Host:
    return read_host(root, environment)


def test_an_empty_machine(tmp_path: Path) -> None:
    host = found(tmp_path, PATH="/bin")
    assert host == Host(system=host.system, machine=host.machine)


@pytest.mark.parametrize(("words", "version"), [(OPEN_MODULE, "560.35.03"), (OLD_MODULE, "470.256.02")])
def test_a_machine_with_a_gpu(tmp_path: Path, words: str, version: str) -> None:
    card(tmp_path, "0000:01:00.0", "0x10de")
    card(tmp_path, "0000:01:00.1", "0x10de", "0x040300")  # its audio device
    card(tmp_path, "0000:02:00.0", "0x1002", "0x030000")
    write(tmp_path, "proc/driver/nvidia/version", words)
    write(tmp_path, "proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t\t NVIDIA A10\nIRQ: 1\n")
    write(tmp_path, "dev/nvidiactl")
    write(tmp_path, "dev/nvidia0")
    write(tmp_path, "dev/kfd")
    host = found(tmp_path, CUDA_VISIBLE_DEVICES="", HOME="/root")
    assert (host.nvidia_on_bus, host.amd_on_bus, host.amd_node) == (1, 1, True)
    assert (host.kernel_driver, host.nvidia_names, host.nvidia_nodes) == (version, ("NVIDIA A10",), True)
    assert host.environment == {"CUDA_VISIBLE_DEVICES": ""}


def test_the_control_file_alone_is_no_gpu(tmp_path: Path) -> None:
    write(tmp_path, "dev/nvidiactl")
    assert not found(tmp_path).nvidia_nodes


def test_wsl(tmp_path: Path) -> None:
    write(tmp_path, "proc/sys/kernel/osrelease", "5.15.153.1-microsoft-standard-WSL2\n")
    write(tmp_path, "dev/dxg")
    host = found(tmp_path)
    assert (host.wsl, host.wsl_gpu, host.nvidia_nodes) == (True, True, False)
    write(tmp_path, "usr/lib/wsl/lib/libcuda.so.1")
    assert found(tmp_path).nvidia_nodes


@pytest.mark.parametrize("sign", [".dockerenv", "run/.containerenv"])
def test_a_container(tmp_path: Path, sign: str) -> None:
    write(tmp_path, sign)
    assert found(tmp_path).container


def test_a_pod(tmp_path: Path) -> None:
    assert found(tmp_path, KUBERNETES_SERVICE_HOST="10.0.0.1").container


def test_the_processor_has_a_name(tmp_path: Path) -> None:
    write(tmp_path, "proc/cpuinfo", "processor\t: 0\nmodel name\t: AMD  EPYC 7763\n")
    assert processor_name(tmp_path) == "AMD EPYC 7763"
    assert processor_name(tmp_path / "none")
