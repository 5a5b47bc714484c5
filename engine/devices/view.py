"""The facts that the rules of the diagnosis derive from a situation."""

from functools import cached_property

from engine.devices.facts import READY, Gpu, Situation, TorchDevice
from engine.devices.table import Capability, Version
from engine.devices.versions import parse_version
from engine.devices.visible import VARIABLE, Visible, visible_gpus
from engine.devices.wheels import FittingWheel, best_fit, index_of


class DeviceView:
    """A situation with derived facts, computed on first use; owned by one diagnosis."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.host, self.nvidia, self.torch = situation.host, situation.nvidia, situation.torch

    @cached_property
    def visible(self) -> Visible:
        """NVML's GPUs that `CUDA_VISIBLE_DEVICES` leaves visible."""
        return visible_gpus(self.nvidia.gpus, self.host.environment.get(VARIABLE))

    @cached_property
    def relevant_gpus(self) -> tuple[Gpu, ...]:
        """The GPUs that a build must support: the visible ones, or all if none is visible."""
        return self.visible.gpus or self.nvidia.gpus

    @property
    def has_nvidia(self) -> bool:
        """True if any source lists a GPU of NVIDIA."""
        host = self.host
        return bool(self.nvidia.gpus or host.nvidia_on_bus or host.nvidia_names or self.cuda_devices)

    @property
    def nvidia_works(self) -> bool:
        """True if NVIDIA's driver answers, so that only PyTorch is left to fit."""
        return bool(self.nvidia.state == READY and self.nvidia.gpus) or (
            self.nvidia.state == "no_package" and self.host.nvidia_nodes and bool(self.host.kernel_driver)
        )

    @property
    def cuda_devices(self) -> tuple[TorchDevice, ...]:
        """NVIDIA's GPUs in PyTorch's list; empty for a ROCm build, which gives AMD's the same names."""
        return () if self.torch.hip else self._of_kind("cuda")

    def _of_kind(self, kind: str) -> tuple[TorchDevice, ...]:
        return tuple(device for device in self.torch.devices if device.name.partition(":")[0] == kind)

    @property
    def accelerators(self) -> tuple[TorchDevice, ...]:
        """PyTorch's devices without the processor."""
        return tuple(device for device in self.torch.devices if device.name != "cpu")

    @cached_property
    def driver(self) -> Version:
        """The version of NVIDIA's driver; empty if unknown."""
        return parse_version(self.nvidia.driver or self.host.kernel_driver)

    @cached_property
    def capabilities(self) -> tuple[Capability, ...]:
        """The known compute capabilities that a build must support."""
        of_nvml = tuple(gpu.capability for gpu in self.relevant_gpus if gpu.capability is not None)
        of_torch = tuple(one.capability for one in self.cuda_devices if one.capability is not None)
        return of_nvml or of_torch

    @property
    def name(self) -> str:
        """The relevant GPUs in words: NVIDIA A100, or 4 NVIDIA GPUs."""
        names = [gpu.name for gpu in self.relevant_gpus] or list(self.host.nvidia_names)
        names = names or [device.title for device in self.cuda_devices]
        return names[0] if len(names) == 1 else f"{len(names) or self.host.nvidia_on_bus or 1} NVIDIA GPUs"

    @property
    def build(self) -> str:
        """PyTorch's build by its name in the package index: cu126, cpu, rocm7.2, xpu."""
        torch = self.torch
        if torch.hip:
            return "rocm" + ".".join(torch.hip.split(".")[:2])
        if torch.cuda:
            return "cu" + "".join(torch.cuda.split(".")[:2])
        return "xpu" if torch.xpu else "cpu"

    @property
    def title(self) -> str:
        """PyTorch and its build in words: PyTorch 2.13.0 (cu126)."""
        return f"PyTorch {self.torch.version.partition('+')[0]} ({self.build})"

    def fit(self, other_than: str = "") -> FittingWheel | None:
        """Return the build to install for the relevant GPUs and the driver; None if none fits."""
        installed = self.torch.version if self.torch.installed else ""
        return best_fit(self.host.machine, self.driver, self.capabilities, installed, other_than)

    def install(self) -> str:
        """Return the pip command for a machine without PyTorch: the newest build that fits."""
        if self.host.system == "Darwin":
            return "pip install torch"
        build = "cpu"
        if self.nvidia_works and (fit := best_fit(self.host.machine, self.driver, self.capabilities)):
            build = fit.toolkit
        return f"pip install torch --index-url {index_of(build)}"
