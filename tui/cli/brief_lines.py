"""The lines of a training that plain output shows: some 40 at most, whatever its epochs and findings."""

from collections.abc import Iterator

from engine.events import Command, Epoch, Event, Failed, Finding, Finished, Resumed, Started
from engine.words import counted
from tui.cli.event_lines import epoch_line, event_line

ALL_UP_TO = 25
"""Epochs up to which each has its line."""
FIRST = 5
"""First epochs of a longer training that have their lines."""
SPACED = 20
"""Later epochs that have their lines, at most."""
MOST_FINDINGS = 6
MOST_COMMANDS = 6
"""Lines of commands, and of resumes."""


class BriefLines:
    """Turns events into lines: of a long training the first epochs, then every n-th, and the last one.

    Findings and commands beyond a few are counted; an error of a kind that was not shown is always shown.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        self._epochs = 0
        """Total number of epochs; 0 before the training has started."""
        self._shown = self._last = 0
        """Number of epochs shown, and the newest of them."""
        self._said = 1
        """The spacing that was named last."""
        self._skipped: Epoch | None = None
        self._findings: list[Finding] = []
        """The findings shown."""
        self._more_findings = self._commands = 0
        self._resumed: int | None = None
        """Step of the last `Resumed`: the command that caused it is not shown too."""

    def add(self, event: Event) -> Iterator[str | Finding]:
        """Yield the lines that an event adds, if any; a finding as it is, so that it can be set in colour."""
        match event:
            case Started():
                self._epochs = event.epochs
            case Epoch():
                yield from self._epoch(event)
            case Finding():
                yield from self._finding(event)
            case Command() | Resumed():
                yield from self._command(event)
            case Finished() | Failed():
                yield from self.end()

    def end(self) -> Iterator[str]:
        """Yield what was held back: the newest epoch, and how many findings and commands were left out."""
        if self._skipped is not None:
            yield epoch_line(self._skipped, self._epochs)
        if self._more_findings:
            yield f"{counted(self._more_findings, 'more finding')}: nnterm diagnose {self._run}"
        if self._commands > MOST_COMMANDS:
            hidden = counted(self._commands - MOST_COMMANDS, "more command")
            yield f"{hidden}: nnterm show {self._run} --follow --json"
        self._skipped, self._more_findings, self._commands = None, 0, min(self._commands, MOST_COMMANDS)

    def _epoch(self, event: Epoch) -> Iterator[str]:
        every = spacing(self._epochs)
        passes_multiple = event.epoch // every != self._last // every
        is_due = passes_multiple or self._shown < FIRST or event.epoch == self._epochs
        self._skipped = None if is_due else event
        if not is_due:
            return
        self._shown, self._last = self._shown + 1, event.epoch
        yield epoch_line(event, self._epochs)
        if self._shown >= FIRST and every not in (1, self._said):
            self._said = every
            yield f"from here on every {ordinal(every)} epoch"

    def _finding(self, event: Finding) -> Iterator[Finding]:
        is_new_error = event.severity == "error" and all(event.code != one.code for one in self._findings)
        if len(self._findings) < MOST_FINDINGS or is_new_error:
            self._findings.append(event)
            yield event
        else:
            self._more_findings += 1

    def _command(self, event: Command | Resumed) -> Iterator[str]:
        is_cause = isinstance(event, Command) and event.command == "resume" and event.step == self._resumed
        self._resumed = event.step if isinstance(event, Resumed) else None
        text = event_line(event)
        if not text or is_cause:
            return
        self._commands += 1
        if self._commands <= MOST_COMMANDS:
            yield text


def spacing(epochs: int) -> int:
    """Return the number of epochs from a line to the next: 1, 2, 5, 10, 25, 50, 100, 250, ..."""
    if epochs <= ALL_UP_TO:
        return 1
    every = (size * power for power in (1, 10**2, 10**4, 10**6, 10**8) for size in (2, 5, 10, 25, 50, 100))
    return next(size for size in every if epochs <= SPACED * size)


def ordinal(number: int) -> str:
    """Return `2nd`, `5th`, `25th`: the spacings end in 2, 5 or 0."""
    return f"{number:,}{'nd' if number == 2 else 'th'}"
