"""What was found on a machine: plain frozen structs, which the diagnosis judges and JSON lines carry."""

import msgspec

from engine.devices.table import Capability

READY = "ready"
"""What NVML answers where all is well; the other states are those of `Nvidia.state`."""
PASSED = "passed"
"""The smoke test of a device that computed what it should."""


class Host(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="host"):
    """The machine, the operating system, and what they know of GPUs without asking a driver's library."""

    system: str = "Linux"
    """As `platform.system()` says: Linux, Darwin, Windows."""
    machine: str = "x86_64"
    """As `platform.machine()` says: x86_64, aarch64, arm64."""
    wsl: bool = False
    """Linux inside Windows."""
    wsl_gpu: bool = False
    """Windows lends its GPU to WSL: /dev/dxg is there."""
    container: bool = False
    translated: bool = False
    """An Intel Python on an Apple processor, through Rosetta."""
    nvidia_on_bus: int = 0
    """GPUs of NVIDIA on the PCI bus, whether a driver knows them or not."""
    nvidia_nodes: bool = False
    """/dev/nvidiactl and a /dev/nvidiaN are there."""
    nvidia_names: tuple[str, ...] = ()
    """The GPUs that NVIDIA's kernel module lists in /proc."""
    kernel_driver: str = ""
    """The version of NVIDIA's kernel module, empty where none is loaded."""
    amd_on_bus: int = 0
    amd_node: bool = False
    """/dev/kfd is there: the kernel offers an AMD GPU for computing."""
    environment: dict[str, str] = {}
    """The variables that decide what a process sees, those that are set."""


class Cpu(msgspec.Struct, frozen=True, kw_only=True):
    """The processor, and the matrix library that NumPy has on it."""

    name: str = ""
    cores: int = 1
    """Physical ones."""
    threads: int = 1
    """Logical ones that this process may use."""
    blas: str = ""
    """Name, version and kernel: openblas 0.3.31 Haswell."""
    blas_threads: int = 1
    """As nnterm sets it."""
    memory_total_bytes: int = 0
    memory_used_bytes: int = 0


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """A GPU as NVML sees it, all of them, hidden ones too. None: this GPU does not tell."""

    index: int
    """In NVML's order, that of the PCI bus."""
    name: str
    uuid: str = ""
    memory_total_bytes: int | None = None
    memory_used_bytes: int | None = None
    capability: Capability | None = None
    load_percent: int | None = None
    """Share of the last moments in which a kernel ran."""
    temperature_c: int | None = None
    power_w: float | None = None
    mig: bool = False
    """The GPU is cut into instances (Multi-Instance GPU)."""
    mig_uuids: tuple[str, ...] = ()
    problem: str = ""
    """Why NVML could not be asked about it, e.g. GPU is lost."""


class Nvidia(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="nvidia"):
    """What NVIDIA's management library says."""

    state: str = READY
    """ready; no_package: nvidia-ml-py is missing; no_library: no driver; not_loaded; mismatch; no_permission; failed."""
    message: str = ""
    driver: str = ""
    cuda: str = ""
    """The newest CUDA that the driver runs, 13.0; says nothing about what is installed."""
    gpus: tuple[Gpu, ...] = ()


class TorchDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device that this PyTorch names."""

    name: str
    """As `--device` takes it: cpu, cuda:0, mps, xpu:0."""
    title: str = ""
    dtypes: tuple[str, ...] = ()
    capability: Capability | None = None
    uuid: str = ""
    memory_total_bytes: int | None = None
    memory_free_bytes: int | None = None
    smoke: str = ""
    """passed, the error of a small product, or empty: not tried."""


class Torch(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="torch"):
    """What PyTorch says of itself, from a process of its own."""

    installed: bool = True
    error: str = ""
    """Why it cannot be imported or did not answer."""
    version: str = ""
    cuda: str = ""
    """The CUDA it was built with, empty for CPU, ROCm, XPU and Apple builds."""
    hip: str = ""
    """The ROCm it was built with."""
    xpu: bool = False
    """Built for Intel's GPUs."""
    architectures: tuple[str, ...] = ()
    """What its kernels were compiled for: sm_90, compute_120; empty in CPU builds."""
    accelerator: str = ""
    """The kind it was built for: cuda, mps, xpu; empty in CPU builds."""
    available: bool = False
    """Whether a device of that kind is here and answers."""
    devices: tuple[TorchDevice, ...] = ()
    warnings: tuple[str, ...] = ()
    """What it complained of on the way, a line each."""


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """A machine as a whole."""

    host: Host = Host()
    cpu: Cpu = Cpu()
    nvidia: Nvidia = Nvidia()
    torch: Torch = Torch()
