"""The twin: the same network in PyTorch, with autograd for the gradients.

Its weights have the names and shapes of nnterm's own files: `layers.0.weight` (n_out, n_in), `layers.0.bias`,
`layers.1.running_mean`.
This module imports torch; import it inside a function.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.arrays import Array
from engine.nn.activations import Activation
from engine.nn.loss import Loss
from engine.nn.network import Network
from engine.torch.library import NoTwinError
from engine.torch.modules import MaskedDropout, make_module

Function = Callable[[Tensor], Tensor]
LossFunction = Callable[[Tensor, Tensor], Tensor]


class Twin(nn.Module):
    """One module and one activation per layer; `forward` gives outputs, `loss` the mean loss.

    It starts in training mode, which updates the running statistics and uses the masks of `set_step`; `eval()` puts it
    in evaluation mode.

    Args:
        layers: one module per layer, the last one a Linear.
        activations: one function per layer.
        loss: of scores and targets, both (m, n_outputs).
        scores_are_logits: True if the loss includes the last activation.
    """

    def __init__(
        self,
        layers: list[nn.Module],
        activations: list[Function],
        loss: LossFunction,
        scores_are_logits: bool,
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self._activations, self._loss = activations, loss
        self._scores_are_logits = scores_are_logits

    def set_step(self, step: int) -> None:
        """Set the number of the next update, from 0, as `Network.set_step` does."""
        for layer in self.layers:
            if isinstance(layer, MaskedDropout):
                layer.step = step

    def set_part(self, first: int, total: int) -> None:
        """Set the part of a batch shared by several processes: samples from number `first` on, of `total`."""
        for layer in self.layers:
            tell = getattr(layer, "set_part", None)
            if callable(tell):
                tell(first, total)

    def stay_out_of_compiling(self) -> None:
        """Exclude the masks from `torch.compile`: NumPy draws them."""
        for layer in self.layers:
            if isinstance(layer, MaskedDropout):
                layer.stay_out_of_compiling()

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of parameters and samples."""
        return next(self.parameters()).dtype

    def logits(self, x: Tensor) -> Tensor:
        """Return the last layer's pre-activations for x (m, n_features), (m, n_outputs)."""
        for layer, activation in zip(self.layers[:-1], self._activations[:-1], strict=True):
            x = activation(layer(x))
        z: Tensor = self.layers[-1](x)
        return z

    def forward(self, x: Tensor) -> Tensor:
        """Return the outputs for x (m, n_features), (m, n_outputs)."""
        return self._activations[-1](self.logits(x))

    def loss(self, x: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss, shape (), for x (m, n_features) and targets (m, n_outputs), one-hot rows or values."""
        return self.loss_of(self.logits(x), targets)

    def loss_of(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss, shape (), of `logits` (m, n_outputs) for targets (m, n_outputs)."""
        return self._loss(logits if self._scores_are_logits else self._activations[-1](logits), targets)


def build_twin(network: Network, device: str = "cpu", dtype: str = "float64") -> Twin:
    """Return the network's twin with the same parameters, buffers and masks, in training mode.

    Raises:
        NoTwinError: a layer, an activation or a loss has no counterpart in PyTorch.
    """
    modules = [make_module(layer, device, getattr(torch, dtype)) for layer in network.layers]
    activations = [activation_function(layer.activation) for layer in network.layers]
    twin = Twin(modules, activations, loss_function(network.loss), network.scores_are_logits)
    state = {name: to_tensor(view, device, dtype) for name, view, _ in network.parameters()}
    state |= {name: to_tensor(view, device, dtype) for name, view in network.named_buffers()}
    twin.load_state_dict(state)
    return twin


def buffers_of(twin: Twin) -> dict[str, Array]:
    """Return the running statistics by the names of `Network.named_buffers`, without PyTorch's count of batches."""
    return {name: buffer.cpu().numpy() for name, buffer in twin.named_buffers() if buffer.is_floating_point()}


def to_tensor(array: Array, device: str, dtype: str) -> Tensor:
    """Return a copy of an array on the device, converted to `dtype` on the host."""
    return torch.from_numpy(np.array(array, dtype, order="C")).to(device)


def _step(z: Tensor) -> Tensor:
    """Return 1 for z > 0, else 0, with a gradient of 0 (`heaviside` has no gradient)."""
    return torch.sign(torch.relu(z))


def _softplus(z: Tensor) -> Tensor:
    """Return ln(1 + eᶻ) exactly; `functional.softplus` returns z beyond 20, with an error of 2e-9."""
    return torch.logaddexp(z, torch.zeros_like(z))


def _perceptron(scores: Tensor, targets: Tensor) -> Tensor:
    return (torch.relu(scores) - targets * scores).sum() / len(scores)


def _hinge(scores: Tensor, targets: Tensor) -> Tensor:
    return torch.relu(1 - (2 * targets - 1) * scores).mean()


_OWN_ACTIVATIONS: dict[str, Function] = {"linear": nn.Identity(), "softplus": _softplus, "step": _step}
"""Activations without a function in PyTorch, or without an exact one."""
_OWN_LOSSES: dict[str, LossFunction] = {"hinge": _hinge, "perceptron": _perceptron}


def activation_function(activation: Activation) -> Function:
    """Return the activation as a function of tensors; a NoTwinError if PyTorch has none."""
    own = _OWN_ACTIVATIONS.get(activation.name) or activation.twin()
    if own is not None:
        found: Function = own
        return found
    function = _torch_function("activation", activation.name, activation.torch_name)
    options = activation.torch_options()
    return (lambda z: function(z, **options)) if options else function


def loss_function(loss: Loss) -> LossFunction:
    """Return the loss as a function of scores and targets; a NoTwinError if PyTorch has none."""
    own = _OWN_LOSSES.get(loss.name) or loss.twin()
    if own is not None:
        found: LossFunction = own
        return found
    function, options = _torch_function("loss", loss.name, loss.torch_name), loss.torch_options()
    return (lambda scores, targets: function(scores, targets, **options)) if options else function


def _torch_function(family: str, name: str, torch_name: str) -> Callable[..., Tensor]:
    places = (functional, torch) if torch_name else ()
    function = next((getattr(place, torch_name) for place in places if hasattr(place, torch_name)), None)
    if function is None:
        hint = (
            f"state torch_name or define twin on its class, see docs/python.md; the {family} trains without"
        )
        raise NoTwinError(f'{family} "{name}" has no counterpart in PyTorch', hint)
    found: Callable[..., Tensor] = function
    return found
