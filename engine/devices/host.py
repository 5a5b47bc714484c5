"""The machine and its GPUs as listed by the operating system, read from its own files."""

import contextlib
import os
import platform
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from engine.devices.facts import Host

VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "CUDA_DEVICE_ORDER",
    "NVIDIA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "ZE_AFFINITY_MASK",
)
NVIDIA, AMD = "0x10de", "0x1002"
"""Vendors on the PCI bus."""
DISPLAY_CLASSES = ("0x03", "0x12")
"""First byte of the PCI class of display controllers and processing accelerators."""


def read_host(root: Path = Path("/"), environment: Mapping[str, str] | None = None) -> Host:
    """Return the operating system's facts.

    Args:
        root: the folder to read as /.
        environment: None for that of this process.
    """
    env = os.environ if environment is None else environment
    vendors = _display_vendors(root / "sys/bus/pci/devices")
    release = _text(root / "proc/sys/kernel/osrelease").lower()
    return Host(
        system=platform.system(),
        machine=platform.machine(),
        wsl="microsoft" in release,
        wsl_gpu=(root / "dev/dxg").exists(),
        container=_is_container(root, env),
        translated=_sysctl("sysctl.proc_translated") == "1",
        nvidia_on_bus=vendors.count(NVIDIA),
        nvidia_nodes=has_nvidia_nodes(root),
        nvidia_names=_module_gpus(root / "proc/driver/nvidia/gpus"),
        kernel_driver=_module_version(root / "proc/driver/nvidia/version"),
        amd_on_bus=vendors.count(AMD),
        amd_node=(root / "dev/kfd").exists(),
        environment={name: env[name] for name in VARIABLES if name in env},
    )


def has_nvidia_nodes(root: Path = Path("/")) -> bool:
    """True if NVIDIA's device files, or WSL's library in their place, are under `root`."""
    nodes = (root / "dev").glob("nvidia[0-9]*")
    return next(nodes, None) is not None or (root / "usr/lib/wsl/lib/libcuda.so.1").exists()


def _is_container(root: Path, environment: Mapping[str, str]) -> bool:
    signs = (root / ".dockerenv", root / "run/.containerenv")
    return "KUBERNETES_SERVICE_HOST" in environment or any(sign.exists() for sign in signs)


def _display_vendors(devices: Path) -> list[str]:
    """Return the vendor of each display controller on the PCI bus."""
    if not devices.is_dir():
        return []
    cards = (card for card in devices.iterdir() if _text(card / "class").startswith(DISPLAY_CLASSES))
    return [_text(card / "vendor") for card in cards]


def _module_version(path: Path) -> str:
    """Return the version of NVIDIA's kernel module, `560.35.03`; the open module words it differently."""
    found = re.search(r"\b(\d{3,}\.\d+(?:\.\d+)?)\b", _text(path))
    return found[1] if found else ""


def _module_gpus(folder: Path) -> tuple[str, ...]:
    found = (
        re.search(r"^Model:\s*(.+)$", _text(path), re.MULTILINE)
        for path in sorted(folder.glob("*/information"))
    )
    return tuple(model[1].strip() for model in found if model)


def _text(path: Path) -> str:
    """Return the text of a small file; empty if it cannot be read."""
    with contextlib.suppress(OSError):
        return path.read_text("utf-8", "replace").strip()
    return ""


def _sysctl(name: str) -> str:
    """Return a value of macOS's kernel; empty on other systems."""
    if platform.system() != "Darwin":
        return ""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        command = ["/usr/sbin/sysctl", "-n", name]
        return subprocess.run(command, capture_output=True, text=True, timeout=2, check=False).stdout.strip()
    return ""


def processor_name(root: Path = Path("/")) -> str:
    """Return the processor's name by its vendor, or its architecture if unknown; `root` is read as /."""
    found = re.search(r"^model name\s*:\s*(.+)$", _text(root / "proc/cpuinfo"), re.MULTILINE)
    name = found[1] if found else _sysctl("machdep.cpu.brand_string")
    return " ".join(name.split()) or platform.machine()
