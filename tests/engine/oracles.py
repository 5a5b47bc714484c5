"""PyTorch as the independent truth of the engine's mathematics, and what the comparisons share.

All of it in float64. Nothing here imports the code under test but for its names and types. `torch` is imported
by the first test that uses it, not by the collection of the tests.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.nn.network import Network

if TYPE_CHECKING:
    import torch as torch
    from torch.nn import functional as functional
else:

    class Deferred:
        """A module that is imported when a public attribute of it is first read (pytest reads private ones)."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, attribute: str) -> Any:
            if attribute.startswith("_"):
                raise AttributeError(attribute)
            return getattr(importlib.import_module(self._name), attribute)

    torch = Deferred("torch")
    functional = Deferred("torch.nn.functional")

Float64 = NDArray[np.float64]

AGREES = 1e-10
"""The relative error below which two float64 computations agree."""

TORCH_ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "linear": lambda z: z * 1,
    "sigmoid": lambda z: torch.sigmoid(z),
    "tanh": lambda z: torch.tanh(z),
    "relu": lambda z: torch.relu(z),
    "leaky_relu": lambda z: functional.leaky_relu(z),
    "elu": lambda z: functional.elu(z),
    "gelu": lambda z: functional.gelu(z),
    "silu": lambda z: functional.silu(z),
    # beyond its default threshold of 20 torch drops the e⁻ᶻ: 2e-9
    "softplus": lambda z: functional.softplus(z, threshold=700),
    "exponential": lambda z: torch.exp(z),
    "softmax": lambda z: torch.softmax(z, -1),
    "step": lambda z: (z > 0).to(z.dtype) + 0 * z,
}

TORCH_LOSSES: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "cross_entropy": lambda z, t: functional.cross_entropy(z, t),
    "binary_cross_entropy": lambda z, t: functional.binary_cross_entropy_with_logits(z, t),
    "mse": lambda z, t: functional.mse_loss(z, t),
    "mae": lambda z, t: functional.l1_loss(z, t),
    "huber": lambda z, t: functional.huber_loss(z, t),
    "hinge": lambda z, t: functional.relu(1 - torch.where(t > 0, z, -z)).mean(),
    "perceptron": lambda z, t: (functional.relu(z) - t * z).sum() / len(z),
}
"""Scores and dense targets, both (m, k), to one number."""


def relative_error(ours: object, truth: object, floor: float = 1e-300) -> float:
    """Return the largest |ours − truth| / |truth|, element by element; NaN and Inf count as infinitely wrong.

    Args:
        floor: smallest denominator, for values that float64 itself gets by cancellation (1 − a for a near 1).
    """
    a, b = np.asarray(ours, np.float64), np.asarray(truth, np.float64)
    assert a.shape == b.shape, f"{a.shape} against {b.shape}"
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(b), floor), initial=0.0))


def norm_error(ours: object, truth: object) -> float:
    """Return |ours − truth| / |truth| of whole arrays: for sums, whose small elements are rests of large ones."""
    a, b = np.asarray(ours, np.float64), np.asarray(truth, np.float64)
    assert a.shape == b.shape, f"{a.shape} against {b.shape}"
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    return float(np.linalg.norm(a - b) / max(float(np.linalg.norm(b)), 1e-300))


def as_tensor(array: object, wants_gradient: bool = False) -> torch.Tensor:
    """Return a float64 tensor with a copy of `array`."""
    return torch.tensor(np.asarray(array), dtype=torch.float64, requires_grad=wants_gradient)


class TorchTwin:
    """The same network in PyTorch, by `functional.linear` and autograd, from a `Network`'s parameters."""

    def __init__(self, network: Network) -> None:
        self.parameters = {
            name: as_tensor(view, wants_gradient=True) for name, view, _ in network.parameters()
        }
        self.activations = [layer.activation.name for layer in network.layers]
        self.loss = network.loss.name
        self.link = network.loss.link

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        a = x.reshape(len(x), -1)
        for i, name in enumerate(self.activations):
            z = functional.linear(
                a, self.parameters[f"layers.{i}.weight"], self.parameters[f"layers.{i}.bias"]
            )
            a = TORCH_ACTIVATIONS[name](z)
        return z

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return TORCH_ACTIVATIONS[self.activations[-1]](self.logits(x))

    def loss_value(self, x: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        logits = self.logits(x)
        last = self.activations[-1]
        scores = logits if last == self.link else TORCH_ACTIVATIONS[last](logits)
        return TORCH_LOSSES[self.loss](scores, targets)

    def gradients(self) -> dict[str, Float64]:
        """Return the parameters' gradients after a `backward`; zero where none arrived."""
        return {
            name: np.zeros(p.shape) if p.grad is None else p.grad.numpy()
            for name, p in self.parameters.items()
        }
