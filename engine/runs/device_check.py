"""The check, before a run is created, that PyTorch, its device and the processor's cores can be used."""

import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec

from engine.cores import usable_cores
from engine.errors import DeviceError
from engine.torch.library import INSTALL

if TYPE_CHECKING:
    from engine.experiment.specs import TrainingSpec

ANYWHERE = ("auto", "cpu")
"""Device names that are valid on every machine."""
PATIENCE_S = 60.0
"""Seconds to wait for PyTorch's list of devices; after that the check is left to the worker."""


class _DeviceLine(msgspec.Struct):
    type: str
    name: str = ""


def check_device(training: "TrainingSpec") -> None:
    """Raise a DeviceError if PyTorch is to train and is not installed, or on a device that is not available.

    The hint tells how to install it, or lists the available devices. A wrong `NNTERM_THREADS` is refused too, as an
    NntermError. Costs time only if a device is named: a separate process loads PyTorch, so that this one does not.
    """
    usable_cores()
    if training.backend != "torch":
        return
    if importlib.util.find_spec("torch") is None:
        raise DeviceError('training.backend = "torch": PyTorch is not installed', INSTALL)
    if training.device in ANYWHERE:
        return
    names = device_names()
    if names and not any(_fits(training.device, name) for name in names):
        raise DeviceError(
            f'training.device = "{training.device}": there is no such device',
            f"available here: {', '.join(names)}",
        )


def _fits(wanted: str, name: str) -> bool:
    return wanted in (name, name.partition(":")[0])


def device_names() -> list[str]:
    """Return PyTorch's devices on this machine, the CPU first; empty if PyTorch is not installed or does not answer."""
    command = [sys.executable, "-m", "engine.torch.devices", "--json"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False, cwd="/")
        lines = [msgspec.json.decode(line, type=_DeviceLine) for line in done.stdout.splitlines()]
    except (OSError, subprocess.SubprocessError, msgspec.MsgspecError):
        return []
    return [line.name for line in lines if line.type == "device"]
