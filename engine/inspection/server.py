"""The process that computes views for the app: `python -m engine.inspection.server RUN [--home DIR]`.

It reads requests from stdin and writes the subject, replies and notices to stdout, one JSON object per line, until
stdin ends. Data and networks stay loaded between requests; between requests it trains the baseline.
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

NICENESS = 10
"""Niceness, so that a training on the same machine has priority."""
OVER = object()


class Mailbox:
    """Requests from a file descriptor, which a thread of its own reads."""

    def __init__(self, descriptor: int) -> None:
        self._waiting: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=self._fill, args=(descriptor,), daemon=True).start()

    def _fill(self, descriptor: int) -> None:
        """Read without Python's buffers: their lock, held by a waiting thread, would break the end of the process."""
        rest = b""
        while block := os.read(descriptor, 1 << 16):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                self._waiting.put(line)
        self._waiting.put(None)

    def get(self, wait: bool) -> Request | None:
        """Return the next request; None for a damaged line, or if `wait` is false and no request waits.

        Raises:
            EOFError: the stream has ended.
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
    """Yield the subject, then a reply per request, until `receive` raises EOFError.

    When the run's state or moments have changed, a new subject precedes the reply. After the first view that uses the
    baseline, the baseline is trained between requests, and a notice follows when it is available.
    """
    subject = inspector.subject()
    yield subject
    baseline_training: Iterator[None] | None = None
    while True:
        try:
            request = receive(baseline_training is None)
        except EOFError:
            return
        if request is not None:
            newer = inspector.subject()
            if newer != subject:
                subject = newer
                yield subject
            yield _reply(inspector, request)
            if request.view == "overview" and inspector.lacks_baseline:
                baseline_training = inspector.make_baseline()
        elif baseline_training is not None and next(baseline_training, OVER) is OVER:
            baseline_training = None
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
        os.nice(NICENESS)
    try:
        blas.prepare()
        mailbox = Mailbox(sys.stdin.fileno())
        for message in serve(Inspector(Run.open(given.run, given.home)), mailbox.get):
            _send(message)
    except NntermError as error:
        _send(Failure(error.message, error.hint))
        return error.exit_code
    except BrokenPipeError:  # the client has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _send(message: Message) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    raise SystemExit(main())
