"""The survey of a machine as a stream of lines: devices and drivers at once, then PyTorch, then the advice."""

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from engine.devices.advice import Advice
from engine.devices.ask import ask_torch
from engine.devices.diagnosis import advise
from engine.devices.facts import Cpu, Gpu, Host, Nvidia, Situation, Torch, TorchDevice
from engine.devices.host import read_host
from engine.devices.nvidia import read_nvidia
from engine.devices.table import Capability
from engine.devices.visible import VARIABLE, visible_gpus


class DeviceLine(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="device"):
    """A processor or GPU. None and empty: not known, or not applicable to this kind."""

    kind: Literal["cpu", "gpu"]
    id: str
    """cpu, NVML's number (gpu0), or PyTorch's name (mps)."""
    title: str
    cores: int | None = None
    threads: int | None = None
    blas: str = ""
    blas_threads: int | None = None
    memory_total_bytes: int | None = None
    memory_used_bytes: int | None = None
    compute_capability: Capability | None = None
    driver: str = ""
    cuda: str = ""
    """The newest CUDA that the driver runs, 13.0."""
    load_percent: int | None = None
    temperature_c: int | None = None
    power_w: float | None = None
    uuid: str = ""
    visible: bool = True
    """False if `CUDA_VISIBLE_DEVICES` hides it from this process."""
    mig: bool = False
    problem: str = ""


Line = DeviceLine | Host | Nvidia | Torch | Advice


def survey(
    ask: Callable[[], Torch] = ask_torch,
    host: Callable[[], Host] = read_host,
    nvidia: Callable[[], Nvidia] = read_nvidia,
    cpu: Callable[[], Cpu] | None = None,
) -> Iterator[Line]:
    """Yield the devices, the facts of system and driver, PyTorch's facts, the devices that only it lists, and the advice.

    The lines `host`, `nvidia` and `torch` hold all the facts behind the advice, which can be derived from them on another
    machine.

    Args:
        ask: returns PyTorch's facts.
        host: returns the operating system's.
        nvidia: returns NVML's.
        cpu: returns the processor's; None: `read_cpu`.
    """
    situation = Situation(host=host(), cpu=(cpu or _read_cpu)(), nvidia=nvidia())
    yield _cpu_line(situation.cpu)
    yield from _gpu_lines(situation)
    yield situation.host
    yield situation.nvidia
    torch = ask()
    yield torch
    yield from (_torch_line(device) for device in torch.devices if _is_news(device, situation.nvidia))
    yield from advise(msgspec.structs.replace(situation, torch=torch))


def _read_cpu() -> Cpu:
    from engine.devices.cpu import read_cpu

    return read_cpu()


def _cpu_line(cpu: Cpu) -> DeviceLine:
    return DeviceLine(
        kind="cpu",
        id="cpu",
        title=cpu.name,
        cores=cpu.cores,
        threads=cpu.threads,
        blas=cpu.blas,
        blas_threads=cpu.blas_threads,
        memory_total_bytes=cpu.memory_total_bytes,
        memory_used_bytes=cpu.memory_used_bytes,
    )


def _gpu_lines(situation: Situation) -> Iterator[DeviceLine]:
    nvidia = situation.nvidia
    seen = visible_gpus(nvidia.gpus, situation.host.environment.get(VARIABLE)).gpus
    for gpu in nvidia.gpus:
        yield _gpu_line(gpu, nvidia, gpu in seen)


def _gpu_line(gpu: Gpu, nvidia: Nvidia, visible: bool) -> DeviceLine:
    return DeviceLine(
        kind="gpu",
        id=f"gpu{gpu.index}",
        title=gpu.name,
        memory_total_bytes=gpu.memory_total_bytes,
        memory_used_bytes=gpu.memory_used_bytes,
        compute_capability=gpu.capability,
        driver=nvidia.driver,
        cuda=nvidia.cuda,
        load_percent=gpu.load_percent,
        temperature_c=gpu.temperature_c,
        power_w=gpu.power_w,
        uuid=gpu.uuid,
        visible=visible,
        mig=gpu.mig,
        problem=gpu.problem,
    )


def _is_news(device: TorchDevice, nvidia: Nvidia) -> bool:
    """True if only PyTorch lists a device: NVML lists NVIDIA's."""
    return device.name != "cpu" and not (device.name.startswith("cuda") and nvidia.gpus)


def _torch_line(device: TorchDevice) -> DeviceLine:
    total, free = device.memory_total_bytes, device.memory_free_bytes
    return DeviceLine(
        kind="gpu",
        id=device.name,
        title=device.title,
        memory_total_bytes=total,
        memory_used_bytes=None if total is None or free is None else total - free,
        compute_capability=device.capability,
        uuid=device.uuid,
    )


def torch_name(line: DeviceLine, torch: Torch) -> TorchDevice | None:
    """Return PyTorch's device for a line, None if PyTorch does not list it."""
    if line.kind == "cpu":
        return next((device for device in torch.devices if device.name == "cpu"), None)
    for device in torch.devices:
        if line.id == device.name or (line.uuid and line.uuid == device.uuid):
            return device
    return None
