"""One line that says what a command is doing and for how long, while it has nothing else to show."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

FIRST_S = 1.0
"""Seconds until the line appears on a terminal: a quick command shows nothing."""
FIRST_IN_PIPE_S = 10.0
"""Seconds until the first of the lines in a pipe; the next ones follow after 20 s, 40 s, 80 s, ..."""
TICK_S = 0.2
ERASE = "\r\x1b[K"


class WorkLine:
    """Writes the line while entered; a thread keeps the seconds going.

    On a terminal the line is redrawn in place, and `hide` takes it away before anything else is written. Elsewhere it is
    repeated at growing intervals, so that a log stays short.

    Args:
        write: writes to stderr, and flushes.
        words: returns what is being done.
        width: returns the terminal's columns; None: stderr is no terminal.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        words: Callable[[], str],
        width: Callable[[], int] | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write, self._words, self._width, self._clock = write, words, width, clock
        self._start = clock()
        self._next = FIRST_S if width else FIRST_IN_PIPE_S
        self._is_drawn = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.lock = threading.RLock()
        """Held while anything is written to stdout or stderr."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self.hide()

    def tick(self) -> None:
        """Write the line if it is due."""
        seconds = self._clock() - self._start
        if seconds < self._next:
            return
        with self.lock:
            text = f"{self._words()} ... {seconds:.0f} s"
            if self._width is None:
                self._next *= 2
                self._write(f"{text}\n")
            else:
                self._write(f"{ERASE}{text[: self._width() - 1]}")
                self._is_drawn = True

    def hide(self) -> None:
        """Take the line off the terminal until the next tick."""
        with self.lock:
            if self._is_drawn:
                self._write(ERASE)
                self._is_drawn = False

    def _run(self) -> None:
        while not self._over.wait(TICK_S):
            self.tick()
