"""The proof of a gradient: finite differences and PyTorch autograd, joined into one stream of events."""
