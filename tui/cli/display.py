"""Displays of a training on stdout: plain lines for a pipe, JSON lines for a program."""

import contextlib
from collections.abc import Iterable
from types import TracebackType
from typing import Protocol, Self

import msgspec

from engine.events import Event, Finding, Finished
from tui.cli import output
from tui.cli.brief_lines import BriefLines
from tui.cli.finding_lines import finding_line
from tui.cli.progress import Progress


class Display(Protocol):
    """Shows a training while it runs; a context manager that restores the terminal."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, event: Event) -> None:
        """Add the next event."""
        ...

    def refresh(self) -> None:
        """Draw what has changed; called several times a second."""
        ...

    def say(self, text: str) -> None:
        """Show a message that is not an event."""
        ...


class Lines:
    """Base of displays that write every line once; where stderr is a terminal, it names the epoch meanwhile.

    Args:
        quiet: True: stderr has nothing.
    """

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._progress = Progress()
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        if not self._quiet:
            self._open.enter_context(output.working(self._words, terminal_only=True))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def refresh(self) -> None:
        """Do nothing: every line is written once."""

    def _words(self) -> str:
        if self._progress.started is None:
            return "starting the worker and reading the data"
        return f"{'paused, ' * self._progress.paused}epoch {self._progress.epoch:,}/{self._progress.epochs:,}"


class JsonDisplay(Lines):
    """Writes every event as a JSON line; the `finished` event comes last, with the run's name."""

    def __init__(self, run: str) -> None:
        super().__init__()
        self._run = run
        self._last: Finished | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if self._last is not None:
            output.json_line(self._last)

    def show(self, event: Event) -> None:
        """Write the event; hold back `finished` until the display closes."""
        self._progress.add(event)
        if isinstance(event, Finished):
            self._last = msgspec.structs.replace(event, run=self._run)
        else:
            output.json_line(event)

    def say(self, text: str) -> None:
        """Write the message to stderr, so that stdout holds JSON alone."""
        output.note(text)


class PlainDisplay(Lines):
    """Writes the lines of epochs, commands and findings, some 40 in all; no control codes."""

    def __init__(self, run: str, quiet: bool = False) -> None:
        super().__init__(quiet)
        self._lines = BriefLines(run)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if kind is None:
            self._write(self._lines.end())

    def show(self, event: Event) -> None:
        """Write the event's lines, if it has any."""
        self._progress.add(event)
        self._write(self._lines.add(event))

    def say(self, text: str) -> None:
        """Write the message as a line."""
        output.line(text)

    def _write(self, lines: Iterable[str | Finding]) -> None:
        for line in lines:
            output.line(finding_line(line) if isinstance(line, Finding) else line)
