"""`commands.jsonl`: requests of users and scripts to a run's worker, one JSON object per line; anyone may append."""

import os
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import RunError, did_you_mean
from engine.files.atomic import reason_of
from engine.files.regular import open_regular
from engine.runs.follow import LineFollower

FILE_NAME = "commands.jsonl"
COMMANDS = ("pause", "resume", "step", "stop", "checkpoint", "set", "measure", "pace")
LEARNING_RATE = "training.optimizer.lr"
SETTABLE = (LEARNING_RATE,)
"""Keys that `set` may change during training."""
SHOWN = 80
"""Maximum number of characters of an invalid line that its refusal quotes."""


class CommandRequest(msgspec.Struct, frozen=True):
    """A line of `commands.jsonl`, with the reason if it is refused."""

    command: str
    key: str | None = None
    value: Any = None
    refused: str | None = None
    read: int | None = None
    """Bytes of the file up to the end of this line; None if it did not come from a file."""


def append_command(path: Path, command: str, key: str | None = None, value: object = None) -> None:
    """Append a request in one write.

    Raises:
        RunError: there is no such command or key, the value is invalid, or the file cannot be written.
    """
    request = check_request(CommandRequest(command, key, value))
    if request.refused:
        raise RunError(request.refused, did_you_mean(command, COMMANDS) if command not in COMMANDS else "")
    fields: dict[str, object] = {"command": command}
    if command == "set":
        fields |= {"key": key, "value": value}
    elif command in ("measure", "pace"):
        fields |= {"value": value}
    try:
        _append_line(path, msgspec.json.encode(fields))
    except OSError as error:
        raise RunError(f"cannot write {path}: {reason_of(error)}") from None


def _append_line(path: Path, line: bytes) -> None:
    descriptor = open_regular(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"  # the last writer was killed
        data = b"\n" * torn + line + b"\n"
        if os.write(descriptor, data) < len(data):
            raise OSError(None, "the disk is full")
    finally:
        os.close(descriptor)


def check_request(request: CommandRequest) -> CommandRequest:
    """Return `request`, with a reason in `refused` if it cannot be carried out."""
    return msgspec.structs.replace(request, refused=_refusal(request))


def _refusal(request: CommandRequest) -> str | None:
    if request.command not in COMMANDS:
        return f'"{request.command[:SHOWN]}" is not a command'
    if request.command == "measure" and not isinstance(request.value, bool):
        return "measure must be true or false"
    if request.command == "pace" and request.value is not None and not as_rate(request.value):
        return "pace must be a number of steps per second above 0, or null for full speed"
    if request.command != "set":
        return None
    if request.key not in SETTABLE:
        return f'"{str(request.key)[:SHOWN]}" cannot be changed during training; {LEARNING_RATE} can'
    return None if as_rate(request.value) else f"{LEARNING_RATE} must be a number above 0"


def as_rate(value: object) -> float | None:
    """Return a value as a learning rate or a pace; None if it is not a finite number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        rate = float(value)
    except OverflowError:
        return None
    return rate if 0 < rate < float("inf") else None


class _RequestLine(msgspec.Struct):
    command: str
    key: str | None = None
    value: msgspec.Raw = msgspec.Raw(b"null")


_DECODER = msgspec.json.Decoder(_RequestLine)


def decode_request(line: bytes) -> CommandRequest:
    """Return the request of a line, with a reason in `refused` if it is malformed or cannot be carried out."""
    try:
        raw = _DECODER.decode(line)
        request = CommandRequest(raw.command, raw.key, msgspec.json.decode(raw.value))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        text = line[:SHOWN].decode("utf-8", "replace")
        return CommandRequest(text, refused=f"not a command: {error}")
    request = check_request(request)
    if not request.refused:
        return request
    key = None if request.key is None else request.key[:SHOWN]
    value = None if request.value is None else str(request.value)[:SHOWN]
    return msgspec.structs.replace(request, command=request.command[:SHOWN], key=key, value=value)


class CommandReader(LineFollower[CommandRequest]):
    """Reads new requests; each line yields one, a malformed line a refused one."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        super().__init__(path, decode_request, offset)

    def poll(self, limit_bytes: int = 1 << 16) -> list[CommandRequest]:
        """Return the new requests; a line that is too long yields a refused one."""
        bad = self.bad_lines
        lines = self.numbered_lines(limit_bytes)
        requests = [msgspec.structs.replace(decode_request(line), read=end) for end, line in lines]
        too_long = CommandRequest("", refused="not a command: the line is too long")
        return [too_long] * (self.bad_lines - bad) + requests
