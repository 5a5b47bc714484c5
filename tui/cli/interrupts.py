"""Ctrl-C as a count instead of an exception, while a training is followed."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Self


class Interrupts:
    """While entered, SIGINT raises nothing: it adds one to `count`."""

    def __init__(self) -> None:
        self.count = 0
        self._in_main_thread = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Self:
        if self._in_main_thread:
            self._before = signal.signal(signal.SIGINT, self._add)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._in_main_thread:
            signal.signal(signal.SIGINT, self._before)

    def _add(self, signum: int, frame: FrameType | None) -> None:
        self.count += 1
