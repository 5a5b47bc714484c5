"""Typical machines, each with its expected advice: codes in order, and the command of the first."""

from typing import Any, NamedTuple

from engine.devices import Cpu, Gpu, Host, Nvidia, Situation, Torch, TorchDevice
from engine.devices.facts import PASSED

GIB = 2**30
OLD = ("sm_50", "sm_60", "sm_70", "sm_75", "sm_80", "sm_86", "sm_90")
CU128 = ("sm_70", "sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120")
TURING = CU128[1:]
INDEX = "https://download.pytorch.org/whl"
NO_KERNEL = "CUDA error: no kernel image is available for execution on the device"
TOO_OLD = "CUDA initialization: The NVIDIA driver on your system is too old (found version 12020)."


class Case(NamedTuple):
    """A machine and its expected advice."""

    situation: Situation
    codes: tuple[str, ...]
    command: str = ""
    """The command of the first advice."""
    words: tuple[str, ...] = ()
    """A part of the first advice's message."""


def gpu(name: str, capability: tuple[int, int] | None, index: int = 0, **more: Any) -> Gpu:
    """Return a GPU, idle and cool."""
    usual = {"memory_total_bytes": 24 * GIB, "memory_used_bytes": GIB, "load_percent": 0, "temperature_c": 40}
    return Gpu(index=index, name=name, uuid=f"GPU-{index:04x}", capability=capability, **{**usual, **more})


def nvidia(driver: str, *gpus: Gpu) -> Nvidia:
    """Return NVML's facts on a working machine."""
    return Nvidia(driver=driver, cuda="13.0", gpus=gpus)


def with_nvidia(driver: str = "", **more: Any) -> Host:
    """Return a Linux machine with a GPU and its device files."""
    usual = {"nvidia_on_bus": 1, "nvidia_nodes": True, "kernel_driver": driver}
    return Host(**{**usual, **more})


def torch(version: str, architectures: tuple[str, ...] = (), *devices: TorchDevice, **more: Any) -> Torch:
    """Return PyTorch with these accelerators; the build is in its local version: 2.13.0+cu126."""
    build = version.partition("+")[2]
    cuda = f"{build[2:4]}.{build[4:]}" if build.startswith("cu") else ""
    usual = {
        "cuda": cuda,
        "architectures": architectures,
        "accelerator": "cuda" if cuda else "",
        "available": bool(devices),
        "devices": (TorchDevice(name="cpu"), *devices),
    }
    return Torch(version=version, **{**usual, **more})


def cuda(index: int, title: str, capability: tuple[int, int], smoke: str = PASSED) -> TorchDevice:
    """Return an NVIDIA GPU in PyTorch's list."""
    return TorchDevice(
        name=f"cuda:{index}", title=title, capability=capability, uuid=f"GPU-{index:04x}", smoke=smoke
    )


def machine(host: Host, nvidia: Nvidia, torch: Torch) -> Situation:
    """Return the whole situation."""
    return Situation(host=host, cpu=Cpu(name="a processor"), nvidia=nvidia, torch=torch)


def visible(value: str, driver: str = "580.95.05") -> Host:
    """Return a machine where CUDA_VISIBLE_DEVICES is set."""
    return with_nvidia(driver, nvidia_on_bus=2, environment={"CUDA_VISIBLE_DEVICES": value})


NO_NVML = Nvidia(state="no_package", message="nvidia-ml-py is not installed")
NO_LIBRARY = Nvidia(state="no_library", message="NVML Shared Library Not Found")
A100, RTX3090 = gpu("NVIDIA A100", (8, 0)), gpu("NVIDIA GeForce RTX 3090", (8, 6))
V100, GTX1080 = gpu("Tesla V100", (7, 0)), gpu("NVIDIA GeForce GTX 1080", (6, 1))
K80 = gpu("Tesla K80", (3, 7))
RTX5090, RTX4090 = gpu("NVIDIA GeForce RTX 5090", (12, 0)), gpu("NVIDIA GeForce RTX 4090", (8, 9))
TWO = (A100, gpu("NVIDIA A100", (8, 0), 1))
MIXED = (RTX5090, gpu("NVIDIA GeForce GTX 1080", (6, 1), 1))
GH200 = gpu("NVIDIA GH200", (9, 0))
CPU_213 = torch("2.13.0+cpu")

