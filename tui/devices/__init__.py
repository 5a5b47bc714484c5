"""The Devices screen: the hardware, and whether the installed PyTorch fits it."""
