"""The devices that PyTorch can use; `python -m engine.torch.devices` lists them."""

from engine.torch.devices.choose import Device, DeviceChoice, choose_device, list_devices

__all__ = ["Device", "DeviceChoice", "choose_device", "list_devices"]
