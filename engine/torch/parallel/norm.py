"""Batch normalisation over a batch shared by several processes. Imports torch; import it inside a function."""

from typing import Any

import torch
from torch import Tensor, nn

from engine.torch.modules import Norm
from engine.torch.parallel.group import ProcessGroup
from engine.torch.twin import Twin


class SharedNorm(Norm):
    """`Norm` with the mean and the variance of the whole batch over all processes.

    PyTorch's SyncBatchNorm does the same on GPUs only; this one needs only sums over the group.
    """

    def __init__(self, norm: nn.BatchNorm1d, group: ProcessGroup) -> None:
        parameter = norm.weight
        super().__init__(norm.num_features, norm.eps, norm.momentum, dtype=parameter.dtype)
        self.to(parameter.device).load_state_dict(norm.state_dict())
        self._group, self._total = group, 0

    def set_part(self, first: int, total: int) -> None:
        """Set the number of samples of the whole batch."""
        self._total = total

    def forward(self, x: Tensor) -> Tensor:
        """Return γ x̂ + β for this process's samples, x (m, n)."""
        m = self._total
        if not self.training:
            return super().forward(x)
        if m == 1:
            return self.evaluated(x)
        mean = self._sum(x.sum(0)) / m  # (n,)
        centred = x - mean
        variance = self._sum((centred * centred).sum(0)) / m  # (n,)
        with torch.no_grad():
            self._follow(self.running_mean, mean)
            self._follow(self.running_var, variance * (m / (m - 1)))
        normal: Tensor = centred / torch.sqrt(variance + self.eps)
        return normal * self.weight + self.bias

    def _sum(self, tensor: Tensor) -> Tensor:
        total: Tensor = _Sum.apply(tensor, self._group)  # type: ignore[no-untyped-call]
        return total

    def _follow(self, running: Tensor | None, newest: Tensor) -> None:
        if running is not None and self.momentum is not None:
            running.mul_(1 - self.momentum).add_(newest, alpha=self.momentum)


class _Sum(torch.autograd.Function):
    """The sum of a tensor over the group; the backward pass sums the gradients of all processes."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor, group: ProcessGroup) -> Tensor:
        ctx.group = group
        total = tensor.clone()
        group.add_up(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        total = gradients[0].clone()
        ctx.group.add_up(total)
        return total, None


def share_norms(twin: Twin, group: ProcessGroup) -> None:
    """Replace the twin's batch normalisations by shared ones, unless the group has one process."""
    if group.size == 1:
        return
    for i, layer in enumerate(twin.layers):
        if isinstance(layer, Norm):
            twin.layers[i] = SharedNorm(layer, group)
