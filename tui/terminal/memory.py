"""Garbage collection that nobody waits for.

Python's collection of the oldest generation looks at every object: with all screens built, that stops the app for
hundreds of milliseconds, at any moment. Here it never starts by itself. What stays is frozen, which takes it out of the
collector's sight, and the rest is collected while no key is pressed.
"""

import gc
import time

YOUNG = 2_000
"""New objects before the youngest generation is collected; that and the next one take a few milliseconds."""
NEVER = 1_000_000_000
IDLE_S = 4.0
"""Seconds without a key after which it is time to collect."""
LONG_IDLE_S = 60.0
"""Seconds without a key after which everything is looked at, frozen objects too."""
WORTHWHILE = 5
"""Collections of the middle generation before the oldest is collected again."""
FROZEN_GROWTH = 200_000
"""Frozen objects since everything was last looked at, before that is done again: garbage may be among them."""


class IdleCollector:
    """Collects garbage while the app is idle; `look` is called every few seconds."""

    def __init__(self) -> None:
        self._key_at = time.monotonic()
        self._frozen = 0

    def start(self) -> None:
        """Take over from Python, and freeze what was imported."""
        gc.set_threshold(YOUNG, 10, NEVER)
        gc.freeze()
        self._frozen = gc.get_freeze_count()

    def stop(self) -> None:
        """Give back to Python."""
        gc.unfreeze()
        gc.set_threshold(700, 10, 10)

    def key(self) -> None:
        """Take note that a key was pressed."""
        self._key_at = time.monotonic()

    def look(self, freezes: bool) -> None:
        """Collect if nobody waits and there is something to collect.

        Args:
            freezes: what lives now stays, as no dialog is open: freeze it.
        """
        idle_s = time.monotonic() - self._key_at
        if idle_s < IDLE_S or gc.get_count()[2] < WORTHWHILE:
            return
        if idle_s >= LONG_IDLE_S and gc.get_freeze_count() > self._frozen + FROZEN_GROWTH:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._frozen = gc.get_freeze_count()
            return
        gc.collect()
        if freezes:
            gc.freeze()
