"""The devices that the installed PyTorch can use, and the choice of one."""

from typing import Any

import msgspec

from engine.errors import DeviceError
from engine.torch.library import load_torch
from engine.words import counted

FLOAT64, FLOAT32 = "float64", "float32"
DTYPES = (FLOAT64, FLOAT32)
WITHOUT_FLOAT64 = ("mps",)
"""Kinds of device without float64."""


class Device(msgspec.Struct, frozen=True, tag_field="type", tag="device"):
    """A device that PyTorch can compute on; a line of `python -m engine.torch.devices --json`."""

    name: str
    """The value for `--device`: cpu, cuda:0, mps, xpu:0."""
    title: str
    dtypes: tuple[str, ...]


class DeviceChoice(msgspec.Struct, frozen=True):
    """An available device and dtype, and a note if they are not the requested ones."""

    device: str
    dtype: str
    note: str = ""


def list_devices() -> list[Device]:
    """Return the available devices, the CPU first.

    Raises:
        DeviceError: PyTorch is not installed.
    """
    torch = load_torch()
    return [cpu_device(torch), *_accelerators(torch)]


def cpu_device(torch: Any) -> Device:
    """Return the CPU as a device; `torch` is the imported module."""
    return Device("cpu", f"CPU, {counted(torch.get_num_threads(), 'thread')}", DTYPES)


def _accelerators(torch: Any) -> list[Device]:
    """Return the devices of `torch.accelerator`: CUDA or ROCm, MPS, XPU."""
    accelerator = getattr(torch, "accelerator", None)  # since torch 2.6
    if accelerator is None or not accelerator.is_available():
        return []
    kind = accelerator.current_accelerator().type
    dtypes = (FLOAT32,) if kind in WITHOUT_FLOAT64 else DTYPES
    if kind == "mps":
        return [Device(kind, "Apple GPU (MPS)", dtypes)]
    module = getattr(torch, kind)
    return [
        Device(f"{kind}:{i}", str(module.get_device_name(i)), dtypes)
        for i in range(accelerator.device_count())
    ]


def choose_device(wanted: str = "auto", dtype: str = "auto") -> DeviceChoice:
    """Return the device and the dtype for a request on this machine.

    Args:
        wanted: a device's name, its kind (the first of them), or "auto": the first accelerator, else the CPU.
        dtype: float32, float64, or "auto": float64 if the device has it. A device without the requested dtype
            is replaced by the CPU, with a note.

    Raises:
        DeviceError: there is no such device or dtype (the hint lists those available), or no PyTorch.
    """
    if dtype not in ("auto", *DTYPES):
        raise DeviceError(f'dtype "{dtype}" is not known', f"known: auto, {', '.join(DTYPES)}")
    device = _find(wanted, list_devices())
    if dtype == "auto":
        note = "" if FLOAT64 in device.dtypes else f"{device.name} has no float64: compared in float32"
        return DeviceChoice(device.name, device.dtypes[0], note)
    if dtype in device.dtypes:
        return DeviceChoice(device.name, dtype)
    return DeviceChoice("cpu", dtype, f"{device.name} has no {dtype}: computed on the CPU instead")


def _find(wanted: str, devices: list[Device]) -> Device:
    if wanted == "auto":
        return devices[1] if len(devices) > 1 else devices[0]
    for device in devices:
        if wanted in (device.name, device.name.partition(":")[0]):  # "cuda" is the first of them
            return device
    names = ", ".join(device.name for device in devices)
    raise DeviceError(f'there is no device "{wanted}"', f"available here: {names}")
