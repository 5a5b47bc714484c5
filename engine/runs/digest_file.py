"""`brief.jsonl`: the digest of a run's events, so that a run of ten million updates opens at once.

The first line has the number of bytes of `events.jsonl` that are covered: reading continues there. The file is a
cache: if it is missing, or does not belong to the events, these are read as a whole.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.events import AnyEvent, Event
from engine.files.atomic import read_limited, replace_file
from engine.files.regular import open_regular
from engine.runs.log import DamagedLineError, decode_event, encode_event

FILE_NAME = "brief.jsonl"
LONG_LOG = 2 << 20
"""Size of `events.jsonl`, bytes, from which a digest is written."""
LARGEST = 16 << 20
"""Size limit of a digest, bytes: a larger file was not written by us."""
_TAIL = 1024


class DigestHeader(msgspec.Struct, frozen=True, tag_field="type", tag="brief"):
    """The first line of a digest."""

    covers: int
    """Bytes of `events.jsonl` that are covered."""
    tail: str
    """SHA-256 of the last bytes covered, which identifies the file."""


_HEADER = msgspec.json.Decoder(DigestHeader)


def write_digest(log: Path, events: Iterable[Event], covers: int) -> None:
    """Write the digest of the first `covers` bytes of `log` beside it; OSError."""
    header = DigestHeader(covers, _tail_of(log, covers))
    lines = [msgspec.json.encode(header) + b"\n", *map(encode_event, events)]
    replace_file(log.with_name(FILE_NAME), lines)


def read_digest(log: Path) -> tuple[list[AnyEvent], int]:
    """Return the digest of `log`, and how many of its bytes it covers; ([], 0) if there is no valid digest."""
    path = log.with_name(FILE_NAME)
    try:
        size = log.stat().st_size
        if size < LONG_LOG or not 0 < path.stat().st_size <= LARGEST:
            return [], 0
        first, *lines = read_limited(path, LARGEST).split(b"\n")
        header = _HEADER.decode(first)
        if not 0 < header.covers <= size or _tail_of(log, header.covers) != header.tail:
            return [], 0
        found = [decode_event(line) for line in lines if line]
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, DamagedLineError):
        return [], 0
    return [event for event in found if event is not None], header.covers


def _tail_of(path: Path, end: int) -> str:
    """Return the SHA-256 of the last bytes before `end`."""
    descriptor = open_regular(path)
    try:
        start = max(0, end - _TAIL)
        return hashlib.sha256(os.pread(descriptor, end - start, start)).hexdigest()
    finally:
        os.close(descriptor)
