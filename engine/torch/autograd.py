"""The gradients of a network's twin by PyTorch's autograd. Imports torch; import it inside a function."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch

from engine.arrays import Array
from engine.gradcheck.report import INPUT
from engine.nn.network import Network
from engine.torch.twin import Twin, buffers_of, build_twin, to_tensor


@dataclass(frozen=True)
class TorchGradients:
    """PyTorch's loss and gradients for one batch."""

    loss: float
    gradients: dict[str, Array]
    """By parameter name, each in its shape; INPUT has that for the data, (m, n_features)."""
    buffers: dict[str, Array]
    """The running statistics after the forward pass, by name."""
    pre_activations: tuple[Array, ...] = ()
    """z of each layer, (m, n_out)."""


def torch_gradients(
    network: Network, x: Array, targets: Array, device: str, dtype: str, training: bool = True
) -> TorchGradients:
    """Return autograd's loss and gradients for x (m, n_features) and targets (m, n_outputs).

    Args:
        network: its twin is built for the call; unchanged.
        x: samples.
        targets: one-hot rows or values.
        device: cpu, cuda:0, ...
        dtype: float32 or float64.
        training: True for training mode, False for evaluation mode.
    """
    twin = build_twin(network, device, dtype).train(training)
    data = to_tensor(x, device, dtype).requires_grad_()
    with _full_precision(), one_thread(), _watched(twin) as seen:
        loss = twin.loss(data, to_tensor(targets, device, dtype))
        loss.backward()  # type: ignore[no-untyped-call]
    found = {name: parameter.grad for name, parameter in twin.named_parameters()} | {INPUT: data.grad}
    shapes = {name: tuple(parameter.shape) for name, parameter in twin.named_parameters()} | {INPUT: x.shape}
    gradients = {
        name: np.zeros(shapes[name], dtype) if gradient is None else gradient.cpu().numpy()
        for name, gradient in found.items()
    }
    z = tuple(one.cpu().numpy() for one in seen)
    return TorchGradients(loss.item(), gradients, buffers_of(twin), z)


@contextmanager
def _watched(twin: Twin) -> Iterator[list[torch.Tensor]]:
    """Collect what each layer gives before its activation, in the forward pass within the block."""
    seen: list[torch.Tensor] = []
    hooks = [layer.register_forward_hook(lambda _, x, z: seen.append(z.detach())) for layer in twin.layers]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit PyTorch to one thread within the block: on small batches several wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _full_precision() -> Iterator[None]:
    """Compute products in full float32 within the block, not in TF32 with its ten bits."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
