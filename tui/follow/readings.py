"""The scores of a run at one place of its curves."""

from dataclasses import dataclass

import numpy as np

from tui.follow.loss_history import Floats
from tui.follow.run_figures import RunFigures


@dataclass(frozen=True)
class Reading:
    """The scores of a run at an x value; None: no value there."""

    train_loss: float | None = None
    validation_loss: float | None = None
    train_accuracy: float | None = None
    validation_accuracy: float | None = None


def reading_at(run: RunFigures, step: float) -> Reading:
    """Return the scores of a run after `step` updates."""
    losses, accuracies = run.losses, run.accuracies
    return Reading(
        value_at(losses.steps, losses.mean, step),
        value_at(run.validation_steps, run.validation_losses, step),
        value_at(accuracies.steps, accuracies.train, step),
        value_at(accuracies.steps, accuracies.validation, step),
    )


def value_at(xs: Floats, values: Floats, at: float | None) -> float | None:
    """Return the newest value up to `at`, or the newest of all if it is None.

    None before the first value, and more than one spacing after the last.
    """
    known = np.isfinite(values)
    xs, values = xs[known], values[known]
    if not len(xs):
        return None
    if at is None:
        return float(values[-1])
    gap = float(xs[-1] - xs[-2]) if len(xs) > 1 else 1.0
    place = int(np.searchsorted(xs, at, side="right")) - 1
    return float(values[place]) if place >= 0 and at <= xs[-1] + gap else None
