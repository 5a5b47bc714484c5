"""Turns the terminal's echo off: while a display is redrawn in place, an echoed `^C` would shift its lines."""

import contextlib
import os
import sys
import termios
from collections.abc import Iterator


@contextlib.contextmanager
def without_echo() -> Iterator[None]:
    """Turn the terminal's echo off, and on again at the end; does nothing if stdin is not a terminal."""
    try:
        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
    except (OSError, ValueError, AttributeError, termios.error):
        yield
        return
    _set_if_in_foreground(descriptor, _echo_cleared(before))
    try:
        yield
    finally:
        _set_if_in_foreground(descriptor, before)


def _echo_cleared(attributes: list[int | list[bytes | int]]) -> list[int | list[bytes | int]]:
    local_flags = attributes[3]
    return [*attributes[:3], int(local_flags) & ~termios.ECHO, *attributes[4:]]  # type: ignore[arg-type]


def _set_if_in_foreground(descriptor: int, attributes: list[int | list[bytes | int]]) -> None:
    """Set the attributes unless this is a background job, which would be suspended."""
    with contextlib.suppress(OSError, termios.error):
        if os.tcgetpgrp(descriptor) == os.getpgrp():
            termios.tcsetattr(descriptor, termios.TCSADRAIN, attributes)
