"""Whether the device that an experiment names is here, asked before a run of it is made."""

import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec

from engine.errors import DeviceError

if TYPE_CHECKING:
    from engine.experiment.specs import TrainingSpec

ANYWHERE = ("auto", "cpu")
"""Wishes that every machine fulfils."""
PATIENCE_S = 60.0
"""How long PyTorch may take to tell what is here; then the worker is left to find out."""


class _DeviceLine(msgspec.Struct):
    type: str
    name: str = ""


def check_device(training: "TrainingSpec") -> None:
    """Raise a DeviceError where PyTorch is to train on a device that is not here; the hint names those that are.

    Takes nothing unless a device is named, and then what PyTorch takes to load: a process of its own is asked, so
    that PyTorch never enters this one.
    """
    if training.backend != "torch" or training.device in ANYWHERE:
        return
    names = device_names()
    if names and not any(_fits(training.device, name) for name in names):
        raise DeviceError(
            f'training.device = "{training.device}": there is no such device here',
            f"this machine and this PyTorch have: {', '.join(names)}",
        )


def _fits(wanted: str, name: str) -> bool:
    return wanted in (name, name.partition(":")[0])


def device_names() -> list[str]:
    """Return the devices that PyTorch has here, the CPU first; none where it does not tell, or is not installed."""
    command = [sys.executable, "-m", "engine.torch.devices", "--json"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False, cwd="/")
        lines = [msgspec.json.decode(line, type=_DeviceLine) for line in done.stdout.splitlines()]
    except (OSError, subprocess.SubprocessError, msgspec.MsgspecError):
        return []
    return [line.name for line in lines if line.type == "device"]
