"""The Devices screen: the hardware of this machine, and whether the installed PyTorch supports it."""
