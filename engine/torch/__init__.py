"""The PyTorch twin: an independent witness for every gradient. `torch` itself is imported on first use."""

from engine.torch.devices import Device, choose_device, list_devices
from engine.torch.verify import verify_with_torch

__all__ = ["Device", "choose_device", "list_devices", "verify_with_torch"]
