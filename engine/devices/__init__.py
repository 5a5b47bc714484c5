"""The hardware of this machine, its fit with the installed PyTorch, and advice where they do not fit."""

from engine.devices.advice import Advice
from engine.devices.diagnosis import advise
from engine.devices.facts import Cpu, Gpu, Host, Nvidia, Situation, Torch, TorchDevice

__all__ = ["Advice", "Cpu", "Gpu", "Host", "Nvidia", "Situation", "Torch", "TorchDevice", "advise"]
