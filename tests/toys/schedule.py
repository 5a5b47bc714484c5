"""A toy schedule: one class and one entry in `SCHEDULES`. PyTorch has no equivalent."""

from typing import ClassVar, Literal

from engine.named import NonNegative
from engine.optim.schedule import Schedule, ScheduleProgress, ScheduleState


class RootDecay(Schedule, frozen=True):
    """f = 1 / √(1 + k epoch)."""

    k: NonNegative = 0.5

    moves: ClassVar[Literal["step", "epoch", "loss"]] = "epoch"

    def _factor(self, progress: ScheduleProgress, state: ScheduleState) -> float:
        return float((1 + self.k * (progress.step // progress.steps_per_epoch)) ** -0.5)
