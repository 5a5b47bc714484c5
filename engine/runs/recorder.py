"""What a worker writes about itself: its events and its status."""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.events import Event, Failed
from engine.runs import log
from engine.runs.figures import absorb
from engine.runs.status import Status, overwrite_status, process_start, write_status

BETWEEN_S = 0.25
"""Seconds between two writings of the status at least, unless the state changes."""
HEARTBEAT_S = 1.0
"""Seconds between two writings at most, while the worker is at it."""


class Recorder:
    """Owns `events.jsonl` and `status.json` of a run; its maker holds the run's lock.

    Args:
        status: what the file holds.
    """

    def __init__(
        self,
        folder: Path,
        status: Status,
        *,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.status = msgspec.structs.replace(
            status,
            pid=os.getpid(),
            process_start=process_start(os.getpid()) or 0.0,
            host=socket.gethostname(),
        )
        self._clock, self._timer = clock, timer
        self._published, self._published_at = status, -HEARTBEAT_S
        self._events: log.EventWriter | None = None

    def open(self) -> None:
        """Publish that a worker is there, and open the events; OSError where the folder cannot be written."""
        self.publish()
        self._events = log.EventWriter(self.folder / log.FILE_NAME)

    def close(self) -> None:
        """Close the events; recording is over."""
        if self._events is not None:
            self._events.close()
            self._events = None

    def record(self, event: Event) -> None:
        """Append an event, and take its figures into the status; OSError where the disk refuses."""
        if self._events is not None:
            self._events.write(event)
        self.change(absorb(self.status, event))

    def change(self, status: Status) -> None:
        """Take another status; one with another state is published at once."""
        changed = status.state != self.status.state
        self.status = status
        if changed:
            self.publish()

    def publish_if_due(self) -> None:
        """Publish what is new, or a heartbeat, where it is time for it."""
        age = self._timer() - self._published_at
        if age >= HEARTBEAT_S or (age >= BETWEEN_S and self.status is not self._published):
            self.publish()

    def publish(self) -> None:
        """Write the status; one that is over, so that it survives a power loss."""
        status = msgspec.structs.replace(self.status, heartbeat=self._clock())
        if status.is_over and self._events is not None:
            self._events.sync()
        write_status(self.folder, status, durable=status.is_over)
        self._published, self._published_at = self.status, self._timer()

    def sync(self) -> None:
        """Wait until the events so far are on the disk."""
        if self._events is not None:
            self._events.sync()

    def fail(self, message: str, hint: str = "", traceback: str = "") -> None:
        """Say that the worker broke down, in as many places as can still be written; never raises."""
        with contextlib.suppress(OSError):  # worker.log is on the same disk
            print(f"error: {message}", traceback, sep="\n", file=sys.stderr, flush=True)
        event = Failed(
            time=self._clock(), step=self.status.step, message=message, hint=hint, traceback=traceback
        )
        status = msgspec.structs.replace(absorb(self.status, event), heartbeat=self._clock())
        self.status = status
        with contextlib.suppress(OSError):
            if self._events is not None:
                self._events.write(event)
        try:
            write_status(self.folder, status, durable=True)
        except OSError:
            with contextlib.suppress(OSError):
                overwrite_status(self.folder, status)
