"""Reads the folder of one run for a screen, in short steps made for a thread."""

import threading
import time
from pathlib import Path

from engine.errors import RunError
from engine.runs import Run, Status
from engine.words import counted
from tui.follow.run_figures import RunFigures
from tui.follow.run_view import RunView

LOOK_S = 0.2
"""Maximum seconds of one read if there is much to catch up with."""


class RunReader:
    """Reads the new events of a run, at most 1 MB at a time; made for a thread, one read at a time.

    Args:
        run: a run that disappears is shown as lost.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.is_behind = True
        """True if the newest read left events unread."""
        self._lock = threading.Lock()
        self._follower = run.follow(brief=True)
        self._view = RunView(run.name)
        self._seen: tuple[object, ...] | None = None
        self.newest: RunFigures | None = None
        """The newest figures."""

    @classmethod
    def open(cls, name: str, home: Path | None = None) -> "RunReader":
        """Return a reader of the run `name`.

        Raises:
            RunError: there is no such run.
        """
        return cls(Run.open(name, home))

    def look(self, budget_s: float = LOOK_S) -> RunFigures | None:
        """Return the current figures; None if nothing has changed since the last read."""
        with self._lock:
            status = self._status()  # before the events: once a run has ended, all its events are there
            changed = self._read(time.monotonic() + budget_s)
            note = self._note()
            seen = (status.state, status.message, note, status.measuring)
            if not changed and seen == self._seen:
                return None
            self._seen = seen
            self._view.status = status
            self._view.note = note
            self.newest = self._view.figures()
            return self.newest

    def _note(self) -> str:
        """A sentence on events that could not be read."""
        unknown, damaged = self._follower.unknown_lines, self._follower.bad_lines
        notes = []
        if unknown:
            kinds = counted(unknown, "event")
            notes.append(f"{kinds} of a newer nnterm cannot be shown here; update to see them")
        if damaged:
            notes.append(f"{counted(damaged, 'damaged line')} of its events passed over")
        return ". ".join(notes)

    def _status(self) -> Status:
        try:
            return self.run.status()
        except RunError as error:
            return Status(state="lost", message=error.message, hint=error.hint)

    def _read(self, deadline: float) -> bool:
        """Process events until none are left or the time is up; return True if there were any."""
        changed = False
        while True:
            before = self._follower.offset
            events = self._follower.poll()
            if self._follower.offset < before:  # the file was replaced
                self._view = RunView(self.run.name)
            for event in events:
                self._view.absorb(event)
            changed = changed or bool(events)
            self.is_behind = self._follower.offset != before and self._follower.has_more
            if not self.is_behind or time.monotonic() >= deadline:
                return changed
