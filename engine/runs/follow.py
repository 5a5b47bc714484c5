"""Follows a file of JSON lines while another process appends to it; never blocks, and keeps no file open."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from engine.events import AnyEvent
from engine.runs.log import DamagedLineError, decode_event

LIMIT_BYTES = 1 << 20
LONGEST_LINE = 4 << 20
"""Bytes; a longer line is passed over as bad, without ever being in memory as a whole."""

T = TypeVar("T")


class LineFollower(Generic[T]):
    """Reads the complete lines that are new since the last look.

    A line whose end is not there yet is read again at the next look. A file that was replaced or became shorter
    than what was read is read from its start.

    Args:
        decode: makes a value of a line, or None for one that is to be passed over; raises DamagedLineError.
        offset: bytes to skip at the start.
    """

    def __init__(self, path: Path, decode: Callable[[bytes], T | None], offset: int = 0) -> None:
        self.path = path
        self.offset = offset
        """Bytes read: the start of the first line not yet given."""
        self.bad_lines = 0
        """Lines passed over because they are damaged."""
        self._decode = decode
        self._inode: int | None = None
        self._skipping = False

    def poll(self, limit_bytes: int = LIMIT_BYTES) -> list[T]:
        """Return what is new, at most about `limit_bytes` of it; empty where there is nothing, or no file.

        Only complete lines count. Call again while `has_more`.
        """
        values: list[T] = []
        for line in self.lines(limit_bytes):
            try:
                value = self._decode(line)
            except DamagedLineError:
                self.bad_lines += 1
                continue
            if value is not None:
                values.append(value)
        return values

    def lines(self, limit_bytes: int = LIMIT_BYTES) -> list[bytes]:
        """As `poll`, but undecoded; blank lines left out."""
        try:
            block = self._read(limit_bytes)
        except OSError:
            return []
        end = block.rfind(b"\n") + 1
        if end == 0 and len(block) >= LONGEST_LINE:
            self._skipping = True
            self.offset += len(block)
            return []
        self.offset += end
        lines = block[:end].split(b"\n")
        if self._skipping and end:
            self._skipping = False
            self.bad_lines += 1
            lines = lines[1:]
        return [line for line in lines if line and not line.isspace()]

    @property
    def has_more(self) -> bool:
        """Whether the file holds bytes that were not read, perhaps of a line without its end."""
        try:
            return self.path.stat().st_size > self.offset
        except OSError:
            return False

    def _read(self, limit_bytes: int) -> bytes:
        """Return the bytes from `offset` on: about `limit_bytes`, or more where a single line takes it."""
        status = self.path.stat()
        if status.st_size < self.offset or self._inode not in (None, status.st_ino):
            self.offset, self._skipping = 0, False
        self._inode = status.st_ino
        if status.st_size == self.offset:
            return b""
        with self.path.open("rb") as stream:
            stream.seek(self.offset)
            block = stream.read(max(1, limit_bytes))
            while b"\n" not in block and len(block) < LONGEST_LINE:
                more = stream.read(min(LIMIT_BYTES, LONGEST_LINE - len(block)))
                if not more:
                    break
                block += more
        return block


class Follower(LineFollower[AnyEvent]):
    """Follows a run's `events.jsonl`; types of a newer version are passed over."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, decode_event)
