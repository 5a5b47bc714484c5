"""What PyTorch says of itself and its devices, and a small product on each: plain facts, judged elsewhere."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import msgspec

from engine.devices.facts import PASSED, Torch, TorchDevice
from engine.torch.devices.choose import Device, cpu_device, list_devices
from engine.torch.library import NoTwinError, load_torch

SIDE = 64
"""Rows and columns of the smoke test's matrices: enough for a real kernel of the matrix library."""
LONGEST_WORDS = 300


def torch_facts() -> Torch:
    """Return what PyTorch says; where it is missing or broken, that."""
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
    """The devices; the processor alone and what went wrong, where the others cannot be started."""
    try:
        return tuple(_facts(torch, device) for device in list_devices()), []
    except Exception as error:  # CUDA says that a GPU is there, and fails when it is first asked
        return (_facts(torch, cpu_device(torch)),), [_first_line(str(error))]


def smoke_test(facts: Torch) -> Torch:
    """Return the facts with what became of a small product on each accelerator."""
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
    """Multiply two small matrices on a device, and return "passed" or what went wrong."""
    try:
        ones = torch.ones((SIDE, SIDE), dtype=torch.float32, device=name)
        total = float((ones @ ones).sum().item())  # reading the value waits for the kernels
    except Exception as error:  # PyTorch raises RuntimeError, AcceleratorError, OutOfMemoryError, by version
        return _first_line(str(error)) or type(error).__name__
    return PASSED if total == SIDE**3 else f"a sum of {SIDE**3} came out as {total:g}"


def _accelerator(torch: Any) -> str:
    """The kind of accelerator that PyTorch was built for, whether one is here or not; empty for none."""
    accelerator = getattr(torch, "accelerator", None)  # since torch 2.6
    kind = accelerator.current_accelerator() if accelerator is not None else None
    return "" if kind is None else str(kind.type)


def _facts(torch: Any, device: Device) -> TorchDevice:
    """A device with what its kind tells; what it does not tell stays out."""
    facts = TorchDevice(name=device.name, title=device.title, dtypes=device.dtypes)
    kind, _, index = device.name.partition(":")
    if not index:
        return facts
    more: dict[str, Any] = {}
    if kind == "cuda":
        properties = torch.cuda.get_device_properties(int(index))
        more["memory_total_bytes"] = int(properties.total_memory)
        if not torch.version.hip:  # AMD's numbers are no compute capabilities
            more["capability"] = (int(properties.major), int(properties.minor))
            more["uuid"] = _uuid(properties)
    with contextlib.suppress(Exception):  # it starts the device, which can fail in many ways
        free, total = getattr(torch, kind).mem_get_info(int(index))
        more |= {"memory_free_bytes": int(free), "memory_total_bytes": int(total)}
    return msgspec.structs.replace(facts, **more)


def _uuid(properties: Any) -> str:
    """As NVML writes it."""
    uuid = str(getattr(properties, "uuid", ""))
    return f"GPU-{uuid}" if uuid and not uuid.startswith(("GPU-", "MIG-")) else uuid


@contextlib.contextmanager
def _caught() -> Iterator[list[warnings.WarningMessage]]:
    """Collect PyTorch's warnings, of an old driver for example, which are part of the answer."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def _reason(error: NoTwinError) -> str:
    return _first_line(error.message.removeprefix("PyTorch cannot be loaded: "))


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:LONGEST_WORDS]
