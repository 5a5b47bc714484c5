"""The only module that writes to stdout and stderr, and the only one that knows exit codes."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from engine.errors import NntermError
from tui.cli.work_line import WorkLine
from tui.words.plain import plain_json, plain_lines

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

Event = TypeVar("Event")

PIPE_WIDTH = 160
"""Columns of a table where stdout is no terminal."""
TEXT_WIDTH = 100
"""Columns of wrapped text, at most."""


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
        with _work_line_hidden():
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
    """Write each event as a JSON line, and yield it; where stderr is a terminal, it says how far they are."""
    phase = ["working"]
    with working(lambda: phase[0], terminal_only=True):
        for event in events:
            json_line(event)
            phase[0] = _phase_of(event) or phase[0]
            yield event


def _phase_of(event: object) -> str:
    """Return `finite differences: 12/40` for the progress of a check, `seeds: 40 %` for a trial's; else nothing."""
    phase, done, total, share = (getattr(event, name, None) for name in ("phase", "done", "total", "share"))
    if phase and total:
        return f"{phase}: {done:,}/{total:,}"
    return f"{phase}: {share:.0%}" if phase and share is not None else ""


def conclude(events: Iterable[Any], verdict: type[Any]) -> ExitCode:
    """Read a stream of events to its end; return DONE if the last one is a `verdict` that has passed, else NO."""
    last = None
    for event in events:
        last = event
    return ExitCode.DONE if isinstance(last, verdict) and last.passed else ExitCode.NO


def note(text: str) -> None:
    """Write one line to stderr, for remarks beside the answer."""
    with _work_line_hidden():
        _to_stderr(f"{plain_lines(text)}\n")


def _to_stderr(text: str) -> None:
    with contextlib.suppress(OSError):  # nobody reads it, or its disk is full: the exit code tells
        sys.stderr.write(text)
        sys.stderr.flush()


def warn(text: str) -> None:
    """Write a warning to stderr, unless `text` is empty."""
    if text:
        note(f"warning: {text}")


def show(renderable: "RenderableType") -> None:
    """Write a rich renderable to stdout; raises as `line`."""
    with _work_line_hidden():
        console().print(renderable)


def paragraph(text: "str | Text", columns: int = 0, style: str = "") -> None:
    """Write a text wrapped at the terminal's width, at most TEXT_WIDTH, each line indented by `columns`."""
    from rich.text import Text

    for wrapped in (Text(text, style) if isinstance(text, str) else text).wrap(
        console(), max(20, text_width() - columns)
    ):
        wrapped.rstrip()
        show(Text.assemble(" " * columns, wrapped))


def prose(text: str) -> None:
    """Write a sentence: wrapped on a terminal, with the indent it has, on one line in a pipe, where it can be found."""
    if not is_live():
        line(text)
        return
    bare = text.lstrip()
    paragraph(plain_lines(bare), len(text) - len(bare))


def text_width() -> int:
    """Return the columns of wrapped text: the terminal's, at most TEXT_WIDTH."""
    return min(console().width, TEXT_WIDTH)


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
    render: "Callable[[], RenderableType]", frames_per_s: float, words: Callable[[], str]
) -> contextlib.AbstractContextManager[object]:
    """Return a context in which a terminal shows what `render` returns, until it ends.

    Where stdout is no terminal, stderr has a line with the words that `words` returns.
    """
    if not is_live():
        return working(words)
    from rich.live import Live

    return Live(console=console(), refresh_per_second=frames_per_s, transient=True, get_renderable=render)


@contextlib.contextmanager
def working(words: Callable[[], str] | str, terminal_only: bool = False) -> "Iterator[None]":
    """Say on stderr what the command is doing, while it takes longer than a second.

    On a terminal one line is redrawn in place and taken away at the end; in a pipe there are lines at growing
    intervals.

    Args:
        words: what is being done, or returns it.
        terminal_only: True: no lines in a pipe, since a program reads the output, or stdout shows the progress.
    """
    width = _columns_of_stderr if _can_redraw(sys.stderr) else None
    if (terminal_only and width is None) or _work_lines:
        yield
        return
    say = (lambda: words) if isinstance(words, str) else words
    with WorkLine(_to_stderr, say, width) as work:
        _work_lines.append(work)
        try:
            yield
        finally:
            _work_lines.remove(work)


_work_lines: list[WorkLine] = []
"""The line that is being shown, if any."""


@contextlib.contextmanager
def _work_line_hidden() -> Iterator[None]:
    """Keep the line on stderr out of the way of what is written."""
    if not _work_lines:
        yield
        return
    work = _work_lines[-1]
    with work.lock:
        work.hide()
        yield


def _columns_of_stderr() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        return 80


def is_live() -> bool:
    """Return whether stdout is a terminal on which a display can be redrawn in place."""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    return _can_redraw(sys.stdout) and encoding == "utf8"


def _can_redraw(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") not in (None, "", "dumb")


def complain(error: NntermError, as_json: bool = False) -> None:
    """Write an error as `error:` and `hint:` lines to stderr, with `as_json` as a JSON line to stdout too."""
    from tui.cli.problem_lines import as_record, mistakes

    if as_json:
        try:
            json_line(as_record(error))
        except (ReaderGone, OSError):
            _close_stdout()
    for message, hint in mistakes(error):
        for text in message.splitlines():
            note(f"error: {text}")
        if hint:
            note(f"hint:  {hint}")


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
        complain(NntermError(f"cannot {place}: {error.strerror or error}"), as_json and bool(error.filename))
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
