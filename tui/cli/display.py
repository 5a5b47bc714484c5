"""Displays of a training on stdout: plain lines for a pipe, JSON lines for a program."""

from types import TracebackType
from typing import Protocol, Self

import msgspec

from engine.events import Event, Finished
from tui.cli import output
from tui.cli.event_lines import epoch_line, event_line
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


class Quiet:
    """Base of displays that change nothing in the terminal."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def refresh(self) -> None:
        """Do nothing: every line is written once."""


class JsonDisplay(Quiet):
    """Writes every event as a JSON line; the `finished` event comes last, with the run's name."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._last: Finished | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._last is not None:
            output.json_line(self._last)

    def show(self, event: Event) -> None:
        """Write the event; hold back `finished` until the display closes."""
        if isinstance(event, Finished):
            self._last = msgspec.structs.replace(event, run=self._run)
        else:
            output.json_line(event)

    def say(self, text: str) -> None:
        """Write the message to stderr, so that stdout holds JSON alone."""
        output.note(text)


class PlainDisplay(Quiet):
    """Writes one line per epoch, command and finding; no control codes."""

    def __init__(self) -> None:
        self._progress = Progress()

    def show(self, event: Event) -> None:
        """Write the event's line, if it has one."""
        self._progress.add(event)
        text = epoch_line(event, self._progress.epochs) or event_line(event)
        if text:
            output.line(text)

    def say(self, text: str) -> None:
        """Write the message as a line."""
        output.line(text)
