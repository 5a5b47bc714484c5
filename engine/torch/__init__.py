"""PyTorch as an independent check of every gradient, and as a back end. `torch` itself is imported on first use.

Names load on first use too, so that `python -m engine.torch.devices` starts without NumPy.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.torch.devices.choose import Device, choose_device, list_devices
    from engine.torch.trajectory import check_trajectory
    from engine.torch.twin import build_twin
    from engine.torch.verify import verify_with_torch

_HOMES = {
    "check_trajectory": "engine.torch.trajectory",
    "Device": "engine.torch.devices.choose",
    "build_twin": "engine.torch.twin",
    "choose_device": "engine.torch.devices.choose",
    "list_devices": "engine.torch.devices.choose",
    "verify_with_torch": "engine.torch.verify",
}

__all__ = ["Device", "build_twin", "check_trajectory", "choose_device", "list_devices", "verify_with_torch"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'engine.torch' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
