"""The device survey of a machine in words, the same for the command and the screen."""

from engine.devices.advice import Advice
from engine.devices.facts import PASSED, Host, Nvidia, Torch
from engine.devices.survey import DeviceLine, Line, torch_name

MARKS = {"error": "✗", "warning": "▲", "info": "·"}
"""A mark per severity, so that colour is never the only cue."""
COLUMNS = ("device", "name", "memory", "sm", "load", "temp", "PyTorch")


def device_row(line: DeviceLine, torch: Torch | None) -> tuple[str, ...]:
    """Return the cells of COLUMNS; pass None as `torch` before PyTorch has been queried."""
    return (
        line.id,
        line.title.removeprefix("NVIDIA "),
        memory(line),
        ".".join(str(part) for part in line.compute_capability or ()) or "–",
        "–" if line.load_percent is None else f"{line.load_percent} %",
        "–" if line.temperature_c is None else f"{line.temperature_c} °C",
        in_torch(line, torch),
    )


def memory(line: DeviceLine) -> str:
    """Return used and total memory as `3.1 / 79.6 GiB`; the total alone if the use is not known."""
    return gibibytes(line.memory_used_bytes, line.memory_total_bytes)


def gibibytes(used: int | None, total: int | None) -> str:
    """Return two sizes in bytes as `3.1 / 79.6 GiB`, at most 15 characters."""
    if not total:
        return "–"
    digits = 0 if total >= 100 * 2**30 else 1
    words = f"{total / 2**30:.{digits}f} GiB"
    return words if used is None else f"{used / 2**30:.{digits}f} / {words}"


def in_torch(line: DeviceLine, torch: Torch | None) -> str:
    """Return a device's PyTorch name with ✓ or ✗, `hidden`, `…` before PyTorch is queried, or – if it has none."""
    if torch is None:
        return "…"
    if not line.visible:
        return "hidden"
    device = torch_name(line, torch)
    if device is None:
        return "–"
    return f"{device.name} {'✓' if device.smoke in (PASSED, '') else '✗'}"


class Survey:
    """The lines of a survey so far; owns them."""

    def __init__(self) -> None:
        self.devices: list[DeviceLine] = []
        self.advice: list[Advice] = []
        self.host: Host | None = None
        self.nvidia: Nvidia | None = None
        self.torch: Torch | None = None

    def add(self, line: Line) -> None:
        """Add the next line."""
        match line:
            case DeviceLine():
                self.devices.append(line)
            case Host():
                self.host = line
            case Nvidia():
                self.nvidia = line
            case Torch():
                self.torch = line
            case Advice():
                self.advice.append(line)

    def rows(self) -> list[tuple[str, ...]]:
        """Return the cells of COLUMNS, one row per device."""
        return [device_row(line, self.torch) for line in self.devices]

    def summary(self) -> tuple[tuple[str, str], ...]:
        """Return (name, value) pairs on processor, matrix library, driver and PyTorch."""
        pairs = [pair for line in self.devices if line.kind == "cpu" for pair in _processor(line)]
        if self.nvidia is not None:
            pairs.append(("NVIDIA", _nvidia(self.nvidia, self.host)))
        pairs.append(
            ("PyTorch", "testing it in a separate process …" if self.torch is None else _torch(self.torch))
        )
        return tuple(pairs)


def _processor(line: DeviceLine) -> list[tuple[str, str]]:
    here = f"{_several(line.cores, 'core')}, {_several(line.threads, 'thread')} for this process"
    blas = line.blas or "no known matrix library"
    return [
        ("CPU", here),
        ("NumPy", f"{blas}, {_several(line.blas_threads, 'thread')}, used by nnterm"),
    ]


def _several(number: int | None, thing: str) -> str:
    return f"{number or 0} {thing}{'s' if number != 1 else ''}"


def _nvidia(nvidia: Nvidia, host: Host | None) -> str:
    if nvidia.driver:
        return f"driver {nvidia.driver}{f', runs CUDA up to {nvidia.cuda}' if nvidia.cuda else ''}"
    if host is not None and host.kernel_driver:
        return f"driver {host.kernel_driver}; {nvidia.message}"
    return f"no driver; {nvidia.message}"


def _torch(torch: Torch) -> str:
    if not torch.installed:
        return "not installed"
    if torch.error:
        return f"cannot be used: {torch.error}"
    parts = [torch.version.partition("+")[0], _build(torch)]
    if torch.architectures:
        parts.append(f"kernels for {' '.join(torch.architectures)}")
    return ", ".join(parts)


def _build(torch: Torch) -> str:
    if torch.hip:
        return f"built for ROCm {torch.hip}"
    if torch.cuda:
        return f"built for CUDA {torch.cuda}"
    if torch.xpu:
        return "built for Intel's GPUs"
    return "built for Apple's GPU and the CPU" if torch.accelerator == "mps" else "built for the CPU only"


def advice_lines(advice: Advice) -> tuple[str, str]:
    """Return the sentence with its mark, and the command, which may be empty."""
    message = advice.message[:1].upper() + advice.message[1:]
    mark = "✓" if advice.code == "ready" else MARKS[advice.severity]
    return f"{mark} {message}", advice.command
