"""Which parts of `events.jsonl` still count: a run that was resumed made some steps that were taken back."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.events import Resumed
from engine.runs import log
from engine.runs.log import DamagedLineError, decode_event

BLOCK = 1 << 20
LONGEST_LINE = 4 << 20
_RESUMED = b'"resumed"'
_PREFIX = b'{"type":"'
_KNOWN_PREFIXES = tuple(_PREFIX + kind.encode() + b'"' for kind in sorted(log.KNOWN_TYPES))


class ByteSpan(NamedTuple):
    """Bytes of a file, from `start` up to `end`."""

    start: int
    end: int


class _EventStamp(msgspec.Struct):
    type: str
    step: int


_STAMPS = msgspec.json.Decoder(_EventStamp)


def rolled_back_spans(path: Path, offset: int = 0) -> list[ByteSpan]:
    """Return the parts of the events that no longer count, in order and apart; none where there is no file.

    Args:
        offset: bytes before which no `resumed` event is looked for.
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
    """Return how many bytes of the events still count for a run that goes on after `step` updates.

    A last word goes, and the findings right before it, which judged the training as a whole.

    Args:
        spans: parts that were taken back before.
        end: where to stop looking, else the end of the file.

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
    """Yield (offset, line) of the whole lines from one byte to another; a monstrous one is passed over."""
    with path.open("rb") as stream:
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
    """The type and step of an event; a damaged line is of no type."""
    try:
        return _STAMPS.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _EventStamp("", -1)


def _is_beyond(stamp: _EventStamp, step: int) -> bool:
    """Whether an event tells of what came after `step` updates, or that training was over."""
    if stamp.type in ("finished", "failed"):
        return True
    return stamp.step > step or (stamp.type == "steps" and stamp.step >= step)


def _resumes(path: Path, offset: int) -> Iterator[tuple[int, Resumed]]:
    """Yield the `resumed` events with the offsets of their lines, found without reading the others."""
    for mark in _find_marks(path, offset):
        start = _start_of_line(path, mark)
        with path.open("rb") as stream:
            stream.seek(start)
            line = stream.readline(LONGEST_LINE)
        try:
            event = decode_event(line) if line.endswith(b"\n") else None
        except DamagedLineError:
            continue
        if isinstance(event, Resumed):
            yield start, event


def _find_marks(path: Path, start: int) -> Iterator[int]:
    """Yield where the word `"resumed"` stands, once a line at most."""
    with path.open("rb") as stream:
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
    """Return where the line around `offset` begins; `offset` itself where that is too far off."""
    with path.open("rb") as stream:
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
    """Whether a line begins at `offset`."""
    with path.open("rb") as stream:
        stream.seek(max(0, offset - 1))
        return offset == 0 or stream.read(1) == b"\n"


def _merged(spans: Sequence[ByteSpan], new: ByteSpan) -> list[ByteSpan]:
    """Return the spans with another one, those that it covers left out."""
    apart = [span for span in spans if span.end <= new.start]
    first = next((span.start for span in spans if span.start < new.start < span.end), new.start)
    return [*apart, ByteSpan(first, new.end)] if new.end > first else apart


def _outside(spans: Sequence[ByteSpan], end: int) -> Iterator[ByteSpan]:
    """Yield what lies between the spans, up to `end`."""
    start = 0
    for span in spans:
        if span.start > start:
            yield ByteSpan(start, min(span.start, end))
        start = max(start, span.end)
    if start < end:
        yield ByteSpan(start, end)


def count_newer_events(folder: Path) -> int:
    """Return how many events of types that this version does not know stand in `events.jsonl`; 0 without a file.

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
