"""The first difference within the step at which two trainings depart: rate, samples, loss, gradient or update."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.arrays import AnyArray, Array
from engine.experiment.specs import TrainingSpec
from engine.gradcheck.analytic import norm_ratio
from engine.nn.network import Network

SAME = 1e-9
"""Largest relative difference of rates, and norm ratio of gradients, that counts as equal."""
SAME_LOSS = 1e-5
"""The same for losses: the training loop reports its own with six digits."""
ALIKE = 1e-3
"""Largest part of a vector that a multiple of another may leave unexplained."""
Cause = Literal["learning rate", "samples", "loss", "gradient", "update"]


@dataclass(frozen=True)
class OneStep:
    """One update on both sides; arrays in float64."""

    before: Network
    """The network with our parameters before the step."""
    moved: Array
    """Our change of the parameters, tensor by tensor, (n_parameters,)."""
    torch_moved: Array
    """PyTorch's change of the parameters, (n_parameters,)."""
    x: Array
    """The batch of this step, (m, n_features)."""
    y: AnyArray
    loss: float | None
    """The training loop's loss of its batch; None: not finite."""
    torch_loss: float
    rate: float
    torch_rate: float


def explain(step: OneStep, training: TrainingSpec, device: str) -> tuple[Cause, str]:
    """Return the first difference of the step and its description; `device` is PyTorch's."""
    if not math.isclose(step.rate, step.torch_rate, rel_tol=SAME):
        theirs = f"PyTorch's {training.schedule.name} schedule gives {step.torch_rate:.10g}"
        return "learning rate", f"the learning rate is {step.rate:.10g}, {theirs}"
    due = step.before.loss_value(step.x, step.y, training=True)
    if not _same_loss(due, step.torch_loss):
        return "loss", f"the loss of the batch is {due:.6g}, PyTorch's is {step.torch_loss:.6g}"
    if step.loss is None or not _same_loss(step.loss, due):
        shown = "not finite" if step.loss is None else f"{step.loss:.6g}"
        turn = f"that of the samples whose turn it was is {due:.6g}"
        return "samples", f"other samples were used: the loss was {shown}, {turn}"
    gradient, ratio = _gradients(step, device)
    if not ratio <= SAME:
        where = "nnterm check without --steps shows where"
        return "gradient", f"the gradient differs from autograd's (norm ratio {ratio:.1e}): {where}"
    return "update", _explain_update(step, training, gradient)


def _same_loss(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=SAME_LOSS, abs_tol=1e-9)


def _gradients(step: OneStep, device: str) -> tuple[Array, float]:
    """Return our gradient (n_parameters,), and its largest norm ratio against autograd's over the tensors."""
    from engine.torch.autograd import torch_gradients

    network, targets = step.before, step.before.encode(step.y)
    network.loss_and_gradient(step.x, step.y)
    theirs = torch_gradients(network, step.x, targets, device, "float64").gradients
    ratios = [norm_ratio(gradient, theirs[name]) for name, _, gradient in network.parameters()]
    return network.grad.copy(), max(ratios)


def _explain_update(step: OneStep, training: TrainingSpec, gradient: Array) -> str:
    """Describe an update that differs for the same gradient and rate: in clipping, weight decay or the rule."""
    ours, theirs = step.moved, step.torch_moved
    same = f"rate, samples and gradient agree, but the update of {training.optimizer.name} differs"
    factor = _proportion(ours, theirs)
    norm = float(np.linalg.norm(gradient))
    if factor is not None and not math.isclose(factor, 1, rel_tol=ALIKE):
        clipped = 0 < training.clip_norm < norm
        is_quotient = clipped and math.isclose(factor, norm / training.clip_norm, rel_tol=1e-3)
        why = f": clipping to {training.clip_norm:g} is missing" if is_quotient else ""
        return f"{same}, {factor:.6g} times PyTorch's{why}"
    weights = np.concatenate([view.ravel() for _, view, _ in step.before.parameters()])
    decay = _proportion(ours - theirs, weights)
    if decay is not None:
        pull = training.optimizer.weight_decay * step.rate
        share = decay / pull if pull else math.inf
        left_out = ": weight decay is missing" if math.isclose(share, 1, rel_tol=1e-3) else ""
        return f"{same}: off by {decay:.3g} times the weights{left_out}"
    ratio = norm_ratio(ours, theirs)
    return f"{same} (norm ratio {ratio:.1e})"


def _proportion(a: Array, b: Array) -> float | None:
    """Return c with a = c · b to three digits, None if no c fits."""
    power = float(b @ b)
    if not (power and np.isfinite(a).all()):
        return None
    c = float(a @ b) / power
    return c if float(np.linalg.norm(a - c * b)) <= ALIKE * float(np.linalg.norm(a)) else None
