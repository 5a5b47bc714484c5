"""The valid parts of `events.jsonl`: a resume rolls back the events after its checkpoint."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.events import Resumed
from engine.files.regular import reading
from engine.runs import log
from engine.runs.log import DamagedLineError, decode_event

BLOCK = 1 << 20
LONGEST_LINE = 4 << 20
_RESUMED = b'"resumed"'
_PREFIX = b'{"type":"'
_KNOWN_PREFIXES = tuple(_PREFIX + kind.encode() + b'"' for kind in sorted(log.KNOWN_TYPES))


class ByteSpan(NamedTuple):
    """A part of a file: the bytes from `start` up to `end`."""

    start: int
    end: int


class _EventStamp(msgspec.Struct):
    type: str
    step: int


_STAMPS = msgspec.json.Decoder(_EventStamp)


def rolled_back_spans(path: Path, offset: int = 0) -> list[ByteSpan]:
    """Return the parts of the events that are rolled back, sorted and disjoint; empty if there is no file.

    Args:
        offset: bytes from which `resumed` events are searched.
    """
    spans: list[ByteSpan] = []
    try:
        for start, event in _resumes(path, offset):
            kept = event.kept
            if kept is None or not 0 <= kept <= start or not _begins_line(path, kept):
                kept = end_of_kept(path, event.step, spans, start)
            spans = _merged(spans, ByteSpan(kept, start))
    except OSError:
        return spans
    return spans


def end_of_kept(path: Path, step: int, spans: Sequence[ByteSpan], end: int | None = None) -> int:
    """Return how many bytes of the events stay valid when a run is resumed after `step` updates.

    A final event is not valid, nor are the findings right before it, which refer to the whole training.

    Args:
        spans: parts that are rolled back already.
        end: offset at which to stop; None: the end of the file.

    Raises:
        OSError: the file cannot be read.
    """
    size = path.stat().st_size if end is None else end
    findings: int | None = None
    for start, stop in _outside(spans, size):
        for offset, line in lines_between(path, start, stop):
            stamp = _stamp_of(line)
            if _is_beyond(stamp, step):
                return offset if findings is None or stamp.type != "finished" else findings
            if stamp.type != "finding":
                findings = None
            elif findings is None:
                findings = offset
    return size


def lines_between(path: Path, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, line) of the complete lines from one offset to another; one above `LONGEST_LINE` is skipped."""
    with reading(path) as stream:
        stream.seek(start)
        offset, rest, skips = start, b"", False
        while offset < end:
            block = stream.read(min(BLOCK, end - offset - len(rest)))
            if not block:
                return
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                if not skips:
                    yield offset, line
                skips = False
                offset += len(line) + 1
            if len(rest) >= LONGEST_LINE:
                offset, rest, skips = offset + len(rest), b"", True


def _stamp_of(line: bytes) -> _EventStamp:
    """Return the type and step of an event; an empty type for a damaged line."""
    try:
        return _STAMPS.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _EventStamp("", -1)


def _is_beyond(stamp: _EventStamp, step: int) -> bool:
    """Return True if an event came after `step` updates, or ended the training."""
    if stamp.type in ("finished", "failed"):
        return True
    return stamp.step > step or (stamp.type == "steps" and stamp.step >= step)


def _resumes(path: Path, offset: int) -> Iterator[tuple[int, Resumed]]:
    """Yield the `resumed` events with the offsets of their lines, without decoding other events."""
    for mark in _find_marks(path, offset):
        start = _start_of_line(path, mark)
        with reading(path) as stream:
            stream.seek(start)
            line = stream.readline(LONGEST_LINE)
        try:
            event = decode_event(line) if line.endswith(b"\n") else None
        except DamagedLineError:
            continue
        if isinstance(event, Resumed):
            yield start, event


def _find_marks(path: Path, start: int) -> Iterator[int]:
    """Yield the offsets of the text `"resumed"`, once per line at most."""
    with reading(path) as stream:
        stream.seek(start)
        offset, tail = start, b""
        while block := stream.read(BLOCK):
            text = tail + block
            at = text.find(_RESUMED)
            while at >= 0:
                yield offset - len(tail) + at
                line_end = text.find(b"\n", at)
                at = text.find(_RESUMED, line_end) if line_end >= 0 else -1
            offset += len(block)
            tail = text[-len(_RESUMED) + 1 :]


def _start_of_line(path: Path, offset: int) -> int:
    """Return the start of the line around `offset`; `offset` itself if that is too far away."""
    with reading(path) as stream:
        before = max(0, offset - LONGEST_LINE)
        reach = min(4096, offset - before)
        while reach:
            stream.seek(offset - reach)
            at = stream.read(reach).rfind(b"\n")
            if at >= 0:
                return offset - reach + at + 1
            if reach == offset - before:
                break
            reach = min(reach * 16, offset - before)
    return 0 if before == 0 else offset


def _begins_line(path: Path, offset: int) -> bool:
    """Return True if a line starts at `offset`."""
    with reading(path) as stream:
        stream.seek(max(0, offset - 1))
        return offset == 0 or stream.read(1) == b"\n"


def _merged(spans: Sequence[ByteSpan], new: ByteSpan) -> list[ByteSpan]:
    """Return the spans with a new one at the end, without those that it covers."""
    apart = [span for span in spans if span.end <= new.start]
    first = next((span.start for span in spans if span.start < new.start < span.end), new.start)
    return [*apart, ByteSpan(first, new.end)] if new.end > first else apart


def _outside(spans: Sequence[ByteSpan], end: int) -> Iterator[ByteSpan]:
    """Yield the parts between the spans, up to `end`."""
    start = 0
    for span in spans:
        if span.start > start:
            yield ByteSpan(start, min(span.start, end))
        start = max(start, span.end)
    if start < end:
        yield ByteSpan(start, end)


def count_newer_events(folder: Path) -> int:
    """Return the number of events in `events.jsonl` with types unknown to this version; 0 if there is no file.

    Lines of known types are not decoded, so that 200 MB take a fraction of a second.
    """
    path = folder / log.FILE_NAME
    try:
        size = log.size_of_whole_lines(path)
        return sum(_is_newer(line) for _, line in lines_between(path, 0, size))
    except OSError:
        return 0


def _is_newer(line: bytes) -> bool:
    if not line.strip() or line.startswith(_KNOWN_PREFIXES):
        return False
    try:
        return log.decode_event(line) is None
    except log.DamagedLineError:
        return False
