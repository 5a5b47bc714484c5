"""The only module that writes to stdout and stderr, and the only one that knows exit codes."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeVar

from engine.errors import NntermError
from tui.words.plain import plain_json, plain_lines

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Event = TypeVar("Event")

PIPE_WIDTH = 160
"""Columns of a table where stdout is no terminal."""


class ExitCode(IntEnum):
    """The exit codes of the command line."""

    DONE = 0
    NO = 1
    """The answer is no: gradients disagree, the training diverged, the worker crashed."""
    BAD_INPUT = 2
    INTERRUPTED = 130
    """By Ctrl-C."""
    BROKEN_PIPE = 141
    """The reader of our output went away, as in `nnterm runs | head -1`."""
    TERMINATED = 143


class Leaving(SystemExit):
    """The process ends; unwinding the stack restores the terminal."""

    exit_code: ExitCode

    def __init__(self) -> None:
        super().__init__(self.exit_code)


class Terminated(Leaving):
    """SIGTERM arrived."""

    exit_code = ExitCode.TERMINATED


class ReaderGone(Leaving):
    """Nobody reads stdout any more."""

    exit_code = ExitCode.BROKEN_PIPE


def line(text: str = "") -> None:
    """Write one line to stdout and flush it; control characters are escaped.

    Raises:
        ReaderGone: the other end of the pipe is closed.
        OSError: stdout cannot be written: the disk is full.
    """
    _write(plain_lines(text))


def _write(text: str) -> None:
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _close_stdout()
        raise ReaderGone from None


def json_line(value: Any) -> None:
    """Write a struct or a dict as one JSON line to stdout and flush it."""
    import msgspec

    try:
        text = msgspec.json.encode(value)
    except UnicodeEncodeError:  # the name of a file may hold bytes that are no UTF-8
        text = msgspec.json.encode(_decodable(msgspec.to_builtins(value)))
    _write(plain_json(text.decode()))


def _decodable(value: Any) -> Any:
    r"""Return plain values whose texts can be encoded: undecodable bytes become `\udcff` and the like, spelt out."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_decodable(key): _decodable(item) for key, item in value.items()}
    return [_decodable(item) for item in value] if isinstance(value, list | tuple) else value


def json_lines(events: Iterable[Event]) -> Iterator[Event]:
    """Write each event as a JSON line, and yield it."""
    for event in events:
        json_line(event)
        yield event


def conclude(events: Iterable[Any], verdict: type[Any]) -> ExitCode:
    """Read a stream of events to its end; return DONE if the last one is a `verdict` that has passed, else NO."""
    last = None
    for event in events:
        last = event
    return ExitCode.DONE if isinstance(last, verdict) and last.passed else ExitCode.NO


def note(text: str) -> None:
    """Write one line to stderr, for remarks beside the answer."""
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(f"{plain_lines(text)}\n")
        sys.stderr.flush()


def warn(text: str) -> None:
    """Write a warning to stderr, unless `text` is empty."""
    if text:
        note(f"warning: {text}")


def show(renderable: "RenderableType") -> None:
    """Write a rich renderable to stdout; raises as `line`."""
    console().print(renderable)


def console() -> "Console":
    """Return a console for stdout, PIPE_WIDTH wide in a pipe; rich obeys NO_COLOR and TERM."""
    from rich.console import Console

    class StdoutConsole(Console):
        def on_broken_pipe(self) -> None:
            _close_stdout()
            raise ReaderGone

    width = None if is_live() else PIPE_WIDTH
    return StdoutConsole(file=sys.stdout, highlight=False, markup=False, emoji=False, width=width)


def redrawn(
    render: "Callable[[], RenderableType]", frames_per_s: float
) -> contextlib.AbstractContextManager[object]:
    """Return a context in which a terminal shows what `render` returns, until it ends; elsewhere nothing is shown."""
    if not is_live():
        return contextlib.nullcontext()
    from rich.live import Live

    return Live(console=console(), refresh_per_second=frames_per_s, transient=True, get_renderable=render)


def is_live() -> bool:
    """Return whether stdout is a terminal on which a display can be redrawn in place."""
    stream = sys.stdout
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    return stream.isatty() and os.environ.get("TERM") not in (None, "", "dumb") and encoding == "utf8"


def complain(error: NntermError, as_json: bool = False) -> None:
    """Write an error as `error:` and `hint:` lines to stderr, with `as_json` as a JSON line to stdout too."""
    if as_json:
        with contextlib.suppress(ReaderGone):
            message, hint = _encodable(error.message), _encodable(error.hint)
            json_line({"type": "error", "message": message, "hint": hint})
    for text in error.message.splitlines():
        note(f"error: {text}")
    if error.hint:
        note(f"hint:  {error.hint}")


def _encodable(text: str) -> str:
    """Return the text with undecodable bytes, as file names may hold, replaced by `?`."""
    return text.encode("utf-8", "replace").decode()


def guarded(command: Callable[[], int], as_json: bool = False) -> int:
    """Run `command` and return its exit code; an error that the user can fix becomes a line, not a traceback."""
    try:
        _prepare_streams(as_json)
        return command()
    except NntermError as error:
        complain(error, as_json)
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except OSError as error:  # a full disk, an unreadable folder: not handled closer to its cause
        place = f"use {error.filename}" if error.filename else "write the output"
        complain(NntermError(f"cannot {place}: {error.strerror or error}"))
        _close_stdout()
        return ExitCode.BAD_INPUT
    except Leaving as leaving:
        return leaving.exit_code


def _prepare_streams(as_json: bool) -> None:
    """Write JSON as UTF-8; replace characters that the stream's encoding lacks by `?` elsewhere."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            if as_json and stream is sys.stdout:
                reconfigure(encoding="utf-8")
            else:
                reconfigure(errors="replace")


def _close_stdout() -> None:
    """Point stdout at /dev/null, so that Python's flush at exit raises nothing."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
