"""The full gradient check: finite differences and PyTorch autograd, joined into one stream of events."""
