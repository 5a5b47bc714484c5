"""The curves of a comparison of runs, and the values of each run at an x value."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tui.follow.loss_history import Floats
from tui.follow.run_figures import RunFigures
from tui.theme import MARKS, SERIES, rgb

if TYPE_CHECKING:
    from tui.charts.curves import Series

MOST = len(SERIES)
"""Maximum runs in a comparison: more colours and marks cannot be distinguished."""
SIGNS = 16
"""Maximum marks on a curve."""
Which = Literal["train and validation", "validation", "train"]
WHICH: tuple[Which, ...] = ("train and validation", "validation", "train")


@dataclass(frozen=True)
class Scale:
    """The scale of the x axis: updates, or epochs, which are comparable between batch sizes."""

    by_epoch: bool = False

    @property
    def word(self) -> str:
        """The label of the axis."""
        return "epoch" if self.by_epoch else "step"

    def x(self, figures: RunFigures, steps: Floats) -> Floats:
        """Return the x values of updates `steps`, (n,)."""
        return steps / max(1, figures.steps_per_epoch) if self.by_epoch else steps


@dataclass(frozen=True)
class Reading:
    """The scores of a run at an x value; None: no value there."""

    train_loss: float | None = None
    validation_loss: float | None = None
    train_accuracy: float | None = None
    validation_accuracy: float | None = None


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

    series = []
    for i, run in enumerate(runs):
        mark, colour = sign(i)
        if "train" in which:
            steps, values = train(run)
            series.append(Series(run.name, rgb(colour), scale.x(run, steps), values, smooth=smooth))
        if "validation" in which:
            steps, values = validation(run)
            x = scale.x(run, steps)
            series.append(Series(run.name, rgb(colour), x, values, smooth=False))
            few = slice(len(x) - 1, None, -max(1, len(x) // SIGNS)) if len(x) else slice(0)
            series.append(Series(run.name, rgb(colour), x[few], values[few], mark=mark, line=False))
    return series


def end_of(runs: Sequence[RunFigures], scale: Scale) -> float:
    """Return the largest x value of the runs."""
    return max((float(scale.x(run, np.array([float(run.step)]))[0]) for run in runs), default=0.0)


def read_off(run: RunFigures, scale: Scale, at: float | None) -> Reading:
    """Return the scores of a run at the x value `at`; None: the newest."""
    losses, accuracies = run.losses, run.accuracies
    return Reading(
        _value(scale.x(run, losses.steps), losses.mean, at),
        _value(scale.x(run, run.validation_steps), run.validation_losses, at),
        _value(scale.x(run, accuracies.steps), accuracies.train, at),
        _value(scale.x(run, accuracies.steps), accuracies.validation, at),
    )


def _value(xs: Floats, values: Floats, at: float | None) -> float | None:
    """The newest value up to `at`; None before the first point, and more than one spacing after the last."""
    known = np.isfinite(values)
    xs, values = xs[known], values[known]
    if not len(xs):
        return None
    if at is None:
        return float(values[-1])
    gap = float(xs[-1] - xs[-2]) if len(xs) > 1 else 1.0
    place = int(np.searchsorted(xs, at, side="right")) - 1
    if at > xs[-1] + gap or place < -1:
        return None
    return float(values[max(0, place)]) if place >= 0 else None
