"""How fast a training goes of late, and how long it still takes, from the times in its events."""

from collections import deque

from engine.events import Command, Event, Resumed, Steps

WINDOW_S = 5.0
"""Speeds and the time left are means over this many seconds."""


class Throughput:
    """The speed of a training after the events that `add` was given; owns nothing else."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()
        """(time in s, updates made), the newest WINDOW_S of them since the training last stood still."""

    def add(self, event: Event) -> None:
        """Take in the next event: steps are the measure, and a pause does not count as slowness."""
        match event:
            case Steps():
                self._add_steps(event)
            case Command(command="pause" | "resume" | "step", refused=None) | Resumed():
                self._marks.clear()

    def _add_steps(self, event: Steps) -> None:
        if not self._marks:
            self._marks.append((event.time - event.seconds, event.step))
        self._marks.append((event.time, event.step + event.count))
        while len(self._marks) > 2 and event.time - self._marks[0][0] > WINDOW_S:
            self._marks.popleft()

    @property
    def steps_per_s(self) -> float:
        """Updates per second of late, evaluation included; 0 before there is a figure."""
        if len(self._marks) < 2:
            return 0.0
        (first_time, first_step), (last_time, last_step) = self._marks[0], self._marks[-1]
        return max(0, last_step - first_step) / max(last_time - first_time, 1e-9)

    def seconds_for(self, steps: int) -> float | None:
        """Seconds that so many more updates take, None before that can be told; none take none."""
        speed = self.steps_per_s
        return max(0, steps) / speed if speed else None
