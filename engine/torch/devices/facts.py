"""PyTorch's version, build and devices as plain facts, and a small product on each device as a test."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import msgspec

from engine.devices.facts import PASSED, Torch, TorchDevice
from engine.torch.devices.choose import Device, cpu_device, list_devices
from engine.torch.library import NoTwinError, load_torch

SIDE = 64
"""Rows and columns of the smoke test's matrices, large enough for a kernel of the matrix library."""
LONGEST_WORDS = 300


def torch_facts() -> Torch:
    """Return PyTorch's facts; if it is missing or cannot be imported, `installed` or `error` says so."""
    with _caught() as caught:
        try:
            torch = load_torch()
        except NoTwinError as error:
            missing = "not installed" in error.message
            return Torch(installed=not missing, error="" if missing else _reason(error))
        accelerator = _accelerator(torch)
        devices, trouble = _devices(torch)
        messages = [_first_line(str(one.message)) for one in caught]
        return Torch(
            version=str(torch.__version__),
            cuda=torch.version.cuda or "",
            hip=torch.version.hip or "",
            xpu=bool(getattr(torch.version, "xpu", None)),
            architectures=tuple(torch.cuda.get_arch_list()),
            accelerator=accelerator,
            available=len(devices) > 1,
            devices=devices,
            warnings=tuple(dict.fromkeys([*trouble, *messages])),
        )


def _devices(torch: Any) -> tuple[tuple[TorchDevice, ...], list[str]]:
    """Return the devices; the CPU alone and the error if the others cannot be started."""
    try:
        return tuple(_facts(torch, device) for device in list_devices()), []
    except Exception as error:  # CUDA may report a GPU and fail on its first use
        return (_facts(torch, cpu_device(torch)),), [_first_line(str(error))]


def smoke_test(facts: Torch) -> Torch:
    """Return the facts with the result of a small product on each accelerator."""
    if facts.error or not facts.installed:
        return facts
    torch = load_torch()
    with _caught():
        devices = tuple(_tried(torch, device) for device in facts.devices)
    return msgspec.structs.replace(facts, devices=devices)


def _tried(torch: Any, device: TorchDevice) -> TorchDevice:
    return (
        device
        if device.name == "cpu"
        else msgspec.structs.replace(device, smoke=multiply_on(torch, device.name))
    )


def multiply_on(torch: Any, name: str) -> str:
    """Multiply two small matrices on the device `name`, and return "passed" or the error."""
    try:
        ones = torch.ones((SIDE, SIDE), dtype=torch.float32, device=name)
        total = float((ones @ ones).sum().item())  # reading the value waits for the kernels
    except Exception as error:  # PyTorch raises RuntimeError, AcceleratorError, OutOfMemoryError, by version
        return _first_line(str(error)) or type(error).__name__
    return PASSED if total == SIDE**3 else f"a sum of {SIDE**3} came out as {total:g}"


def _accelerator(torch: Any) -> str:
    """Return the kind of accelerator that PyTorch was built for, present or not; empty for none."""
    accelerator = getattr(torch, "accelerator", None)  # since torch 2.6
    kind = accelerator.current_accelerator() if accelerator is not None else None
    return "" if kind is None else str(kind.type)


def _facts(torch: Any, device: Device) -> TorchDevice:
    """Return a device with the facts that its kind reports."""
    facts = TorchDevice(name=device.name, title=device.title, dtypes=device.dtypes)
    kind, _, index = device.name.partition(":")
    if not index:
        return facts
    more: dict[str, Any] = {}
    if kind == "cuda":
        properties = torch.cuda.get_device_properties(int(index))
        more["memory_total_bytes"] = int(properties.total_memory)
        if not torch.version.hip:  # AMD's numbers are not compute capabilities
            more["capability"] = (int(properties.major), int(properties.minor))
            more["uuid"] = _uuid(properties)
    with contextlib.suppress(Exception):  # starts the device, which can fail in many ways
        free, total = getattr(torch, kind).mem_get_info(int(index))
        more |= {"memory_free_bytes": int(free), "memory_total_bytes": int(total)}
    return msgspec.structs.replace(facts, **more)


def _uuid(properties: Any) -> str:
    """Return the UUID in NVML's form."""
    uuid = str(getattr(properties, "uuid", ""))
    return f"GPU-{uuid}" if uuid and not uuid.startswith(("GPU-", "MIG-")) else uuid


@contextlib.contextmanager
def _caught() -> Iterator[list[warnings.WarningMessage]]:
    """Collect PyTorch's warnings within the block, for example on an old driver; they are part of the facts."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def _reason(error: NoTwinError) -> str:
    return _first_line(error.message.removeprefix("PyTorch cannot be loaded: "))


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:LONGEST_WORDS]
