"""The time of each update since the start of a training, in a fixed amount of memory."""

from dataclasses import dataclass, field

import numpy as np

from engine.events import Steps
from tui.follow.loss_history import Floats

LIMIT = 2048
"""Maximum points; beyond it every second one is dropped."""


@dataclass(frozen=True, eq=False)
class RunTimes:
    """Seconds of training after so many updates, (n,) each; without evaluations and pauses."""

    steps: Floats = field(default_factory=lambda: np.zeros(1))
    seconds: Floats = field(default_factory=lambda: np.zeros(1))

    def at(self, steps: Floats) -> Floats:
        """Return the seconds after updates `steps`, (n,)."""
        return np.interp(steps, self.steps, self.seconds)


class RunClock:
    """Adds up the durations of the updates."""

    def __init__(self) -> None:
        self._points: list[tuple[int, float]] = [(0, 0.0)]

    def add(self, event: Steps) -> None:
        """Process the next updates."""
        self._points.append((event.step + event.count, self._points[-1][1] + event.seconds))
        if len(self._points) > LIMIT:
            del self._points[-2:0:-2]

    def cut(self, step: int) -> None:
        """Drop what came after update `step`."""
        self._points = [point for point in self._points if point[0] <= step] or [(0, 0.0)]

    def times(self) -> RunTimes:
        """Return the times so far, unaffected by later updates."""
        steps, seconds = np.array(self._points, np.float64).T
        return RunTimes(steps, seconds)
