"""A process on its own pseudo terminal, where Ctrl-C is a key and not a call."""

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from tests.waiting import PATIENCE_S


class Terminal:
    """Runs a command with a controlling terminal; leaving the context closes it, as a window is closed."""

    def __init__(self, command: Sequence[str], columns: int = 80, rows: int = 24, **environment: str) -> None:
        self._end, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._bytes = bytearray()
        self.process = subprocess.Popen(
            list(command),
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env=os.environ | {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"} | environment,
        )
        os.close(other)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            os.close(self._end)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    @property
    def text(self) -> str:
        """Everything written so far, control codes included."""
        return self._bytes.decode("utf-8", "replace")

    def wait_for(self, text: str) -> None:
        """Read until `text` was written."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.text:
            assert time.monotonic() < deadline, f"{text!r} never came; there was: {self.text}"
            assert self._read(), f"the process ended without {text!r}: {self.text}"

    def press(self, keys: str) -> None:
        """Type these keys."""
        os.write(self._end, keys.encode())

    def wait(self) -> int:
        """Read to the end and return the exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self._read():
            assert time.monotonic() < deadline, f"it never ended: {self.text}"
        return self.process.wait(PATIENCE_S)

    def _read(self) -> bool:
        """Read the available output, waiting 0.2 s for some; return False once the process has closed its side."""
        ready, _, _ = select.select([self._end], [], [], 0.2)
        if not ready:
            return True
        try:
            chunk = os.read(self._end, 65536)
        except OSError:
            return False
        self._bytes += chunk
        return bool(chunk)
