"""The gradient check of a PyTorch module: autograd against finite differences of the loss, in float64 on a copy."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.arrays import AnyArray, Array
from engine.errors import DataError
from engine.gradcheck.functions.checker import check_function
from engine.gradcheck.report import Report
from engine.torch.autograd import one_thread

Loss = Callable[[Tensor, Tensor], Tensor]
Arrays = dict[str, Array]


def check_module(
    module: nn.Module,
    x: AnyArray | Tensor,
    y: AnyArray | Tensor,
    *,
    loss: Loss | None = None,
    budget_s: float = 5.0,
    seed: int = 0,
    progress: Callable[[int, int], object] | None = None,
) -> Report:
    """Compare the gradients that PyTorch computes for a module with finite differences of its loss.

    Both are taken on a copy in float64 on the CPU, in the module's mode; random masks are drawn from one seed. It finds
    a wrong `backward` of a function of your own, and a parameter that autograd is cut off from.

    Args:
        module: unchanged; takes x and returns scores, a row per sample.
        x: an array or a tensor; float32 becomes float64.
        y: classes (m,) or values.
        loss: of the scores and y; None: cross-entropy of logits for integer classes, else the mean squared error.
        budget_s: as in `check_gradients`; `seed` and `progress` too.

    Raises:
        DataError: the module has no parameters to check, cannot be copied, or does not take x and y.
    """
    twin = _in_float64(module)
    inputs, targets = _double(_tensor(x, "x")), _double(_tensor(y, "y"))
    subject = _Subject(twin, inputs, targets, loss, seed)
    start = {name: values.detach().numpy().copy() for name, values in subject.parameters.items()}
    with one_thread(), _same_random_numbers():
        _try(subject, start)
        report = check_function(
            subject.loss, subject.gradient, start, budget_s=budget_s, seed=seed, progress=progress
        )
    frozen = [name for name, values in twin.named_parameters() if not values.requires_grad]
    notes = (
        *report.notes,
        *([f"not checked, requires_grad is False: {', '.join(frozen)}"] if frozen else ()),
    )
    return replace(report, samples=len(inputs), notes=notes, torch_version=str(torch.__version__))


class _Subject:
    """A module's loss and autograd's gradient as functions of its parameters by name."""

    def __init__(self, module: nn.Module, x: Tensor, y: Tensor, loss: Loss | None, seed: int) -> None:
        self._module, self._x, self._y = module, x, y
        self._loss, self._seed = loss or _usual_loss, seed
        self.parameters = {name: one for name, one in module.named_parameters() if one.requires_grad}
        if not self.parameters:
            raise DataError("the module has no parameters that require a gradient", "pass one that has")
        self._buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}

    def loss(self, w: Arrays) -> float:
        with torch.no_grad():
            return float(self._evaluate(w))

    def gradient(self, w: Arrays) -> Arrays:
        self._module.zero_grad()
        self._evaluate(w).backward()  # type: ignore[no-untyped-call]
        return {
            name: np.zeros(one.shape) if one.grad is None else one.grad.numpy().copy()
            for name, one in self.parameters.items()
        }

    def _evaluate(self, w: Arrays) -> Tensor:
        with torch.no_grad():
            for name, one in self.parameters.items():
                one.copy_(torch.from_numpy(np.asarray(w[name])))
            for name, buffer in self._module.named_buffers():
                buffer.copy_(self._buffers[name])
        torch.default_generator.manual_seed(self._seed)
        return self._loss(self._module(self._x), self._y)


@contextmanager
def _same_random_numbers() -> Iterator[None]:
    """Give PyTorch its state of random numbers back at the end of the block."""
    before = torch.default_generator.get_state()
    try:
        yield
    finally:
        torch.default_generator.set_state(before)


def _try(subject: _Subject, start: Arrays) -> None:
    try:
        subject.gradient(start)
    except Exception as error:
        message = f"the module and its loss raised {type(error).__name__}: {error}"
        raise DataError(
            message, "x and y must fit the module: scores (m, k) for x, classes (m,) or values for y"
        ) from error


def _in_float64(module: nn.Module) -> nn.Module:
    try:
        return copy.deepcopy(module).to("cpu", torch.float64)
    except Exception as error:
        message = f"the module cannot be copied to float64: {type(error).__name__}: {error}"
        raise DataError(
            message, "the check works on a copy; pass a module that copy.deepcopy takes"
        ) from error


def _tensor(values: AnyArray | Tensor, name: str) -> Tensor:
    if isinstance(values, Tensor):
        return values.detach().cpu()
    try:
        return torch.from_numpy(np.array(values))
    except (TypeError, ValueError) as error:  # a function, texts, rows of different lengths
        message = f"{name} is no array of numbers: {type(values).__name__}"
        raise DataError(message, "call check_gradients(module, x, y) with arrays or tensors") from error


def _double(values: Tensor) -> Tensor:
    return values.double() if values.is_floating_point() else values


def _usual_loss(scores: Any, y: Tensor) -> Tensor:
    """Return the mean loss of `scores` (m, k) for classes (m,) or values."""
    if y.is_floating_point():
        return functional.mse_loss(scores.reshape(y.shape) if scores.numel() == y.numel() else scores, y)
    if scores.numel() == y.numel():
        return functional.binary_cross_entropy_with_logits(scores.reshape(y.shape), y.to(scores.dtype))
    return functional.cross_entropy(scores, y.long())
