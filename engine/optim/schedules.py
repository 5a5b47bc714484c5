"""Learning-rate schedules, each with its formula and source; definitions as in PyTorch.

A schedule gives the factor f by which the optimizer's learning rate is multiplied at a step. `step` and `exponential`
change it once per epoch, `inverse_time`, `cosine` and `one_cycle` at every step, `plateau` when the monitored loss
stops falling. Each may be preceded by `warmup` steps of linear increase.
"""

import math
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from engine.named import AtLeastOne, Count, NonNegative, Share, registry
from engine.optim.schedule import Schedule, ScheduleProgress, ScheduleState

Factor = Annotated[float, msgspec.Meta(gt=0, le=1)]
ClosedShare = Annotated[float, msgspec.Meta(ge=0, le=1)]
OpenShare = Annotated[float, msgspec.Meta(gt=0, lt=1)]


class ConstantSchedule(Schedule, frozen=True, tag="constant"):
    """f = 1."""

    use: ClassVar[str] = "The same learning rate all the way."
    is_constant: ClassVar[bool] = True
    torch_name: ClassVar[str] = "ConstantLR"

    def torch_options(self, lr: float, steps: int) -> dict[str, Any]:
        return {"factor": 1.0}

    def _factor(self, progress: ScheduleProgress, state: ScheduleState) -> float:
        return 1.0


