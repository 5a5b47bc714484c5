"""The facts about a machine as frozen structs, the input of the diagnosis and lines of the JSON stream."""

import msgspec

from engine.devices.table import Capability

READY = "ready"
"""State of a working NVML; the others are listed at `Nvidia.state`."""
PASSED = "passed"
"""Result of a smoke test that succeeded."""


class Host(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="host"):
    """The machine and its operating system, with their information on GPUs that needs no driver library."""

    system: str = "Linux"
    """From `platform.system()`: Linux, Darwin, Windows."""
    machine: str = "x86_64"
    """From `platform.machine()`: x86_64, aarch64, arm64."""
    wsl: bool = False
    """Linux inside Windows."""
    wsl_gpu: bool = False
    """Windows shares its GPU with WSL: /dev/dxg exists."""
    container: bool = False
    translated: bool = False
    """An Intel Python on an Apple processor, through Rosetta."""
    nvidia_on_bus: int = 0
    """Number of NVIDIA's GPUs on the PCI bus, with or without a driver."""
    nvidia_nodes: bool = False
    """A device file /dev/nvidiaN, or WSL's libcuda, exists."""
    nvidia_names: tuple[str, ...] = ()
    """Models of the GPUs that NVIDIA's kernel module lists in /proc."""
    kernel_driver: str = ""
    """The version of NVIDIA's kernel module; empty if none is loaded."""
    amd_on_bus: int = 0
    amd_node: bool = False
    """/dev/kfd exists: the kernel offers an AMD GPU for computing."""
    environment: dict[str, str] = {}
    """The variables, of those that select GPUs, that are set."""


class Cpu(msgspec.Struct, frozen=True, kw_only=True):
    """The processor and NumPy's matrix library."""

    name: str = ""
    cores: int = 1
    """Physical cores."""
    threads: int = 1
    """Logical cores that this process may use."""
    blas: str = ""
    """Name, version and kernel: openblas 0.3.31 Haswell."""
    blas_threads: int = 1
    """Threads of the matrix library, set by nnterm."""
    memory_total_bytes: int = 0
    memory_used_bytes: int = 0


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """A GPU listed by NVML, hidden ones included. None: not reported by this GPU."""

    index: int
    """Number in NVML's order, that of the PCI bus."""
    name: str
    uuid: str = ""
    memory_total_bytes: int | None = None
    memory_used_bytes: int | None = None
    capability: Capability | None = None
    load_percent: int | None = None
    """Share of the recent time in which a kernel ran."""
    temperature_c: int | None = None
    power_w: float | None = None
    mig: bool = False
    """The GPU is in Multi-Instance GPU mode."""
    mig_uuids: tuple[str, ...] = ()
    problem: str = ""
    """NVML's error for this GPU, e.g. GPU is lost."""


class Nvidia(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="nvidia"):
    """The facts from NVIDIA's management library."""

    state: str = READY
    """ready; no_package: nvidia-ml-py is missing; no_library: no driver; not_loaded; mismatch; no_permission; failed."""
    message: str = ""
    driver: str = ""
    cuda: str = ""
    """The newest CUDA that the driver runs, 13.0; independent of what is installed."""
    gpus: tuple[Gpu, ...] = ()


class TorchDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device that this PyTorch lists."""

    name: str
    """The value for `--device`: cpu, cuda:0, mps, xpu:0."""
    title: str = ""
    dtypes: tuple[str, ...] = ()
    capability: Capability | None = None
    uuid: str = ""
    memory_total_bytes: int | None = None
    memory_free_bytes: int | None = None
    smoke: str = ""
    """Result of the smoke test: passed, or the error; empty: not run."""


class Torch(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="torch"):
    """PyTorch's facts about itself, from a separate process."""

    installed: bool = True
    error: str = ""
    """The reason that it cannot be imported or did not answer."""
    version: str = ""
    cuda: str = ""
    """The CUDA it was built with, empty for CPU, ROCm, XPU and Apple builds."""
    hip: str = ""
    """The ROCm it was built with."""
    xpu: bool = False
    """Built for Intel's GPUs."""
    architectures: tuple[str, ...] = ()
    """Architectures of its kernels: sm_90, compute_120; empty in CPU builds."""
    accelerator: str = ""
    """Kind of accelerator it was built for: cuda, mps, xpu; empty in CPU builds."""
    available: bool = False
    """True if a device of that kind is present and answers."""
    devices: tuple[TorchDevice, ...] = ()
    warnings: tuple[str, ...] = ()
    """Its warnings, one line each."""


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """A machine as a whole."""

    host: Host = Host()
    cpu: Cpu = Cpu()
    nvidia: Nvidia = Nvidia()
    torch: Torch = Torch()
