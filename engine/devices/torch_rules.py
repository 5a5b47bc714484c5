"""Rules on PyTorch itself: whether it is installed, loads, and is built for this kind of machine."""

from collections.abc import Iterator

from engine.devices.advice import Advice, error, info, warning
from engine.devices.table import FIRST_ACCELERATOR_API, LAST_INTEL_MAC, ROCM_INDEX
from engine.devices.versions import is_at_least, parse_version, show_version
from engine.devices.view import DeviceView
from engine.devices.wheels import index_of

_WITHOUT = "Training with NumPy and checks by finite differences work without it."


def torch_missing(view: DeviceView) -> Iterator[Advice]:
    """PyTorch is not installed; the advice names the build that fits this machine."""
    if view.torch.installed or _is_intel_mac(view):
        return
    where = f" for {view.name}" if view.nvidia_works else ""
    yield warning("torch-missing", f"PyTorch is not installed. {_WITHOUT}", view.install())
    if view.nvidia_works and view.fit() is None:
        yield error("no-wheel", f"no known build of PyTorch supports{where or ' this machine'}")


def torch_broken(view: DeviceView) -> Iterator[Advice]:
    """PyTorch is installed and does not load, or does not answer."""
    torch = view.torch
    if not torch.installed or not torch.error:
        return
    if "did not answer" in torch.error:
        yield error("torch-silent", f"PyTorch {torch.error}; a driver that hangs is the usual cause")
        return
    message = f"PyTorch is installed but cannot be loaded: {torch.error}. {_WITHOUT}"
    yield error("torch-broken", message, view.install().replace("install", "install --force-reinstall", 1))


def torch_old(view: DeviceView) -> Iterator[Advice]:
    """PyTorch is older than the interface that nnterm uses."""
    version = parse_version(view.torch.version)
    if version and not is_at_least(version, FIRST_ACCELERATOR_API):
        least = show_version(FIRST_ACCELERATOR_API)
        message = (
            f"PyTorch {view.torch.version} is older than {least}: nnterm cannot use an accelerator with it"
        )
        yield warning("torch-old", message, view.install().replace("install", "install --upgrade", 1))


def intel_mac(view: DeviceView) -> Iterator[Advice]:
    """An Intel Mac, for which wheels are no longer published; or an Intel build of Python on an Apple processor."""
    host = view.host
    if not _is_intel_mac(view):
        return
    if host.translated:
        message = (
            "this Python is an Intel build that runs through Rosetta, for which PyTorch has no wheels since "
            f"{LAST_INTEL_MAC}: install an arm64 Python, and nnterm in it"
        )
        yield error("macos-rosetta", message)
    else:
        message = f"PyTorch has no wheels for Intel Macs since {LAST_INTEL_MAC}, which nnterm cannot use. {_WITHOUT}"
        yield warning("macos-intel", message)


def _is_intel_mac(view: DeviceView) -> bool:
    return view.host.system == "Darwin" and view.host.machine == "x86_64"


def apple(view: DeviceView) -> Iterator[Advice]:
    """Apple's GPU: its missing float64, or the reason that PyTorch does not reach it."""
    host, torch = view.host, view.torch
    if host.system != "Darwin" or host.machine != "arm64" or not torch.version:
        return
    if torch.available and torch.accelerator == "mps":
        yield info(
            "mps-float64",
            "Apple's GPU supports float32 at most: float64 computations run on the CPU, with a note",
        )
    else:
        yield warning(
            "mps-missing",
            "this PyTorch does not reach Apple's GPU: macOS older than 14, a virtual machine, or a build without MPS",
            "pip install --upgrade torch",
        )


def amd(view: DeviceView) -> Iterator[Advice]:
    """AMD's GPUs, which a ROCm build names cuda."""
    host, torch = view.host, view.torch
    if not torch.version:
        return
    if torch.hip and torch.available:
        yield info(
            "rocm", f"a ROCm {torch.hip} build: AMD's GPUs are named cuda:0, and torch.version.cuda is None"
        )
    elif torch.hip and view.has_nvidia and not host.amd_on_bus:
        fit = view.fit()
        message = f"{view.title} is built for AMD's GPUs, but this machine has {view.name}"
        yield error("rocm-on-nvidia", message, fit.command if fit else "")
    elif torch.hip:
        yield error("rocm-unavailable", _rocm_trouble(view))
    elif host.amd_node and not view.has_nvidia:
        message = f"there is an AMD GPU, but {view.title} cannot use it: a ROCm build is required"
        command = f"pip install --force-reinstall torch --index-url {index_of(ROCM_INDEX)}"
        yield warning("amd-other-build", message, command)


def _rocm_trouble(view: DeviceView) -> str:
    hidden = [
        name for name in ("HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES") if name in view.host.environment
    ]
    if hidden:
        return f'{view.title} detects no GPU: {hidden[0]} = "{view.host.environment[hidden[0]]}" may hide it'
    if not view.host.amd_node:
        return (
            f"{view.title} detects no GPU: /dev/kfd is missing (no amdgpu driver, or a container without it)"
        )
    return (
        f"{view.title} detects no GPU: the user must be in the groups render and video, and the GPU supported"
    )


def intel_gpu(view: DeviceView) -> Iterator[Advice]:
    """A build for Intel's GPUs that finds no GPU."""
    torch = view.torch
    if torch.xpu and not torch.available:
        yield warning(
            "xpu-unavailable",
            f"{view.title} is built for Intel's GPUs and detects none: is the driver (level-zero) installed?",
        )
