"""The history of a run's layer statistics in a fixed amount of memory, with verdicts on the newest ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np
from msgspec.structs import replace

from engine.doctor.health import FIGURES, Health, has_learned, layer_health
from engine.events import LayerFigures, Layers
from tui.follow.loss_history import Floats

LIMIT = 200
"""Maximum points of each statistic."""
MOST_LAYERS = 256
"""Maximum layers of a network; of more, the first ones and the last."""
FEWEST_USUAL = 3
"""Minimum measurements for the usual norm of a gradient."""


@dataclass(frozen=True, eq=False)
class LayerHealth:
    """The layer statistics of a network at one moment, with their history."""

    layers: tuple[LayerFigures, ...]
    """The newest statistics, n_layers of them."""
    verdicts: tuple[Mapping[str, Health], ...]
    """The verdicts of each layer by the name of the statistic; statistics without a rule are absent."""
    steps: Floats
    """Update of each point, (n,)."""
    low: Floats
    """Minimum of each point, (n, n_layers, n_figures) in the order of `FIGURES`; NaN without a value."""
    high: Floats

    @property
    def step(self) -> int:
        """The update of the newest measurement."""
        return int(self.steps[-1])

    def position(self, name: str | None) -> int | None:
        """Return the position of the layer `name`; None if it is not found."""
        return next((i for i, layer in enumerate(self.layers) if layer.name == name), None)

    def course(self, layer: int, figure: str) -> Floats:
        """Return the history of a statistic, (n,): of each point the extreme that is farther from the mean."""
        column = FIGURES.index(figure)
        return _farther_from_mean(self.low[:, layer, column], self.high[:, layer, column])

    def outline(self, width: int) -> Floats:
        """Return all histories reduced to at most `width` groups, (n_groups, n_layers, n_figures), as in `course`."""
        n = len(self.steps)
        starts = np.unique(np.arange(min(width, n)) * n // min(width, n))
        return _farther_from_mean(np.fmin.reduceat(self.low, starts), np.fmax.reduceat(self.high, starts))


def _farther_from_mean(low: Floats, high: Floats) -> Floats:
    """Of each pair of extremes, the one farther from the mean of its column."""
    known = np.isfinite(low) & np.isfinite(high)
    count = np.maximum(known.sum(axis=0), 1)
    middle = np.where(known, low / 2 + high / 2, 0.0).sum(axis=0) / count
    return np.where(high - middle >= middle - low, high, low)


class LayerHistory:
    """Stores the extremes of every `width` measurements; when it is full, neighbouring points are merged."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.width = 1
        """Measurements per point."""
        self._limit = limit
        self._newest: Layers | None = None
        self._first_loss: float | None = None
        self._first_norms: list[float | None] = []
        self._in_last = 0  # measurements in the newest point
        self._n = 0
        self._steps = np.empty(0)
        self._low = self._high = np.empty((0, 0, 0))
        self._shown: LayerHealth | None = None

    def add(self, event: Layers) -> None:
        """Add a measurement; one of a network with other layers restarts the history."""
        if not event.layers:
            return
        if len(event.layers) > MOST_LAYERS:
            event = replace(event, layers=[*event.layers[: MOST_LAYERS - 1], event.layers[-1]])
        before, self._newest, self._shown = self._newest, event, None
        if before is None or [x.name for x in before.layers] != [x.name for x in event.layers]:
            self._begin(event)
        values = np.array([[getattr(layer, name) for name in FIGURES] for layer in event.layers], np.float64)
        if self._n and self._in_last < self.width:
            last = self._n - 1
            np.fmin(self._low[last], values, out=self._low[last])
            np.fmax(self._high[last], values, out=self._high[last])
        else:
            self._append(values)
        self._in_last += 1
        self._steps[self._n - 1] = event.step

    def cut(self, step: int) -> None:
        """Drop the measurements after update `step`, and a point that spans it."""
        n = int(np.searchsorted(self._steps[: self._n], step, side="right"))
        if n == self._n:
            return
        self._n, self._in_last, self._shown = n, self.width, None
        self._newest = self._at_point(n - 1) if n else None

    def _at_point(self, i: int) -> Layers | None:
        """The values of a point as a measurement."""
        if self._newest is None:
            return None
        rows = [dict(zip(FIGURES, row, strict=True)) for row in self._high[i].tolist()]
        layers = [
            replace(layer, **{name: value if isfinite(value) else None for name, value in row.items()})
            for layer, row in zip(self._newest.layers, rows, strict=True)
        ]
        return replace(self._newest, step=int(self._steps[i]), layers=layers)

    def health(self) -> LayerHealth | None:
        """Return the current statistics with their history, unaffected by later measurements; None before the first."""
        newest = self._newest
        if self._shown is None and newest is not None:
            learned = has_learned([self._first_loss, newest.loss])
            self._shown = LayerHealth(
                layers=tuple(newest.layers),
                verdicts=tuple(
                    layer_health(layer, newest.layers[-1], usual, learned=learned, first_norm=first)
                    for layer, usual, first in zip(
                        newest.layers, self._usual_gradients(), self._first_norms, strict=True
                    )
                ),
                steps=self._steps[: self._n].copy(),
                low=self._low[: self._n].copy(),
                high=self._high[: self._n].copy(),
            )
        return self._shown

    def _begin(self, event: Layers) -> None:
        self._first_loss, self._n, self.width = event.loss, 0, 1
        self._first_norms = [layer.weight_norm for layer in event.layers]
        self._steps = np.empty(self._limit)
        self._low = np.empty((self._limit, len(event.layers), len(FIGURES)))
        self._high = np.empty_like(self._low)

    def _append(self, values: Floats) -> None:
        if self._n == self._limit:
            self._halve()
        self._low[self._n] = self._high[self._n] = values
        self._n, self._in_last = self._n + 1, 0

    def _halve(self) -> None:
        half = self._n // 2
        end = 2 * half
        self._low[:half] = np.fmin(self._low[0:end:2], self._low[1:end:2])
        self._high[:half] = np.fmax(self._high[0:end:2], self._high[1:end:2])
        self._steps[:half] = self._steps[1:end:2]
        self._n, self.width = half, 2 * self.width

    def _usual_gradients(self) -> list[float | None]:
        """The median of each layer's earlier gradient norms; None if there are too few."""
        earlier = self._high[: self._n - 1, :, FIGURES.index("gradient_norm")]  # (n - 1, n_layers)
        known = [column[np.isfinite(column)] for column in earlier.T]
        return [float(np.median(column)) if len(column) >= FEWEST_USUAL else None for column in known]
