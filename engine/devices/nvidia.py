"""NVIDIA's GPUs through NVML by the package nvidia-ml-py, imported on first use."""

import contextlib
import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from engine.devices.facts import READY, Gpu, Nvidia

_STATES = {
    "NVMLError_LibraryNotFound": "no_library",
    "NVMLError_DriverNotLoaded": "not_loaded",
    "NVMLError_LibRmVersionMismatch": "mismatch",
    "NVMLError_NoPermission": "no_permission",
}


class GpuReader:
    """Reads NVML repeatedly; owns the library's state, and loads it on the first read. Not thread-safe."""

    def __init__(self) -> None:
        self._nvml: Any = None

    def read(self) -> Nvidia:
        """Return NVML's current facts; every failure is a state, never an exception."""
        try:
            if self._nvml is None:
                nvml = importlib.import_module("pynvml")
                nvml.nvmlInit()
                self._nvml = nvml
            return _ask(self._nvml)
        except ImportError:
            return Nvidia(state="no_package", message="nvidia-ml-py is not installed")
        except (
            Exception
        ) as error:  # NVMLError exists only once the package is imported; a broken driver raises others
            state = _STATES.get(type(error).__name__, "failed")
            return Nvidia(state=state, message=str(error))

    def close(self) -> None:
        """Shut NVML down."""
        if self._nvml is not None:
            with contextlib.suppress(Exception):
                self._nvml.nvmlShutdown()
            self._nvml = None


def read_nvidia() -> Nvidia:
    """Return NVML's current facts, read once."""
    reader = GpuReader()
    try:
        return reader.read()
    finally:
        reader.close()


def _ask(nvml: Any) -> Nvidia:
    count = nvml.nvmlDeviceGetCount()
    return Nvidia(
        state=READY,
        driver=_text(nvml.nvmlSystemGetDriverVersion()),
        cuda=_try(nvml, lambda: _cuda(nvml.nvmlSystemGetCudaDriverVersion_v2())) or "",
        gpus=tuple(_gpu(nvml, index) for index in range(count)),
    )


def _gpu(nvml: Any, index: int) -> Gpu:
    """Return one GPU; values that it does not report are None."""
    try:
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
        gpu = Gpu(
            index=index,
            name=_text(nvml.nvmlDeviceGetName(handle)),
            uuid=_text(_try(nvml, lambda: nvml.nvmlDeviceGetUUID(handle)) or ""),
            capability=_try(nvml, lambda: tuple(nvml.nvmlDeviceGetCudaComputeCapability(handle))),
        )
    except nvml.NVMLError as error:  # lost from the bus, or no permission
        return Gpu(index=index, name="NVIDIA GPU", problem=str(error))
    memory = _try(nvml, lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
    power_mw = _try(nvml, lambda: nvml.nvmlDeviceGetPowerUsage(handle))
    mode = _try(nvml, lambda: nvml.nvmlDeviceGetMigMode(handle)[0])
    return msgspec.structs.replace(
        gpu,
        memory_total_bytes=None if memory is None else int(memory.total),
        memory_used_bytes=None if memory is None else int(memory.used),
        load_percent=_try(nvml, lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu),
        temperature_c=_try(nvml, lambda: _temperature(nvml, handle)),
        power_w=None if power_mw is None else power_mw / 1000,
        mig=bool(mode),
        mig_uuids=_instances(nvml, handle) if mode else (),
    )


def _temperature(nvml: Any, handle: Any) -> int:
    """Return the temperature in °C, by the call of CUDA 13's drivers or the older one."""
    newer = getattr(nvml, "nvmlDeviceGetTemperatureV", None)
    if newer is not None:
        with contextlib.suppress(nvml.NVMLError):
            return int(newer(handle, nvml.NVML_TEMPERATURE_GPU))
    return int(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))


def _instances(nvml: Any, handle: Any) -> tuple[str, ...]:
    """Return the UUIDs of a GPU's MIG instances."""
    most = _try(nvml, lambda: nvml.nvmlDeviceGetMaxMigDeviceCount(handle)) or 0
    found = (_try(nvml, partial(_instance, nvml, handle, index)) for index in range(most))
    return tuple(uuid for uuid in found if uuid)


def _instance(nvml: Any, handle: Any, index: int) -> str:
    return _text(nvml.nvmlDeviceGetUUID(nvml.nvmlDeviceGetMigDeviceHandleByIndex(handle, index)))


def _try(nvml: Any, question: Callable[[], Any]) -> Any:
    """Return the answer, None if this GPU or driver has none."""
    try:
        return question()
    except (nvml.NVMLError, AttributeError):
        return None


def _cuda(number: int) -> str:
    """Return the version 13.0 for 13000: major * 1000 + minor * 10."""
    return f"{number // 1000}.{number % 1000 // 10}"


def _text(value: str | bytes) -> str:
    """Return text; older bindings give bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
