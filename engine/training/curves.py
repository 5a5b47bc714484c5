"""The figures of a training as NumPy arrays, for plots and tables."""

import math
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import NntermError
from engine.events import Buckets, Epoch, Steps

Curves = dict[str, NDArray[Any]]
"""Arrays of one length by name."""
FIGURES = (
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "learning_rate",
    "samples_per_s",
    "seconds",
)


def curves(events: Iterable[Any], every: Literal["epoch", "step"] = "epoch") -> Curves:
    """Return the figures of a training's events as arrays of one length, by name; NaN where there is no figure.

    Args:
        events: those of a `Trainer` or of a run.
        every: "epoch": `epoch` and `step` at its end, int64, with `train_loss`, `train_accuracy`, `validation_loss`,
            `validation_accuracy`, `learning_rate`, `samples_per_s` and `seconds`, float64. "step": `step`, the updates
            made before, and `loss`, that of the update's batch to 6 digits; in a long run the mean of several updates.

    Raises:
        NntermError: `every` is neither of them.
    """
    if every == "step":
        pairs = [pair for event in events if isinstance(event, Steps) for pair in _losses(event)]
        steps, losses = zip(*pairs, strict=True) if pairs else ((), ())
        return {"step": np.array(steps, np.int64), "loss": _floats(losses)}
    if every != "epoch":
        raise NntermError(f'curves: every = "{every}" is not known', 'take "epoch" or "step"')
    epochs = [event for event in events if isinstance(event, Epoch)]
    found: Curves = {
        name: np.array([getattr(one, name) for one in epochs], np.int64) for name in ("epoch", "step")
    }
    return found | {name: _floats(getattr(one, name) for one in epochs) for name in FIGURES}


def _losses(event: Steps) -> Iterator[tuple[int, float | None]]:
    """Yield the updates made before each loss, and the loss."""
    size = event.buckets.size if isinstance(event.buckets, Buckets) else 1
    yield from ((event.step + i * size, loss) for i, loss in enumerate(event.means))


def _floats(values: Iterable[float | None]) -> NDArray[np.float64]:
    return np.array([math.nan if value is None else value for value in values], np.float64)
