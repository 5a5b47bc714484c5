"""The curves of a comparison of runs, and the values of each run at an x value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tui.follow.loss_history import Floats
from tui.follow.readings import Reading, value_at
from tui.follow.run_figures import RunFigures
from tui.theme import MARKS, SERIES, rgb

if TYPE_CHECKING:
    from tui.charts.curves import Series

MOST = len(SERIES)
"""Maximum runs in a comparison: more colours and marks cannot be distinguished."""
Which = Literal["train and validation", "validation", "train"]
WHICH: tuple[Which, ...] = ("train and validation", "validation", "train")
Unit = Literal["step", "epoch", "second"]
UNITS: tuple[Unit, ...] = ("step", "epoch", "second")


@dataclass(frozen=True)
class Scale:
    """The scale of the x axis: updates, epochs (comparable between batch sizes), or seconds of training."""

    unit: Unit = "step"

    @property
    def next(self) -> "Scale":
        """The scale after this one, wrapping around."""
        return Scale(UNITS[(UNITS.index(self.unit) + 1) % len(UNITS)])

    def words(self, at: float) -> str:
        """Return an x value in words."""
        match self.unit:
            case "step":
                return f"at step {at:,.0f}"
            case "epoch":
                return f"at epoch {at:.4g}"
        return f"at {at:.4g} s"

    def x(self, figures: RunFigures, steps: Floats) -> Floats:
        """Return the x values of updates `steps`, (n,)."""
        match self.unit:
            case "step":
                return steps
            case "epoch":
                return steps / max(1, figures.steps_per_epoch)
        return figures.times.at(steps)


def sign(i: int) -> tuple[str, str]:
    """Return the mark and the colour (#RRGGBB) of the i-th run."""
    return MARKS[i % len(MARKS)], SERIES[i % len(SERIES)]


def loss_series(runs: Sequence[RunFigures], scale: Scale, which: Which) -> "list[Series]":
    """Return the loss curves: plain lines for training, lines with the run's mark for validation."""
    return _series(
        runs,
        scale,
        which,
        lambda run: (run.losses.steps, run.losses.mean),
        lambda run: (run.validation_steps, run.validation_losses),
        smooth=True,
    )


def accuracy_series(runs: Sequence[RunFigures], scale: Scale, which: Which) -> "list[Series]":
    """Return the accuracy curves in percent, in the style of the loss curves."""
    return _series(
        runs,
        scale,
        which,
        lambda run: (run.accuracies.steps, 100 * run.accuracies.train),
        lambda run: (run.accuracies.steps, 100 * run.accuracies.validation),
        smooth=False,
    )


Points = Callable[[RunFigures], tuple[Floats, Floats]]


def _series(
    runs: Sequence[RunFigures], scale: Scale, which: Which, train: Points, validation: Points, *, smooth: bool
) -> "list[Series]":
    from tui.charts.curves import Series

    trained, validated = [], []
    for i, run in enumerate(runs):
        mark, colour = sign(i)
        if "train" in which:
            steps, values = train(run)
            trained.append(Series(run.name, rgb(colour), scale.x(run, steps), values, smooth=smooth))
        if "validation" in which:
            steps, values = validation(run)
            x = scale.x(run, steps)
            validated.append(Series(run.name, rgb(colour), x, values, mark=mark, smooth=False))
    return [*trained, *validated]


def end_of(runs: Sequence[RunFigures], scale: Scale) -> float:
    """Return the largest x value of the runs."""
    return max((float(scale.x(run, np.array([float(run.step)]))[0]) for run in runs), default=0.0)


def read_off(run: RunFigures, scale: Scale, at: float | None) -> Reading:
    """Return the scores of a run at the x value `at`; None: the newest."""
    losses, accuracies = run.losses, run.accuracies
    return Reading(
        value_at(scale.x(run, losses.steps), losses.mean, at),
        value_at(scale.x(run, run.validation_steps), run.validation_losses, at),
        value_at(scale.x(run, accuracies.steps), accuracies.train, at),
        value_at(scale.x(run, accuracies.steps), accuracies.validation, at),
    )
