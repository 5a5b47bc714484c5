"""The events and the status that a worker writes."""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.events import Event, Failed, Steps
from engine.runs import log
from engine.runs.digest_file import LONG_LOG, write_digest
from engine.runs.downsample import Downsampler
from engine.runs.status import Status, overwrite_status, process_start, write_status
from engine.runs.status_updates import absorb

if TYPE_CHECKING:  # NumPy is loaded only after the first status
    from engine.runs.digest import Digest

BETWEEN_S = 0.25
"""Minimum interval between two writes of the status, seconds, unless the state changes."""
DIGEST_S, DIGEST_COST = 30.0, 0.002
"""Minimum interval between two writes of the digest, seconds, and maximum share of time spent on them."""
HEARTBEAT_S = 1.0
"""Maximum interval between two writes of the status, seconds."""


class Recorder:
    """Owns `events.jsonl` and `status.json` of a run; its owner holds the run's lock.

    Args:
        status: the content of `status.json`.
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
        self._downsampler = Downsampler()
        self.digest: Digest | None = None
        """Digest of the events so far; set by the owner, before the first event."""
        self._digest_due = -DIGEST_S

    def open(self) -> None:
        """Publish the process of the worker, and open the events; OSError if the folder cannot be written."""
        self.publish()
        self._events = log.EventWriter(self.folder / log.FILE_NAME)

    def close(self) -> None:
        """Close the events."""
        if self._events is not None:
            with contextlib.suppress(OSError):
                self._release()
            self._events.close()
            self._events = None

    def record(self, event: Event) -> None:
        """Append an event, and update the status by it; OSError if it cannot be written.

        In a long run, chunks of steps are held back for a moment, and merged.
        """
        due = self._downsampler.add(event, self.status.seconds) if isinstance(event, Steps) else event
        if not isinstance(event, Steps):
            self._release()
        if due is not None:
            self._append(due)
        self.change(absorb(self.status, event))

    def _release(self) -> None:
        """Append the chunk that was held back."""
        held = self._downsampler.release()
        if held is not None:
            self._append(held)

    def _append(self, event: Event) -> None:
        if self._events is not None:
            self._events.write(event)
        if self.digest is not None:
            self.digest.add(event)

    def update_digest(self, *, now: bool = False) -> None:
        """Write the digest of a long log if the write is due, or `now`; OSError."""
        started = self._timer()
        if self.digest is None or self._events is None or self._events.size < LONG_LOG:
            return
        if now or started >= self._digest_due:
            write_digest(self.folder / log.FILE_NAME, self.digest.events(), self._events.size)
            self._digest_due = started + max(DIGEST_S, (self._timer() - started) / DIGEST_COST)

    def change(self, status: Status) -> None:
        """Replace the status; publish it at once if the state changes."""
        changed = status.state != self.status.state
        self.status = status
        if changed:
            self.publish()

    def publish_if_due(self) -> None:
        """Publish a changed status, or a heartbeat, if due."""
        age = self._timer() - self._published_at
        if age >= HEARTBEAT_S or (age >= BETWEEN_S and self.status is not self._published):
            self.publish()

    def publish(self) -> None:
        """Write the status; a final one durably, so that it survives a power loss."""
        status = msgspec.structs.replace(self.status, heartbeat=self._clock())
        if status.is_over:
            self.sync()
        write_status(self.folder, status, durable=status.is_over)
        self._published, self._published_at = self.status, self._timer()

    def sync(self) -> None:
        """Wait until the events so far are on the disk; OSError."""
        self._release()
        if self._events is not None:
            self._events.sync()

    def fail(self, message: str, hint: str = "", traceback: str = "") -> None:
        """Record that the worker failed, in as many files as can still be written; never raises."""
        with contextlib.suppress(OSError):  # worker.log is on the same disk
            print(f"error: {message}", traceback, sep="\n", file=sys.stderr, flush=True)
        event = Failed(
            time=self._clock(), step=self.status.step, message=message, hint=hint, traceback=traceback
        )
        status = msgspec.structs.replace(absorb(self.status, event), heartbeat=self._clock())
        self.status = status
        with contextlib.suppress(OSError):
            self._release()
            self._append(event)
        try:
            write_status(self.folder, status, durable=True)
        except OSError:
            with contextlib.suppress(OSError):
                overwrite_status(self.folder, status)
