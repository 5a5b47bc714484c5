"""Reading of JSON lines while another process appends to the file; never blocks, and keeps no file open."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from engine.events import AnyEvent
from engine.files.regular import reading
from engine.runs.digest_file import read_digest
from engine.runs.log import DamagedLineError, decode_event
from engine.runs.timeline import ByteSpan, rolled_back_spans

LIMIT_BYTES = 1 << 20
LONGEST_LINE = 4 << 20
"""Size limit of a line, bytes; a longer line is skipped as damaged, without being in memory as a whole."""

T = TypeVar("T")


class LineFollower(Generic[T]):
    """Reads the complete lines that are new since the last poll.

    An incomplete line is read again at the next poll. A file that was replaced, or is shorter than before, is read
    from its start.

    Args:
        decode: returns the value of a line, or None for a line to skip; raises DamagedLineError.
        offset: bytes to skip at the start.
    """

    def __init__(self, path: Path, decode: Callable[[bytes], T | None], offset: int = 0) -> None:
        self.path = path
        self.offset = offset
        """Bytes read: the start of the first line not yet returned."""
        self.bad_lines = 0
        """Lines skipped because they are damaged."""
        self.unknown_lines = 0
        """Lines skipped because a newer version wrote them."""
        self._decode = decode
        self._inode: int | None = None
        self._skipping = False
        self._skipped_spans: deque[ByteSpan] | None = None

    def poll(self, limit_bytes: int = LIMIT_BYTES) -> list[T]:
        """Return the values of new complete lines, at most about `limit_bytes`; empty without a file.

        Call again while `has_more`.
        """
        values: list[T] = []
        for line in self.lines(limit_bytes):
            try:
                value = self._decode(line)
            except DamagedLineError:
                self.bad_lines += 1
                continue
            if value is None:
                self.unknown_lines += 1
            else:
                values.append(value)
        return values

    def lines(self, limit_bytes: int = LIMIT_BYTES) -> list[bytes]:
        """Return new lines as `poll` does, but undecoded; without blank lines."""
        return [line for _, line in self.numbered_lines(limit_bytes)]

    def numbered_lines(self, limit_bytes: int = LIMIT_BYTES) -> list[tuple[int, bytes]]:
        """Return new lines as `lines` does, each with the offset of its end in bytes."""
        try:
            block = self._read(limit_bytes)
        except OSError:
            return []
        last = block.rfind(b"\n") + 1
        if last == 0 and len(block) >= LONGEST_LINE:
            self._skipping = True
            self.offset += len(block)
            return []
        end = self.offset
        self.offset += last
        lines = []
        for line in block[:last].split(b"\n")[:-1]:
            end += len(line) + 1
            if self._skipping:
                self._skipping = False
                self.bad_lines += 1
            elif line and not line.isspace():
                lines.append((end, line))
        return lines

    def rolled_back(self) -> list[ByteSpan]:
        """Return the parts of the file to skip; called once, when reading starts."""
        return []

    @property
    def has_more(self) -> bool:
        """True if the file holds unread bytes, possibly of an incomplete line."""
        try:
            return self.path.stat().st_size > self.offset
        except OSError:
            return False

    def _read(self, limit_bytes: int) -> bytes:
        """Return the bytes from `offset` on: about `limit_bytes`, or more if a single line is longer."""
        status = self.path.stat()
        if status.st_size < self.offset or self._inode not in (None, status.st_ino):
            self.offset, self._skipping, self._skipped_spans = 0, False, None
        self._inode = status.st_ino
        if status.st_size == self.offset:
            return b""
        limit_bytes = self._skip_span(limit_bytes)
        with reading(self.path) as stream:
            stream.seek(self.offset)
            block = stream.read(max(1, limit_bytes))
            while b"\n" not in block and len(block) < LONGEST_LINE:
                more = stream.read(min(LIMIT_BYTES, LONGEST_LINE - len(block)))
                if not more:
                    break
                block += more
        return block

    def _skip_span(self, limit_bytes: int) -> int:
        """Skip a part that starts here; return the limit, reduced to the start of the next part to skip."""
        if self._skipped_spans is None:
            self._skipped_spans = deque(self.rolled_back())
        rolled_back = self._skipped_spans
        while rolled_back and rolled_back[0].start <= self.offset:
            self.offset = max(self.offset, rolled_back.popleft().end)
        return min(limit_bytes, rolled_back[0].start - self.offset) if rolled_back else limit_bytes


class Follower(LineFollower[AnyEvent]):
    """Reads a run's `events.jsonl`, without types of a newer version and without events that a resume rolled back.

    Events that are rolled back after they were read are reported by the `resumed` event that follows.

    Args:
        brief: read the past of a long run from its digest, with losses in groups.
    """

    def __init__(self, path: Path, offset: int = 0, *, brief: bool = False) -> None:
        super().__init__(path, decode_event, offset)
        self._brief = brief

    def poll(self, limit_bytes: int = LIMIT_BYTES) -> list[AnyEvent]:
        """Return new events as the base class does; with `brief`, the first call returns the digest of a long run."""
        if self._brief and self.offset == 0:
            events, self.offset = read_digest(self.path)
            if events:
                return events
        return super().poll(limit_bytes)

    def rolled_back(self) -> list[ByteSpan]:
        """Return the parts of the file that are rolled back when reading starts."""
        return rolled_back_spans(self.path, self.offset)
