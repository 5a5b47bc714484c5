"""Rules on NVIDIA's driver: its presence, its answers, and its device files."""

from collections.abc import Iterator

from engine.devices.advice import Advice, error, info, warning
from engine.devices.facts import READY
from engine.devices.view import DeviceView

BINDINGS = "nvidia-ml-py"
NEARLY_FULL_BYTES = 512 * 2**20
"""A CUDA context alone takes some 300 to 500 MB."""


def nvml_missing(view: DeviceView) -> Iterator[Advice]:
    """The Python package that reads memory, load and temperature is not installed."""
    if view.nvidia.state == "no_package" and view.has_nvidia:
        message = f"memory, load and temperature of {view.name} are not known: {BINDINGS} is not installed"
        yield info("nvml-missing", message, f"pip install {BINDINGS}")


def driver_mismatch(view: DeviceView) -> Iterator[Advice]:
    """The driver was updated and its old kernel module is still loaded."""
    if view.nvidia.state == "mismatch":
        message = (
            "NVIDIA's driver was updated while its old kernel module"
            f"{' ' + view.host.kernel_driver if view.host.kernel_driver else ''} is still loaded "
            "(NVML: Driver/library version mismatch): no GPU can be used until a restart"
        )
        yield error("driver-mismatch", message, "sudo reboot")


def driver_missing(view: DeviceView) -> Iterator[Advice]:
    """A GPU in the machine without a working driver."""
    if view.nvidia.state in (READY, "mismatch") or view.nvidia_works or view.cuda_devices:
        return
    if not view.has_nvidia or _is_cut_off(view):
        return
    module = view.host.kernel_driver
    if not module:
        yield error(
            "driver-missing", f"{view.name} is present, but NVIDIA's driver is not loaded: install it"
        )
    elif view.nvidia.state == "no_library":
        message = (
            f"NVIDIA's kernel module {module} is loaded, and its library (libnvidia-ml.so.1) is not installed"
        )
        yield error("driver-library", message)
    else:
        yield error("driver-failed", f"NVIDIA's driver {module} does not answer: {view.nvidia.message}")


def cut_off(view: DeviceView) -> Iterator[Advice]:
    """A GPU in the machine that this container or session has no access to."""
    if not _is_cut_off(view):
        return
    if view.host.container:
        message = (
            "the machine has an NVIDIA GPU, and this container was started without it (no /dev/nvidia0): "
            "start it with the NVIDIA Container Toolkit"
        )
        yield error("container", message, "docker run --gpus all ...")
    else:
        message = (
            "NVIDIA's driver is loaded, but /dev/nvidia0 is missing: the device files were not created, "
            "or the batch system assigned no GPU"
        )
        yield error("device-files", message, "sudo nvidia-modprobe -u -c=0")


def _is_cut_off(view: DeviceView) -> bool:
    """True if the kernel has NVIDIA's module, but its device files are missing."""
    host = view.host
    known = bool(host.kernel_driver or host.nvidia_names or (host.container and host.nvidia_on_bus))
    return known and not host.nvidia_nodes and not host.wsl and view.nvidia.state != READY


def wsl(view: DeviceView) -> Iterator[Advice]:
    """Linux inside Windows, where the driver is Windows's own."""
    if view.host.wsl and not view.nvidia.gpus and not view.cuda_devices:
        if view.host.wsl_gpu:
            message = (
                "WSL uses the GPU of Windows, and NVIDIA's driver is missing: install or update it in Windows "
                "(not in WSL), then restart WSL"
            )
            yield warning("wsl-driver", message, "wsl.exe --shutdown")
        else:
            message = "WSL shows no GPU (/dev/dxg): WSL 2, a Windows driver and a GPU are required"
            yield info("wsl-no-gpu", message, "wsl.exe --update")


def gpu_problems(view: DeviceView) -> Iterator[Advice]:
    """GPUs that do not answer NVML."""
    for gpu in view.nvidia.gpus:
        if gpu.problem:
            message = (
                f"GPU {gpu.index} ({gpu.name}) does not answer: {gpu.problem}; a restart may bring it back"
            )
            yield error("gpu-lost", message)


def memory(view: DeviceView) -> Iterator[Advice]:
    """Visible GPUs with nearly full memory."""
    for gpu in view.visible.gpus:
        if gpu.memory_total_bytes and gpu.memory_used_bytes is not None:
            free = gpu.memory_total_bytes - gpu.memory_used_bytes
            if free < NEARLY_FULL_BYTES:
                message = (
                    f"GPU {gpu.index} ({gpu.name}) has {max(0, free) / 2**20:.0f} MiB free of "
                    f"{gpu.memory_total_bytes / 2**20:,.0f}: other processes use it, and training would run out of memory"
                )
                yield warning("memory-full", message, "nvidia-smi")


def mig(view: DeviceView) -> Iterator[Advice]:
    """GPUs in MIG mode."""
    for gpu in view.visible.gpus:
        if gpu.mig and not gpu.mig_uuids:
            message = (
                f"GPU {gpu.index} ({gpu.name}) is in MIG mode and has no instance: PyTorch cannot use it"
            )
            yield error("mig-empty", message, f"sudo nvidia-smi -i {gpu.index} -mig 0")
        elif gpu.mig:
            message = (
                f"GPU {gpu.index} ({gpu.name}) is divided into {len(gpu.mig_uuids)} MIG instances: "
                "a process uses one of them, by default the first"
            )
            yield info("mig", message, f"export CUDA_VISIBLE_DEVICES={gpu.mig_uuids[0]}")
