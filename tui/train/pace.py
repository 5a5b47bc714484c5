"""Slow motion: the steps per second that the keys choose."""

PACES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0)
"""Steps per second, from the slowest; above them is full speed."""
FIRST = 50.0
"""Highest pace that the first press of the key for slower chooses."""
WATCHED_S = 30.0
"""Seconds that a training in slow motion takes by itself, about."""


def slower(pace: float | None, steps_per_s: float) -> float:
    """Return the next lower pace.

    Args:
        pace: the present one; None: full speed.
        steps_per_s: the speed now; 0: not known.
    """
    limit = min(FIRST, steps_per_s or FIRST) if pace is None else pace
    below = [step for step in PACES if step < limit or (pace is None and step == limit)]
    return below[-1] if below else PACES[0]


def faster(pace: float) -> float | None:
    """Return the next higher pace; None: full speed."""
    return next((step for step in PACES if step > pace), None)


def watchable(total_steps: int) -> float:
    """Return a pace at which so many steps can be watched: in about half a minute."""
    return next((step for step in PACES[2:] if step >= total_steps / WATCHED_S), PACES[-1])
