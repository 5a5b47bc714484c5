"""The devices that PyTorch can use; `python -m engine.torch.devices` lists them."""

from engine.torch.devices.choose import Choice, Device, choose_device, list_devices

__all__ = ["Choice", "Device", "choose_device", "list_devices"]
