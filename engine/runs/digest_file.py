"""`brief.jsonl`: a run's events in short, so that one of ten million updates opens at once.

The first line says how many bytes of `events.jsonl` are covered: reading goes on there. It is a cache: where it is
missing, or does not belong to the events, they are read whole.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.events import AnyEvent, Event
from engine.runs.log import DamagedLineError, decode_event, encode_event
from engine.storage.files import replace_file

FILE_NAME = "brief.jsonl"
LONG_LOG = 2 << 20
"""Bytes of events from which on they are kept in short too."""
LARGEST = 16 << 20
"""Bytes of a brief file at most: what is larger was not written by us."""
_TAIL = 1024


class DigestHeader(msgspec.Struct, frozen=True, tag_field="type", tag="brief"):
    """The first line."""

    covers: int
    """Bytes of `events.jsonl`."""
    tail: str
    """SHA-256 of the last bytes covered, which tells whether it is that file."""


_HEADER = msgspec.json.Decoder(DigestHeader)


def write_digest(log: Path, events: Iterable[Event], covers: int) -> None:
    """Write beside `log` what its first `covers` bytes tell in short. OSError."""
    header = DigestHeader(covers, _tail_of(log, covers))
    lines = [msgspec.json.encode(header) + b"\n", *map(encode_event, events)]
    replace_file(log.with_name(FILE_NAME), lines)


def read_digest(log: Path) -> tuple[list[AnyEvent], int]:
    """Return the events of `log` in short, and how many of its bytes they cover; none and 0 where that cannot be had."""
    path = log.with_name(FILE_NAME)
    try:
        size = log.stat().st_size
        if size < LONG_LOG or not 0 < path.stat().st_size <= LARGEST:
            return [], 0
        first, *lines = path.read_bytes().split(b"\n")
        header = _HEADER.decode(first)
        if not 0 < header.covers <= size or _tail_of(log, header.covers) != header.tail:
            return [], 0
        found = [decode_event(line) for line in lines if line]
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, DamagedLineError):
        return [], 0
    return [event for event in found if event is not None], header.covers


def _tail_of(path: Path, end: int) -> str:
    """The SHA-256 of the last bytes before `end`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        start = max(0, end - _TAIL)
        return hashlib.sha256(os.pread(descriptor, end - start, start)).hexdigest()
    finally:
        os.close(descriptor)
