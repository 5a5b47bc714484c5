"""The slope that an activation or a loss is given at its kink, where it has none, compared with PyTorch's choice.

A kink has no slope; every program chooses one of those beside it. Two choices are no rounding: on data that reach the
kink the trainings differ. This module imports torch; import it inside a function.
"""

from collections.abc import Iterator

import numpy as np
import torch

from engine.arrays import Array
from engine.gradcheck.kinks import scores_of
from engine.gradcheck.report import Fault
from engine.nn.layers import Layer
from engine.nn.network import Network
from engine.torch.twin import activation_function, loss_function
from engine.words import counted

SAME = 1e-6
"""Largest difference of two slopes that counts as equal."""


def other_conventions(network: Network, targets: Array) -> Iterator[tuple[Fault, int]]:
    """Yield a fault for each part with another slope at its kink, and how many values of the last forward are there.

    Args:
        network: after a forward pass of the batch.
        targets: (m, n_outputs).
    """
    for layer in network.layers:
        if layer.activation.kinks(np.zeros((1, layer.n_out))) is None:
            continue
        ours, theirs = _slopes(layer)
        if abs(ours - theirs) > SAME:
            there = int(np.count_nonzero(layer.pre_activation == 0))
            yield _fault(layer.name, layer.activation.name, "z = 0", (ours, theirs), there), there
    yield from _of_loss(network, targets)


def _slopes(layer: Layer) -> tuple[float, float]:
    """Return our slope and PyTorch's at z = 0."""
    ours = layer.activation.derivative(np.zeros((1, layer.n_out)))
    z = torch.zeros(1, layer.n_out, dtype=torch.float64, requires_grad=True)
    activation_function(layer.activation)(z).sum().backward()  # type: ignore[no-untyped-call]
    return float(ours[0, 0]), 0.0 if z.grad is None else float(z.grad[0, 0])


def _of_loss(network: Network, targets: Array) -> Iterator[tuple[Fault, int]]:
    loss, targets = network.loss, targets.astype(np.float64)
    distance = loss.from_kink(targets.copy(), targets)
    if distance is None:
        return
    at = targets - distance  # (m, n_outputs), every score at the kink
    ours = np.empty_like(at)
    loss.value_and_gradient(at.copy(), targets, ours, 1.0)
    scores = torch.from_numpy(at).requires_grad_()
    loss_function(loss)(scores, torch.from_numpy(targets)).backward()  # type: ignore[no-untyped-call]
    theirs = np.zeros_like(at) if scores.grad is None else scores.grad.numpy()
    wrong = np.argwhere(np.abs(ours - theirs) * at.size > SAME)
    if len(wrong):
        first = tuple(wrong[0])
        here = loss.from_kink(scores_of(network), targets)
        there = 0 if here is None else int(np.count_nonzero(here == 0))
        pair = float(ours[first] * at.size), float(theirs[first] * at.size)
        yield _fault("loss", loss.name, f"score {at[first]:.3g}", pair, there), there


def _fault(culprit: str, name: str, where: str, slopes: tuple[float, float], there: int) -> Fault:
    ours, theirs = slopes
    values = f"{counted(there, 'value')} of this batch {'is' if there == 1 else 'are'}"
    return Fault(
        culprit,
        f"{culprit}: at the kink of {name}, {where}, it takes the slope {ours:.4g}, PyTorch {theirs:.4g}: "
        f"another convention; {values} there",
    )
