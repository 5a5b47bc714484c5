"""Waiting in tests: for a condition, however slow the computer is, and never for a length of time."""

import os
import time
from collections.abc import Callable
from typing import Any

PATIENCE_S = float(os.environ.get("NNTERM_TEST_PATIENCE", "180"))
"""The limit that only a condition which never comes true reaches; no test depends on it."""


def wait_until(condition: Callable[[], Any], what: str = "") -> Any:
    """Return the first true value of `condition`."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited {PATIENCE_S:g} s for {what or 'a condition'}")
