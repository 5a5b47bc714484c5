"""`events.jsonl`: the events of a run, one JSON object per line, written by its worker alone."""

import os
from pathlib import Path
from typing import Self

import msgspec

from engine.events import AnyEvent, Event
from engine.files.regular import open_regular
from engine.printable import printable_json

FILE_NAME = "events.jsonl"
_BLOCK = 65_536

_ENCODER = msgspec.json.Encoder()
_DECODER: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


class _Typed(msgspec.Struct):
    type: str


_TYPE_DECODER = msgspec.json.Decoder(_Typed)
KNOWN_TYPES = frozenset(str(kind.__struct_config__.tag) for kind in AnyEvent.__args__)
"""Types of the events that this version writes."""


class DamagedLineError(Exception):
    """A line is not an event."""


def encode_event(event: Event) -> bytes:
    """Return an event as a line; NaN and infinities become null."""
    return _ENCODER.encode(event) + b"\n"


def decode_event(line: bytes) -> AnyEvent | None:
    """Return the event of a line, or None for a type that this version does not know.

    Raises:
        DamagedLineError: the line is not an event.
    """
    try:
        return _DECODER.decode(printable_json(line))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        known = _TYPE_DECODER.decode(line).type in KNOWN_TYPES
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        known = True
    if known:
        raise DamagedLineError
    return None


class EventWriter:
    """Appends events, one write per line, so that readers never see interleaved lines; removes an incomplete last line.

    The owner holds the run's lock, so that there is one writer at a time.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = open_regular(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        try:
            self._size = cut_torn_line(self._descriptor)
        except OSError:
            self.close()
            raise

    def write(self, event: Event) -> None:
        """Append an event as a whole or, on an error, not at all.

        Raises:
            OSError: the disk is full, or can no longer be written.
        """
        line = encode_event(event)
        try:
            written = os.write(self._descriptor, line)
            if written < len(line):  # disk full? a second write raises the reason, or writes the rest
                _write_all(self._descriptor, line[written:])
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(line)

    @property
    def size(self) -> int:
        """Size of the file, bytes."""
        return self._size

    def sync(self) -> None:
        """Wait until everything is on the disk."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def cut_torn_line(descriptor: int) -> int:
    """Truncate a file, open for reading and writing, after its last line end; return the new size in bytes."""
    end = _last_line_end(descriptor)
    if end < os.fstat(descriptor).st_size:
        os.ftruncate(descriptor, end)
    return end


def size_of_whole_lines(path: Path) -> int:
    """Return how many bytes of a file are complete lines; 0 if there is no file."""
    try:
        descriptor = open_regular(path)
    except OSError:
        return 0
    try:
        return _last_line_end(descriptor)
    finally:
        os.close(descriptor)


def _last_line_end(descriptor: int) -> int:
    """Return the offset after the last line end of an open file."""
    end = os.fstat(descriptor).st_size
    while end > 0:
        start = max(0, end - _BLOCK)
        last = os.pread(descriptor, end - start, start).rfind(b"\n")
        if last >= 0:
            end = start + last + 1
            break
        end = start
    return end
