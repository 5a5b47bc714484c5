"""A network's twin with all parameters in one vector on the device, as in the network itself.

Imports torch; import it inside a function.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from engine.arrays import Array
from engine.nn.network import Network
from engine.nn.torch_order import views_of
from engine.torch.twin import Twin


class Piece(NamedTuple):
    """The place of a parameter in the vector."""

    name: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """In elements."""

    def view(self, vector: Tensor) -> Tensor:
        """Return the parameter as a view into `vector`."""
        return vector.as_strided(self.shape, self.strides, self.offset)

    @property
    def is_transposed(self) -> bool:
        """True if the vector holds a matrix column by column."""
        return len(self.strides) == 2 and self.strides[0] < self.strides[1]


class FlatTwin:
    """The network on a device: `twin` computes with views into `theta`; the gradient is gathered in `grad`.

    For any number of layers the optimizer then moves one tensor, clipping is one norm, the processes of a group
    exchange one vector, and the weights are copied to the host in one transfer.

    Args:
        network: the source of parameters and buffers.
        twin: of the network, on its device.
        room: further numbers at the end of `message`, exchanged together with the gradient.
    """

    def __init__(self, network: Network, twin: Twin, room: int = 0) -> None:
        self.twin = twin
        self.pieces = _pieces(network)
        n = network.n_parameters
        self.theta = next(twin.parameters()).detach().new_zeros(n)  # (n_parameters,)
        self.message = self.theta.new_zeros(n + room)
        self.grad = self.message[:n]  # (n_parameters,)
        named = dict(self.twin.named_parameters())
        self.parameters = [named[piece.name] for piece in self.pieces]
        """The twin's parameters in the order of the vector."""
        self._turned = [piece.is_transposed for piece in self.pieces]
        for piece, parameter in zip(self.pieces, self.parameters, strict=True):
            parameter.data = piece.view(self.theta)
        self._buffers = [buffer for buffer in self.twin.buffers() if buffer.is_floating_point()]
        self.load(network.state)

    def load(self, state: Array) -> None:
        """Copy parameters and buffers from `Network.state`, (n_parameters + n_buffers,)."""
        source = torch.from_numpy(state.copy())
        n = len(self.theta)
        with torch.no_grad():
            self.theta.copy_(source[:n])
            for buffer in self._buffers:
                buffer.copy_(source[n : n + buffer.numel()].view(buffer.shape))
                n += buffer.numel()

    def store(self, state: Array) -> None:
        """Copy parameters and buffers into `Network.state`, (n_parameters + n_buffers,); waits for the device."""
        target = torch.from_numpy(state)
        n = len(self.theta)
        target[:n].copy_(self.theta)
        for buffer in self._buffers:
            target[n : n + buffer.numel()].copy_(buffer.view(-1))
            n += buffer.numel()

    def gather(self, loss: Tensor) -> None:
        """Fill `grad` with the gradient of `loss`, shape ()."""
        gradients = torch.autograd.grad(loss, self.parameters)
        flat = [
            (gradient.t() if turned else gradient).reshape(-1)
            for turned, gradient in zip(self._turned, gradients, strict=True)
        ]
        torch.cat(flat, out=self.grad)


def _pieces(network: Network) -> list[Piece]:
    """Return the parameters in the order of `theta`, which they fill without a gap."""
    start = network.theta.__array_interface__["data"][0]
    size = network.theta.itemsize
    pieces = [
        Piece(
            name,
            (view.__array_interface__["data"][0] - start) // size,
            view.shape,
            tuple(stride // size for stride in view.strides),
        )
        for name, view in views_of(network, network.theta)
    ]
    return sorted(pieces, key=lambda piece: piece.offset)