CASES: dict[str, Case] = {
    # nothing to fix
    "no GPU, CPU build": Case(machine(Host(), NO_NVML, CPU_213), ("no-gpu",)),
    "A100, newest driver, default wheel": Case(
        machine(
            with_nvidia(), nvidia("580.95.05", A100), torch("2.13.0+cu130", TURING, cuda(0, "A100", (8, 0)))
        ),
        ("ready",),
        words=("cuda:0", "passed"),
    ),
    "RTX 4090 runs binaries for 8.6": Case(
        machine(
            with_nvidia(),
            nvidia("565.57.01", RTX4090),
            torch("2.13.0+cu126", OLD, cuda(0, "RTX 4090", (8, 9))),
        ),
        ("ready",),
    ),
    "GPU newer than every binary, and code that the driver compiles": Case(
        machine(
            with_nvidia(),
            nvidia("590.44", gpu("Rubin", (13, 0))),
            torch("2.13.0+cu130", (*TURING, "compute_120"), cuda(0, "Rubin", (13, 0))),
        ),
        ("ready",),
    ),
    # PyTorch itself
    "no PyTorch, no GPU": Case(
        machine(Host(), NO_NVML, Torch(installed=False)),
        ("torch-missing",),
        f"pip install torch --index-url {INDEX}/cpu",
        ("not installed", "NumPy"),
    ),
    "no PyTorch, GPU and an older driver": Case(
        machine(with_nvidia(), nvidia("535.183.01", A100), Torch(installed=False)),
        ("torch-missing",),
        f"pip install torch --index-url {INDEX}/cu126",
    ),
    "no PyTorch, GPU and a new driver": Case(
        machine(with_nvidia(), nvidia("580.95.05", RTX5090), Torch(installed=False)),
        ("torch-missing",),
        f"pip install torch --index-url {INDEX}/cu132",
    ),
    "no PyTorch, Mac": Case(
        machine(Host(system="Darwin", machine="arm64"), NO_NVML, Torch(installed=False)),
        ("torch-missing",),
        "pip install torch",
    ),
    "PyTorch broken": Case(
        machine(Host(), NO_NVML, Torch(error="libcudnn.so.9: cannot open shared object file")),
        ("torch-broken",),
        f"pip install --force-reinstall torch --index-url {INDEX}/cpu",
        ("libcudnn.so.9",),
    ),
    "PyTorch hangs": Case(
        machine(with_nvidia(), nvidia("580.95.05", A100), Torch(error="did not answer within 60 s")),
        ("torch-silent",),
        words=("60 s", "driver"),
    ),
    "PyTorch too old": Case(
        machine(Host(), NO_NVML, torch("2.4.1+cpu")),
        ("torch-old",),
        f"pip install --upgrade torch --index-url {INDEX}/cpu",
    ),
    # the build and the GPU
    "CPU build beside a GPU, new driver": Case(
        machine(with_nvidia(), nvidia("580.95.05", RTX3090), CPU_213),
        ("cpu-build",),
        f'pip install "torch==2.13.0+cu130" --index-url {INDEX}/cu130',
        ("RTX 3090", "cu130"),
    ),
    "CPU build beside a GPU, driver of CUDA 12": Case(
        machine(with_nvidia(), nvidia("550.54.14", RTX3090), CPU_213),
        ("cpu-build",),
        f'pip install "torch==2.13.0+cu126" --index-url {INDEX}/cu126',
    ),
    "CPU build beside a GPU, NVML missing": Case(
        machine(with_nvidia("535.183.01", nvidia_names=("NVIDIA A10",)), NO_NVML, CPU_213),
        ("cpu-build", "nvml-missing"),
        f'pip install "torch==2.13.0+cu126" --index-url {INDEX}/cu126',
        ("NVIDIA A10",),
    ),
    "CPU build of a release whose wheels all need a newer driver": Case(
        machine(with_nvidia(), nvidia("535.183.01", A100), torch("2.15.0+cpu")),
        ("cpu-build",),
        f'pip install "torch==2.14.1+cu126" --index-url {INDEX}/cu126',
    ),
    "Volta in a build for CUDA 12.8 of 2.11": Case(
        machine(
            with_nvidia(),
            nvidia("570.133.20", V100),
            torch("2.11.0+cu128", TURING, cuda(0, "V100", (7, 0), NO_KERNEL)),
        ),
        ("arch-dropped",),
        f'pip install "torch==2.11.0+cu126" --index-url {INDEX}/cu126',
        ("V100", "Volta", "sm_70", "dropped"),
    ),
    "Volta in a build for CUDA 12.8 of 2.10": Case(
        machine(
            with_nvidia(), nvidia("570.133.20", V100), torch("2.10.0+cu128", CU128, cuda(0, "V100", (7, 0)))
        ),
        ("ready",),
    ),
    "Pascal with 2.15, which has no wheel for it": Case(
        machine(
            with_nvidia(),
            nvidia("580.95.05", GTX1080),
            torch("2.15.0+cu132", TURING, cuda(0, "GTX 1080", (6, 1), NO_KERNEL)),
        ),
        ("arch-dropped",),
        f'pip install "torch==2.14.1+cu126" --index-url {INDEX}/cu126',
        ("Pascal", "2.14.1"),
    ),
    "Blackwell in a build for CUDA 12.6": Case(
        machine(
            with_nvidia(),
            nvidia("580.95.05", RTX5090),
            torch("2.13.0+cu126", OLD, cuda(0, "RTX 5090", (12, 0), NO_KERNEL)),
        ),
        ("arch-new",),
        f'pip install "torch==2.13.0+cu130" --index-url {INDEX}/cu130',
        ("Blackwell", "sm_120", "newer"),
    ),
    "Blackwell with a driver of CUDA 12, new release": Case(
        machine(
            with_nvidia(),
            nvidia("570.133.20", RTX5090),
            torch("2.13.0+cu126", OLD, cuda(0, "RTX 5090", (12, 0), NO_KERNEL)),
        ),
        ("arch-new",),
        f'pip install "torch==2.11.0+cu128" --index-url {INDEX}/cu128',
    ),
    "Blackwell with a driver that does not know it": Case(
        machine(with_nvidia(), nvidia("560.35.03", RTX5090), torch("2.8.0+cu128", CU128)),
        ("driver-blackwell",),
        words=("560.35.03", "570"),
    ),
    "Kepler, for which there is nothing": Case(
        machine(with_nvidia(), nvidia("470.256.02", K80), torch("2.13.0+cpu")),
        ("no-wheel",),
        words=("Kepler", "470.256.02"),
    ),
    "Pascal beside Blackwell": Case(
        machine(
            with_nvidia(),
            nvidia("580.95.05", *MIXED),
            torch("2.13.0+cu126", OLD, cuda(0, "RTX 5090", (12, 0), NO_KERNEL)),
        ),
        ("mixed-gpus", "device-order"),
        f'pip install "torch==2.13.0+cu130" --index-url {INDEX}/cu130',
        ("Pascal", "Blackwell", "CUDA_VISIBLE_DEVICES=0"),
    ),
    "Hopper on ARM with a CPU build": Case(
        machine(with_nvidia(machine="aarch64"), nvidia("570.133.20", GH200), CPU_213),
        ("cpu-build",),
        f'pip install "torch==2.13.0+cu126" --index-url {INDEX}/cu126',
    ),
    # the driver
    "driver below the floor of CUDA 13": Case(
        machine(
            with_nvidia(), nvidia("535.183.01", A100), torch("2.13.0+cu130", TURING, warnings=(TOO_OLD,))
        ),
        ("driver-old",),
        f'pip install "torch==2.13.0+cu126" --index-url {INDEX}/cu126',
        ("535.183.01", "580", "cu126"),
    ),
    "driver of CUDA 11": Case(
        machine(with_nvidia(), nvidia("470.256.02", A100), torch("2.13.0+cu126", OLD)),
        ("driver-old",),
        f'pip install "torch==2.7.1+cu118" --index-url {INDEX}/cu118',
        ("470.256.02", "525", "2.7.1"),
    ),
    "driver below every floor": Case(
        machine(with_nvidia(), nvidia("390.157", V100), torch("2.13.0+cu126", OLD)),
        ("driver-old",),
        words=("update the driver",),
    ),
    "driver between floor and toolkit": Case(
        machine(
            with_nvidia(), nvidia("550.54.14", A100), torch("2.13.0+cu126", OLD, cuda(0, "A100", (8, 0)))
        ),
        ("driver-minor", "ready"),
        words=("550.54.14", "560.28.03", "minor-version"),
    ),
    "driver between floor and toolkit, and another build that it covers": Case(
        machine(
            with_nvidia(), nvidia("560.35.03", A100), torch("2.11.0+cu128", TURING, cuda(0, "A100", (8, 0)))
        ),
        ("driver-minor", "ready"),
        f'pip install "torch==2.11.0+cu126" --index-url {INDEX}/cu126',
        ("cu126",),
    ),
    "old driver and old GPU": Case(
        machine(with_nvidia(), nvidia("535.183.01", GTX1080), torch("2.15.0+cu132", TURING)),
        ("driver-old", "arch-dropped"),
        f'pip install "torch==2.14.1+cu126" --index-url {INDEX}/cu126',
    ),
    "driver updated, module not": Case(
        machine(
            with_nvidia("580.82.07"),
            Nvidia(state="mismatch", message="Driver/library version mismatch"),
            torch("2.13.0+cu130", TURING),
        ),
        ("driver-mismatch",),
        "sudo reboot",
        ("580.82.07", "mismatch"),
    ),
    "GPU on the bus without a driver": Case(
        machine(Host(nvidia_on_bus=1), NO_LIBRARY, torch("2.13.0+cu130", TURING)),
        ("driver-missing",),
        words=("not loaded", "install"),
    ),
    "kernel module without its library": Case(
        machine(with_nvidia("580.95.05"), NO_LIBRARY, torch("2.13.0+cu130", TURING)),
        ("driver-library",),
        words=("libnvidia-ml.so.1",),
    ),
    "container without the GPU": Case(
        machine(
            Host(container=True, nvidia_on_bus=1, kernel_driver="580.95.05", nvidia_names=("NVIDIA A100",)),
            NO_LIBRARY,
            torch("2.13.0+cu130", TURING),
        ),
        ("container",),
        "docker run --gpus all ...",
        ("/dev/nvidia0",),
    ),
    "batch job without the GPU": Case(
        machine(Host(nvidia_on_bus=1, kernel_driver="580.95.05"), NO_NVML, torch("2.13.0+cu130", TURING)),
        ("device-files", "nvml-missing"),
        "sudo nvidia-modprobe -u -c=0",
    ),
    "WSL whose Windows lacks the driver": Case(
        machine(Host(wsl=True, wsl_gpu=True), NO_LIBRARY, torch("2.13.0+cu130", TURING)),
        ("wsl-driver",),
        "wsl.exe --shutdown",
        ("Windows",),
    ),
    "WSL 1": Case(
        machine(Host(wsl=True), NO_LIBRARY, CPU_213),
        ("wsl-no-gpu",),
        "wsl.exe --update",
    ),
    "a GPU that fell off the bus": Case(
        machine(
            with_nvidia(),
            nvidia("580.95.05", A100, Gpu(index=1, name="NVIDIA GPU", problem="GPU is lost")),
            torch("2.13.0+cu130", TURING, cuda(0, "A100", (8, 0))),
        ),
        ("gpu-lost",),
        words=("GPU 1", "lost"),
    ),
    "NVML missing, PyTorch sees CUDA": Case(
        machine(with_nvidia("580.95.05"), NO_NVML, torch("2.13.0+cu130", TURING, cuda(0, "A100", (8, 0)))),
        ("nvml-missing", "ready"),
        "pip install nvidia-ml-py",
    ),
    "everything fits, and CUDA does not start": Case(
        machine(
            with_nvidia(),
            nvidia("580.95.05", A100),
            torch("2.13.0+cu130", TURING, warnings=("CUDA unknown error - environment changed",)),
        ),
        ("cuda-unavailable",),
        words=("CUDA unknown error",),
    ),
    # what is visible
    "all hidden by an empty variable": Case(
        machine(visible(""), nvidia("580.95.05", *TWO), torch("2.13.0+cu130", TURING)),
        ("hidden-all",),
        "unset CUDA_VISIBLE_DEVICES",
        ('CUDA_VISIBLE_DEVICES = ""', "all 2 GPUs"),
    ),
    "all hidden by -1": Case(
        machine(visible("-1"), nvidia("580.95.05", *TWO), torch("2.13.0+cu130", TURING)),
        ("hidden-all",),
        "unset CUDA_VISIBLE_DEVICES",
    ),
    "one of two shown": Case(
        machine(
            visible("1"), nvidia("580.95.05", *TWO), torch("2.13.0+cu130", TURING, cuda(1, "A100", (8, 0)))
        ),
        ("hidden-some", "ready"),
        "unset CUDA_VISIBLE_DEVICES",
        ("1 of 2",),
    ),
    "an index that is not there": Case(
        machine(visible("7"), nvidia("580.95.05", *TWO), torch("2.13.0+cu130", TURING)),
        ("hidden-bad",),
        "unset CUDA_VISIBLE_DEVICES",
        ("7 matches no GPU", "all GPUs are hidden"),
    ),
    "a UUID that is not there, behind a good index": Case(
        machine(
            visible("0,GPU-dead"),
            nvidia("580.95.05", *TWO),
            torch("2.13.0+cu130", TURING, cuda(0, "A100", (8, 0))),
        ),
        ("hidden-bad", "ready"),
        "unset CUDA_VISIBLE_DEVICES",
        ("GPU-dead", "only GPU 0"),
    ),
    "an index twice": Case(
        machine(visible("0,0"), nvidia("580.95.05", *TWO), torch("2.13.0+cu130", TURING)),
        ("hidden-repeated",),
        "unset CUDA_VISIBLE_DEVICES",
    ),
    "the old GPU hidden, so that the build fits": Case(
        machine(
            visible("0"),
            nvidia("580.95.05", *MIXED),
            torch("2.13.0+cu130", TURING, cuda(0, "RTX 5090", (12, 0))),
        ),
        ("hidden-some", "device-order", "ready"),
        "unset CUDA_VISIBLE_DEVICES",
    ),
    # the smoke test, memory, MIG
    "no kernel image though the build claims it": Case(
        machine(
            with_nvidia(),
            nvidia("580.95.05", A100),
            torch("2.13.0+cu130", TURING, cuda(0, "A100", (8, 0), NO_KERNEL)),
        ),
        ("smoke-no-kernel",),
        f'pip install "torch==2.13.0+cu126" --index-url {INDEX}/cu126',
    ),
    "no memory left": Case(
        machine(
            with_nvidia(),
            nvidia("580.95.05", gpu("A10", (8, 6), memory_used_bytes=24 * GIB - 2**20)),
            torch("2.13.0+cu130", TURING, cuda(0, "A10", (8, 6), "CUDA error: out of memory")),
        ),
        ("smoke-memory", "memory-full"),
        "nvidia-smi",
    ),
    "the driver takes the process down": Case(
        machine(
            with_nvidia(),
            nvidia("580.95.05", A100),
            torch("2.13.0+cu130", TURING, cuda(0, "A100", (8, 0), "the process was ended by SIGSEGV")),
        ),
        ("smoke-failed",),
        words=("SIGSEGV",),
    ),
    "MIG with instances": Case(
        machine(
            with_nvidia(),
            nvidia("580.95.05", gpu("NVIDIA A100", (8, 0), mig=True, mig_uuids=("MIG-1a", "MIG-2b"))),
            torch("2.13.0+cu130", TURING, cuda(0, "A100 MIG 1g.5gb", (8, 0))),
        ),
        ("mig", "ready"),
        "export CUDA_VISIBLE_DEVICES=MIG-1a",
        ("2 MIG instances",),
    ),
    "MIG without an instance": Case(
        machine(
            with_nvidia(),
            nvidia("580.95.05", gpu("NVIDIA A100", (8, 0), mig=True)),
            torch("2.13.0+cu130", TURING),
        ),
        ("mig-empty",),
        "sudo nvidia-smi -i 0 -mig 0",
    ),
    # the others
    "ROCm build with an AMD GPU": Case(
        machine(
            Host(amd_on_bus=1, amd_node=True),
            NO_NVML,
            torch(
                "2.13.0+rocm7.2",
                ("gfx942",),
                TorchDevice(name="cuda:0", title="AMD Instinct MI300X", smoke=PASSED),
                hip="7.2.1",
                accelerator="cuda",
            ),
        ),
        ("rocm", "ready"),
        words=("7.2.1", "torch.version.cuda is None"),
    ),
    "ROCm build on NVIDIA": Case(
        machine(with_nvidia(), nvidia("580.95.05", A100), torch("2.13.0+rocm7.2", ("gfx942",), hip="7.2.1")),
        ("rocm-on-nvidia",),
        f'pip install "torch==2.13.0+cu130" --index-url {INDEX}/cu130',
    ),
    "ROCm build without /dev/kfd": Case(
        machine(Host(amd_on_bus=1), NO_NVML, torch("2.13.0+rocm7.2", ("gfx942",), hip="7.2.1")),
        ("rocm-unavailable",),
        words=("/dev/kfd",),
    ),
    "AMD GPU with a CPU build": Case(
        machine(Host(amd_on_bus=1, amd_node=True), NO_NVML, CPU_213),
        ("amd-other-build",),
        f"pip install --force-reinstall torch --index-url {INDEX}/rocm7.2",
    ),
    "Apple's GPU": Case(
        machine(
            Host(system="Darwin", machine="arm64"),
            NO_NVML,
            torch(
                "2.13.0", (), TorchDevice(name="mps", dtypes=("float32",), smoke=PASSED), accelerator="mps"
            ),
        ),
        ("mps-float64", "ready"),
        words=("float32",),
    ),
    "Apple's GPU out of reach": Case(
        machine(Host(system="Darwin", machine="arm64"), NO_NVML, torch("2.13.0", accelerator="mps")),
        ("mps-missing",),
        "pip install --upgrade torch",
    ),
    "Intel Mac": Case(
        machine(Host(system="Darwin", machine="x86_64"), NO_NVML, Torch(installed=False)),
        ("macos-intel",),
        words=("2.2",),
    ),
    "Intel Python on an Apple processor": Case(
        machine(Host(system="Darwin", machine="x86_64", translated=True), NO_NVML, Torch(installed=False)),
        ("macos-rosetta",),
        words=("arm64",),
    ),
    "Intel's GPU": Case(
        machine(
            Host(),
            NO_NVML,
            torch("2.13.0+xpu", (), TorchDevice(name="xpu:0", smoke=PASSED), xpu=True, accelerator="xpu"),
        ),
        ("ready",),
        words=("xpu:0",),
    ),
    "Intel's build without a GPU": Case(
        machine(Host(), NO_NVML, torch("2.13.0+xpu", xpu=True, accelerator="xpu")),
        ("xpu-unavailable",),
    ),
}
