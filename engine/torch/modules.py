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
    """Dropout with our layer's mask of `step`, (m, n); the identity in evaluation mode."""

    def __init__(self, layer: Dropout) -> None:
        super().__init__()
        self._layer = layer
        self.step = layer.step
        """The number of the update, from 0."""
        self._first = 0
        self.draw: Callable[[Tensor], Tensor] = self.mask_for
        """Returns the mask for x (m, n)."""

    def stay_out_of_compiling(self) -> None:
        """Exclude the masks, drawn by NumPy, from `torch.compile`. Loads its compiler, which takes seconds."""
        self.draw = torch.compiler.disable(self.mask_for)  # type: ignore[no-untyped-call]

    def set_part(self, first: int, total: int) -> None:
        """Set the number of the first sample of x in the whole batch."""
        self._first = first

    def forward(self, x: Tensor) -> Tensor:
        """Return x · mask / (1 − rate) for x (m, n)."""
        if not self.training:
            return x
        return x * self.draw(x) * (1 / (1 - self._layer.rate))

    def mask_for(self, x: Tensor) -> Tensor:
        """Return the mask for x (m, n), bool, (m, n), on its device."""
        mask = self._layer.mask(self.step, self._first + len(x))[self._first :]
        return torch.from_numpy(mask).to(x.device)


class Norm(nn.BatchNorm1d):
    """`torch.nn.BatchNorm1d` that treats a batch of one sample, an error there, as in evaluation mode."""

    def forward(self, x: Tensor) -> Tensor:
        """Return γ x̂ + β for x (m, n)."""
        return self.evaluated(x) if self.training and len(x) == 1 else super().forward(x)

    def evaluated(self, x: Tensor) -> Tensor:
        """Return γ x̂ + β for x (m, n) by the running statistics, in either mode."""
        options = (self.running_mean, self.running_var, self.weight, self.bias)
        return functional.batch_norm(x, *options, training=False, eps=self.eps)


def make_module(layer: Layer, device: str, dtype: torch.dtype) -> nn.Module:
    """Return the counterpart of a layer, without its activation and with uninitialised parameters.

    Raises:
        NoTwinError: the kind of layer has no counterpart.
    """
    make = _MODULES.get(type(layer))
    if make is not None:
        return make(layer, {"device": device, "dtype": dtype})
    own = layer.twin()
    if own is None:
        message = f'layer "{layer.kind}" has no counterpart in PyTorch'
        raise NoTwinError(
            message, f"define {type(layer).__name__}.twin, which returns it; see docs/python.md"
        )
    if not isinstance(own, nn.Module):
        message = f"{type(layer).__name__}.twin returned a {type(own).__name__}"
        raise NoTwinError(message, "return a torch.nn.Module")
    _check_parameters(layer, own)
    return own.to(device, dtype)


def _check_parameters(layer: Layer, own: nn.Module) -> None:
    """Raise a NoTwinError unless a module has the parameters of the layer that it stands for."""
    ours = {name.removeprefix(f"{layer.name}."): view.shape for name, view, _ in layer.parameters()}
    ours |= {name.removeprefix(f"{layer.name}."): view.shape for name, view in layer.named_buffers()}
    theirs = {
        name: tuple(value.shape) for name, value in own.state_dict().items() if value.is_floating_point()
    }
    if ours != theirs:
        message = (
            f"{type(layer).__name__}.twin has the parameters {_listed(theirs)}, the layer {_listed(ours)}"
        )
        raise NoTwinError(message, "give both the same names and shapes")


def _listed(shapes: dict[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {shape}" for name, shape in shapes.items()) or "none"


class Affine(nn.Linear):
    """`torch.nn.Linear` with uninitialised weights: drawing them is half of its cost."""

    def reset_parameters(self) -> None:
        """Do nothing: the parameters are loaded afterwards."""


_MODULES: dict[type[Layer], Callable[[Any, dict[str, Any]], nn.Module]] = {
    Dense: lambda layer, where: Affine(layer.n_in, layer.n_out, **where),
    Dropout: lambda layer, _: MaskedDropout(layer),
    BatchNorm: lambda layer, where: Norm(layer.n_out, layer.eps, layer.momentum, **where),
}
