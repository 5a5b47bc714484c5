"""The recent speed of a training and its remaining time, from the times of its events."""

from collections import deque

from engine.events import Command, Event, Resumed, Steps

WINDOW_S = 5.0
"""Seconds over which the speed is averaged."""


class Throughput:
    """The recent speed of a training, from the events given to `add`."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()
        """(time in s, updates made) of the last `WINDOW_S` seconds, or since the last pause."""

    def add(self, event: Event) -> None:
        """Process the next event; a pause or another pace restarts the average."""
        match event:
            case Steps():
                self._add_steps(event)
            case Command(command="pause" | "resume" | "step" | "pace", refused=None) | Resumed():
                self._marks.clear()

    def _add_steps(self, event: Steps) -> None:
        if not self._marks:
            self._marks.append((event.time - event.seconds, event.step))
        self._marks.append((event.time, event.step + event.count))
        while len(self._marks) > 2 and event.time - self._marks[0][0] > WINDOW_S:
            self._marks.popleft()

    @property
    def steps_per_s(self) -> float:
        """Recent updates per second, evaluation included; 0 if not known yet."""
        if len(self._marks) < 2:
            return 0.0
        (first_time, first_step), (last_time, last_step) = self._marks[0], self._marks[-1]
        return max(0, last_step - first_step) / max(last_time - first_time, 1e-9)

    def seconds_for(self, steps: int) -> float | None:
        """Return the seconds that `steps` more updates take; None if not known yet."""
        speed = self.steps_per_s
        return max(0, steps) / speed if speed else None
