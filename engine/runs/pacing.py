"""Slow motion: a training held to a number of updates per second, so that it can be watched."""

import time
from collections.abc import Callable

FRAME_S = 0.1
"""Seconds between two chunks of a paced training: more than a few updates per second are made in small groups."""
LOOK_S = 0.5
"""Minimum interval between two measurements or two writes of the live weights of a paced training, seconds."""


class Pacer:
    """Tells when a paced training may make its next updates, and how many; changes no weight.

    Args:
        timer: returns seconds.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self.steps_per_s: float | None = None
        """Updates per second; None: full speed."""
        self._timer = timer
        self._began, self._step = timer(), 0
        self._looked = timer() - LOOK_S

    def begin_chunk(self, step: int) -> int | None:
        """Start to count at update `step`; return the updates that the next chunk may make, None for any number."""
        self._began, self._step = self._timer(), step
        return None if self.steps_per_s is None else max(1, round(self.steps_per_s * FRAME_S))

    def wait_s(self, step: int) -> float:
        """Return the seconds to wait after update `step`; 0 or less: none."""
        if self.steps_per_s is None:
            return 0.0
        return self._began + (step - self._step) / self.steps_per_s - self._timer()

    def may_look(self) -> bool:
        """Return True at most once per `LOOK_S` of a paced training: it has time to be measured and shown."""
        now = self._timer()
        if self.steps_per_s is None or now < self._looked + LOOK_S:
            return False
        self._looked = now
        return True
