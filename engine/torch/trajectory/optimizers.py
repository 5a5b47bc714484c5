"""What stands in PyTorch for our optimizers and schedules. Imports torch; import it inside a function."""

from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple, TypeVar

import torch
from torch import Tensor
from torch.optim import SGD, Adagrad, Adam, AdamW, RMSprop, lr_scheduler

from engine.optim.optimizers import Optimizer
from engine.optim.schedules import Schedule
from engine.torch.library import NoTwinError

Entry = TypeVar("Entry")


def make_optimizer(
    options: Optimizer, parameters: Iterable[Tensor], fused: bool | None = None
) -> torch.optim.Optimizer:
    """Return `torch.optim`'s optimizer with the same options.

    Args:
        fused: whether it makes an update in one kernel; None: as PyTorch chooses. RMSprop has no such kernel.

    Raises:
        NoTwinError: it has no counterpart.
    """
    make = _counterpart("optimizer", options.name, _OPTIMIZERS)
    return make(options, list(parameters), fused)


def _sgd(options: Any, parameters: list[Tensor], fused: bool | None) -> torch.optim.Optimizer:
    return SGD(
        parameters,
        options.lr,
        momentum=options.momentum,
        nesterov=options.nesterov,
        weight_decay=options.weight_decay,
        fused=fused,
    )


def _rmsprop(options: Any, parameters: list[Tensor], fused: bool | None) -> torch.optim.Optimizer:
    return RMSprop(parameters, options.lr, options.alpha, options.eps, options.weight_decay)


def _adagrad(options: Any, parameters: list[Tensor], fused: bool | None) -> torch.optim.Optimizer:
    return Adagrad(parameters, options.lr, weight_decay=options.weight_decay, eps=options.eps, fused=fused)


def _adam(options: Any, parameters: list[Tensor], fused: bool | None) -> torch.optim.Optimizer:
    betas = (options.beta1, options.beta2)
    return Adam(parameters, options.lr, betas, options.eps, options.weight_decay, fused=fused)


def _adamw(options: Any, parameters: list[Tensor], fused: bool | None) -> torch.optim.Optimizer:
    betas = (options.beta1, options.beta2)
    return AdamW(parameters, options.lr, betas, options.eps, options.weight_decay, fused=fused)


def _perceptron(options: Any, parameters: list[Tensor], fused: bool | None) -> torch.optim.Optimizer:
    """Rosenblatt's rule is plain descent on the perceptron criterion, whose gradient autograd finds."""
    return SGD(parameters, options.lr, weight_decay=options.weight_decay, fused=fused)


_OPTIMIZERS: dict[str, Callable[[Any, list[Tensor], bool | None], torch.optim.Optimizer]] = {
    "sgd": _sgd,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
    "adam": _adam,
    "adamw": _adamw,
    "perceptron": _perceptron,
}


class _Scheduler(NamedTuple):
    """A scheduler of PyTorch's, and when it moves."""

    moves: Literal["each step", "each epoch", "with the loss"]
    make: Callable[[Any, torch.optim.Optimizer, int], Any]
    """From our options, an optimizer and the number of steps that it is for."""


_SCHEDULERS: dict[str, _Scheduler] = {
    "constant": _Scheduler("each step", lambda s, o, n: lr_scheduler.ConstantLR(o, 1.0)),
    "step": _Scheduler("each epoch", lambda s, o, n: lr_scheduler.StepLR(o, s.every, s.gamma)),
    "exponential": _Scheduler("each epoch", lambda s, o, n: lr_scheduler.ExponentialLR(o, s.gamma)),
    "cosine": _Scheduler("each step", lambda s, o, n: _cosine(s, o, n)),
    "one_cycle": _Scheduler("each step", lambda s, o, n: _one_cycle(s, o, n)),
    "plateau": _Scheduler("with the loss", lambda s, o, n: _plateau(s, o)),
}


def _cosine(options: Any, optimizer: torch.optim.Optimizer, steps: int) -> Any:
    return lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=options.final * _rate_of(optimizer))


def _one_cycle(options: Any, optimizer: torch.optim.Optimizer, steps: int) -> Any:
    return lr_scheduler.OneCycleLR(
        optimizer,
        _rate_of(optimizer),
        total_steps=steps,
        pct_start=options.rise,
        cycle_momentum=False,
        div_factor=options.start,
        final_div_factor=options.end,
    )


def _plateau(options: Any, optimizer: torch.optim.Optimizer) -> Any:
    # PyTorch's eps passes over drops of the rate below 1e-8; ours has no such bound.
    return lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=options.gamma, patience=options.patience, threshold=options.threshold, eps=0.0
    )


class Rates:
    """The learning rate of each step by PyTorch's schedulers, the warm-up by `LinearLR` before them.

    Args:
        schedule: ours.
        lr: the rate that it multiplies.
        total_steps: of the whole training.
        steps_per_epoch: batches of an epoch.

    Raises:
        NoTwinError: the schedule has no counterpart.
    """

    def __init__(self, schedule: Schedule, lr: float, total_steps: int, steps_per_epoch: int) -> None:
        kind = _counterpart("schedule", schedule.name, _SCHEDULERS)
        self._moves, self._steps_per_epoch, self._steps = kind.moves, steps_per_epoch, 0
        self._warmup, self._rest = schedule.warmup, max(1, total_steps - schedule.warmup)
        self._rising, self._carrier = _carrier(lr), _carrier(lr)
        first = 1 / max(1, self._warmup)
        self._rise = lr_scheduler.LinearLR(self._rising, first, total_iters=max(1, self._warmup - 1))
        self._scheduler = kind.make(schedule, self._carrier, self._rest)
        for carrier in (self._rising, self._carrier):
            carrier.step()  # PyTorch warns of a scheduler that moves before its optimizer

    @property
    def rate(self) -> float:
        """The rate of the next step."""
        return _rate_of(self._rising if self._steps < self._warmup else self._carrier)

    def after_step(self) -> None:
        """Move on by one step."""
        self._steps += 1
        done = self._steps - self._warmup  # steps of the schedule proper
        if done <= 0:
            self._rise.step()
        elif done < self._rest and self._is_due(done):
            self._scheduler.step()

    @property
    def watch_the_loss(self) -> bool:
        """Whether the schedule wants to know the loss of every epoch."""
        return self._moves == "with the loss"

    def after_epoch(self, watched: float) -> None:
        """Tell the loss that was watched over an epoch."""
        if self.watch_the_loss:
            self._scheduler.step(watched)

    def _is_due(self, done: int) -> bool:
        if self._moves == "each epoch":
            return done % self._steps_per_epoch == 0
        return self._moves == "each step"


def _carrier(lr: float) -> torch.optim.Optimizer:
    """An optimizer of nothing, for a scheduler to set the rate of."""
    return SGD([torch.zeros(1)], lr)


def _rate_of(optimizer: torch.optim.Optimizer) -> float:
    return float(optimizer.param_groups[0]["lr"])


def _counterpart(what: str, name: str, table: dict[str, Entry]) -> Entry:
    if name not in table:
        hint = "add it to engine/torch/trajectory/optimizers.py"
        raise NoTwinError(f'{what} "{name}" has no counterpart in PyTorch', hint)
    return table[name]
