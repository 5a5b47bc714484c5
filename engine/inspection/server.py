"""The process that looks for the app: `python -m engine.inspection.server RUN [--home DIR]`.

It reads requests from stdin and writes the subject, replies and notices to stdout, a JSON object a line, until stdin
ends. Data and networks stay loaded between requests; while there is none, it trains the baseline.
"""

import argparse
import contextlib
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Sequence

import msgspec

from engine import blas
from engine.errors import NntermError
from engine.inspection.inspector import Inspector
from engine.inspection.messages import Failure, Message, Notice, Reply, Request
from engine.runs import Run

POLITENESS = 10
"""How far it stands back behind a training on the same machine."""
OVER = object()


class Mailbox:
    """Requests as they come in from a file descriptor, which is read in a thread of its own."""

    def __init__(self, descriptor: int) -> None:
        self._waiting: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=self._fill, args=(descriptor,), daemon=True).start()

    def _fill(self, descriptor: int) -> None:
        """Read without a buffer of Python's: its lock, held by a thread that waits, would spoil the process's end."""
        rest = b""
        while block := os.read(descriptor, 1 << 16):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                self._waiting.put(line)
        self._waiting.put(None)

    def get(self, wait: bool) -> Request | None:
        """Return the next request; None where there is none and `wait` is false, or where a line is damaged.

        Raises:
            EOFError: nothing more will come.
        """
        try:
            line = self._waiting.get(block=wait)
        except queue.Empty:
            return None
        if line is None:
            raise EOFError
        try:
            return msgspec.json.decode(line, type=Request)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None


def serve(inspector: Inspector, receive: Callable[[bool], Request | None]) -> Iterator[Message]:
    """Yield the subject, then a reply a request, until `receive` raises EOFError.

    A change of the run's state or moments is told as a new subject before the reply. After a view that compares with
    the baseline, that is trained in the time between requests, and a notice tells that it is there.
    """
    subject = inspector.subject()
    yield subject
    spare: Iterator[None] | None = None
    while True:
        try:
            request = receive(spare is None)
        except EOFError:
            return
        if request is not None:
            newer = inspector.subject()
            if newer != subject:
                subject = newer
                yield subject
            yield _reply(inspector, request)
            if request.view == "overview" and inspector.lacks_baseline:
                spare = inspector.make_baseline()
        elif spare is not None and next(spare, OVER) is OVER:
            spare = None
            yield Notice("overview")


def _reply(inspector: Inspector, request: Request) -> Reply | Failure:
    try:
        moment = inspector.find(request.at)
        token = inspector.token(moment)
        if request.unless == token:
            return Reply(request.id, request.view, moment, token)
        moment, answer = inspector.show(request.view, moment, request.options)
    except NntermError as error:
        return Failure(error.message, error.hint, request.id)
    return Reply(request.id, request.view, moment, token, msgspec.Raw(msgspec.json.encode(answer)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the run that the arguments name; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m engine.inspection.server", description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--home")
    given = parser.parse_args(arguments)
    with contextlib.suppress(OSError):
        os.nice(POLITENESS)
    try:
        blas.prepare()
        mailbox = Mailbox(sys.stdin.fileno())
        for message in serve(Inspector(Run.open(given.run, given.home)), mailbox.get):
            _say(message)
    except NntermError as error:
        _say(Failure(error.message, error.hint))
        return error.exit_code
    except BrokenPipeError:  # nobody looks any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _say(message: Message) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    raise SystemExit(main())
