"""Each kind of layer as a PyTorch module with the same parameters, buffers and masks.

This module imports torch; import it inside a function.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.nn.layers import BatchNorm, Dense, Dropout, Layer
from engine.torch.library import NoTwinError


class MaskedDropout(nn.Module):
    """Dropout with the masks of ours: those of `step`, as many rows as the batch has; in evaluation x as it is."""

    def __init__(self, layer: Dropout) -> None:
        super().__init__()
        self._layer = layer
        self.step = layer.step
        """The number of the update, from 0."""
        self._first = 0
        self.draw: Callable[[Tensor], Tensor] = self.mask_for
        """What gives the mask."""

    def stay_out_of_compiling(self) -> None:
        """Let `torch.compile` leave the masks alone: NumPy draws them. Loads its compiler, which takes seconds."""
        self.draw = torch.compiler.disable(self.mask_for)  # type: ignore[no-untyped-call]

    def set_part(self, first: int, total: int) -> None:
        """Say that only some of the batch's samples come, from number `first` on."""
        self._first = first

    def forward(self, x: Tensor) -> Tensor:
        """Return x · mask / (1 − rate) for x (m, n)."""
        if not self.training:
            return x
        return x * self.draw(x) * (1 / (1 - self._layer.rate))

    def mask_for(self, x: Tensor) -> Tensor:
        """Return the mask of the samples that come, (m, n), on their device."""
        mask = self._layer.mask(self.step, self._first + len(x))[self._first :]
        return torch.from_numpy(mask).to(x.device)


class Norm(nn.BatchNorm1d):
    """`torch.nn.BatchNorm1d`, but that a batch of one sample, which it refuses, is taken as in evaluation."""

    def forward(self, x: Tensor) -> Tensor:
        """Return γ x̂ + β for x (m, n)."""
        return self.evaluated(x) if self.training and len(x) == 1 else super().forward(x)

    def evaluated(self, x: Tensor) -> Tensor:
        """Return the same by the running statistics, whatever the mode."""
        options = (self.running_mean, self.running_var, self.weight, self.bias)
        return functional.batch_norm(x, *options, training=False, eps=self.eps)


def make_module(layer: Layer, device: str, dtype: torch.dtype) -> nn.Module:
    """Return the counterpart of a layer, without its activation; its parameters are yet to be loaded.

    Raises:
        NoTwinError: the kind of layer has no counterpart here.
    """
    make = _MODULES.get(type(layer))
    if make is None:
        kind = type(layer).__name__
        raise NoTwinError(
            f'layer "{kind}" has no counterpart in PyTorch', "add it to engine/torch/modules.py"
        )
    return make(layer, {"device": device, "dtype": dtype})


class Affine(nn.Linear):
    """`torch.nn.Linear` whose first weights are whatever the memory held: drawing them is half of its cost."""

    def reset_parameters(self) -> None:
        """Leave them as they are."""


_MODULES: dict[type[Layer], Callable[[Any, dict[str, Any]], nn.Module]] = {
    Dense: lambda layer, where: Affine(layer.n_in, layer.n_out, **where),
    Dropout: lambda layer, _: MaskedDropout(layer),
    BatchNorm: lambda layer, where: Norm(layer.n_out, layer.eps, layer.momentum, **where),
}
