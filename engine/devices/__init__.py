"""What computes here: processors and GPUs, how PyTorch fits them, and what to do where it does not."""

from engine.devices.advice import Advice
from engine.devices.diagnosis import advise
from engine.devices.facts import Cpu, Gpu, Host, Nvidia, Situation, Torch, TorchDevice

__all__ = ["Advice", "Cpu", "Gpu", "Host", "Nvidia", "Situation", "Torch", "TorchDevice", "advise"]
