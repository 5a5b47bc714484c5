"""PyTorch's counterparts of our optimizers and schedules. Imports torch; import it inside a function."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, lr_scheduler

from engine.optim.optimizer import Optimizer
from engine.optim.schedule import Schedule
from engine.torch.library import NoTwinError


def make_optimizer(
    options: Optimizer, parameters: Iterable[Tensor], fused: bool | None = None
) -> torch.optim.Optimizer:
    """Return `torch.optim`'s optimizer with the same options.

    Args:
        options: ours.
        parameters: the tensors to update.
        fused: True to update in one kernel; None: PyTorch's default. RMSprop has no such kernel.

    Raises:
        NoTwinError: it has no counterpart.
    """
    kind = _counterpart(torch.optim, "optimizer", options.name, options.torch_name)
    keywords = {"lr": options.lr, "weight_decay": options.weight_decay, **options.torch_options()}
    if "fused" in inspect.signature(kind).parameters:
        keywords["fused"] = fused
    optimizer: torch.optim.Optimizer = _built(options.torch_name, lambda: kind(list(parameters), **keywords))
    return optimizer


class Rates:
    """The learning rate of each step by PyTorch's schedulers, with the warm-up by `LinearLR`.

    Args:
        schedule: ours.
        lr: the base learning rate.
        total_steps: of the whole training.
        steps_per_epoch: batches of an epoch.

    Raises:
        NoTwinError: the schedule has no counterpart.
    """

    def __init__(self, schedule: Schedule, lr: float, total_steps: int, steps_per_epoch: int) -> None:
        kind = _counterpart(lr_scheduler, "schedule", schedule.name, schedule.torch_name)
        self._moves, self._steps_per_epoch, self._steps = schedule.moves, steps_per_epoch, 0
        self._warmup, self._rest = schedule.warmup, max(1, total_steps - schedule.warmup)
        self._rising, self._carrier = _carrier(lr), _carrier(lr)
        first = 1 / max(1, self._warmup)
        self._rise = lr_scheduler.LinearLR(self._rising, first, total_iters=max(1, self._warmup - 1))
        self._scheduler = _built(
            schedule.torch_name, lambda: kind(self._carrier, **schedule.torch_options(lr, self._rest))
        )
        for carrier in (self._rising, self._carrier):
            carrier.step()  # PyTorch warns if a scheduler steps before its optimizer

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        return _rate_of(self._rising if self._steps < self._warmup else self._carrier)

    def after_step(self) -> None:
        """Advance by one step."""
        self._steps += 1
        done = self._steps - self._warmup  # steps of the schedule proper
        if done <= 0:
            self._rise.step()
        elif done < self._rest and self._is_due(done):
            self._scheduler.step()

    @property
    def watch_the_loss(self) -> bool:
        """True if the schedule depends on the loss of every epoch."""
        return self._moves == "loss"

    def after_epoch(self, watched: float) -> None:
        """Pass the loss of an epoch to a schedule that depends on it."""
        if self.watch_the_loss:
            self._scheduler.step(watched)

    def _is_due(self, done: int) -> bool:
        if self._moves == "epoch":
            return done % self._steps_per_epoch == 0
        return self._moves == "step"


def _built(torch_name: str, make: Callable[[], Any]) -> Any:
    """Return what `make` returns; a NoTwinError with PyTorch's words if PyTorch cannot do it for these settings."""
    try:
        return make()
    except Exception as error:
        raise NoTwinError(
            f"PyTorch's {torch_name} fails for these settings: {type(error).__name__}: {error}",
            "change the number of steps or an option of it a little; the training itself does not need PyTorch",
        ) from None


def _carrier(lr: float) -> torch.optim.Optimizer:
    """Return an optimizer of a dummy parameter, whose learning rate a scheduler sets."""
    return SGD([torch.zeros(1)], lr)


def _rate_of(optimizer: torch.optim.Optimizer) -> float:
    return float(optimizer.param_groups[0]["lr"])


def _counterpart(module: Any, family: str, name: str, torch_name: str) -> Any:
    """Return the PyTorch class that a member of ours names."""
    kind = getattr(module, torch_name, None) if torch_name else None
    if kind is None:
        raise NoTwinError(
            f'{family} "{name}" has no counterpart in PyTorch', "state PyTorch's name on the class"
        )
    return kind