class StepSchedule(Schedule, frozen=True, tag="step"):
    """f = γ^⌊epoch / every⌋, as `torch.optim.lr_scheduler.StepLR`."""

    use: ClassVar[str] = "Multiplies the rate by a factor every few epochs."

    every: AtLeastOne = 10
    """Epochs between two reductions."""
    gamma: Factor = 0.1
    """γ, factor of each reduction."""

    moves: ClassVar[Literal["step", "epoch", "loss"]] = "epoch"
    torch_name: ClassVar[str] = "StepLR"

    def torch_options(self, lr: float, steps: int) -> dict[str, Any]:
        return {"step_size": self.every, "gamma": self.gamma}

    def _factor(self, progress: ScheduleProgress, state: ScheduleState) -> float:
        epoch = progress.step // progress.steps_per_epoch
        return self.gamma ** (epoch // self.every)


class Exponential(Schedule, frozen=True):
    """f = γ^epoch, as `torch.optim.lr_scheduler.ExponentialLR`."""

    use: ClassVar[str] = "Multiplies the rate by a factor after every epoch."

    gamma: Factor = 0.95
    """γ, factor per epoch."""

    moves: ClassVar[Literal["step", "epoch", "loss"]] = "epoch"
    torch_name: ClassVar[str] = "ExponentialLR"

    def torch_options(self, lr: float, steps: int) -> dict[str, Any]:
        return {"gamma": self.gamma}

    def _factor(self, progress: ScheduleProgress, state: ScheduleState) -> float:
        return self.gamma ** (progress.step // progress.steps_per_epoch)


class InverseTime(Schedule, frozen=True):
    """f = 1 / (1 + k t) after t steps, as the `decay` of Keras's optimizers.

    Decays like 1/t, as the convergence of stochastic approximation asks for. Source: Robbins and Monro 1951.
    """

    use: ClassVar[str] = "Falls as 1/t: fast at first, then ever more slowly; the decay of Keras."

    decay: NonNegative = 1e-3
    """k, per step: the rate is half after 1/k steps."""

    torch_name: ClassVar[str] = "LambdaLR"

    def torch_options(self, lr: float, steps: int) -> dict[str, Any]:
        return {"lr_lambda": lambda step: 1 / (1 + self.decay * step)}

    def _factor(self, progress: ScheduleProgress, state: ScheduleState) -> float:
        return 1 / (1 + self.decay * progress.step)


class Cosine(Schedule, frozen=True):
    """f = r + (1 − r) (1 + cos(π t/T)) / 2 over all T steps, as `CosineAnnealingLR` with eta_min = r lr.

    Source: Loshchilov and Hutter 2017, equation 5, without restarts.
    """

    use: ClassVar[str] = "Falls along half a cosine to the end of training: a safe default for long runs."

    final: ClosedShare = 0.0
    """r, the final factor."""

    torch_name: ClassVar[str] = "CosineAnnealingLR"

    def torch_options(self, lr: float, steps: int) -> dict[str, Any]:
        return {"T_max": steps, "eta_min": self.final * lr}

    def _factor(self, progress: ScheduleProgress, state: ScheduleState) -> float:
        share = min(1.0, progress.step / progress.total_steps)
        return self.final + (1 - self.final) * (1 + math.cos(math.pi * share)) / 2


class OneCycle(Schedule, frozen=True):
    """A cosine rise from 1/25 to 1 over the first part of the steps, then a cosine fall to 1/250,000.

    As `torch.optim.lr_scheduler.OneCycleLR(max_lr=lr, total_steps=T)`. Source: Smith and Topin 2018.
    """

    use: ClassVar[str] = "Rises, then falls to nearly 0: trains fast with a high peak rate."

    rise: OpenShare = 0.3
    """Share of the steps in which the factor increases."""
    start: Annotated[float, msgspec.Meta(ge=1)] = 25.0
    """Initial learning rate: lr / start."""
    end: Annotated[float, msgspec.Meta(ge=1)] = 1e4
    """Final learning rate: lr / (start * end)."""

    torch_name: ClassVar[str] = "OneCycleLR"

    def torch_options(self, lr: float, steps: int) -> dict[str, Any]:
        return {
            "max_lr": lr,
            "total_steps": steps,
            "pct_start": self.rise,
            "cycle_momentum": False,
            "div_factor": self.start,
            "final_div_factor": self.end,
        }

    def _factor(self, progress: ScheduleProgress, state: ScheduleState) -> float:
        last = progress.total_steps - 1
        peak = self.rise * progress.total_steps - 1
        step = min(progress.step, last)
        first, final = 1 / self.start, 1 / (self.start * self.end)
        if step <= peak:
            return _cosine_between(first, 1.0, step / peak if peak > 0 else 1.0)
        return _cosine_between(1.0, final, (step - peak) / (last - peak))


class Plateau(Schedule, frozen=True):
    """f ← f · gamma after `patience` epochs without a loss below best · (1 − threshold).

    As `torch.optim.lr_scheduler.ReduceLROnPlateau`.
    """

    use: ClassVar[str] = "Lowers the rate when the loss has stopped improving."

    gamma: OpenShare = 0.1
    """Factor of each reduction."""
    patience: Count = 10
    """Epochs without improvement that do not yet reduce the factor."""
    threshold: Share = 1e-4
    """Smallest relative decrease of the loss that counts as an improvement."""

    moves: ClassVar[Literal["step", "epoch", "loss"]] = "loss"
    torch_name: ClassVar[str] = "ReduceLROnPlateau"

    def torch_options(self, lr: float, steps: int) -> dict[str, Any]:
        # PyTorch skips reductions of the learning rate smaller than eps; this schedule does not
        return {"factor": self.gamma, "patience": self.patience, "threshold": self.threshold, "eps": 0.0}

    def _factor(self, progress: ScheduleProgress, state: ScheduleState) -> float:
        return state.factor

    def after_epoch(self, loss: float, state: ScheduleState) -> ScheduleState:
        """Return the state after an epoch; more than `patience` of them without improvement reduce the factor."""
        best = math.inf if state.best_loss is None else state.best_loss
        if loss < best * (1 - self.threshold):
            return ScheduleState(state.factor, loss, 0)
        bad = state.bad_epochs + 1
        if bad > self.patience:
            return ScheduleState(state.factor * self.gamma, state.best_loss, 0)
        return ScheduleState(state.factor, state.best_loss, bad)


def _cosine_between(start: float, end: float, share: float) -> float:
    """Return the value between `start` (share 0) and `end` (share 1) on half a cosine wave."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


SCHEDULES: dict[str, type[Schedule]] = registry(
    [ConstantSchedule, StepSchedule, Exponential, InverseTime, Cosine, OneCycle, Plateau]
)
"""The schedules by their name in the experiment file."""
