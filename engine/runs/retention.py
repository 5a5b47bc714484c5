"""The retention of checkpoints: each is kept as long as it has a reason."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from engine.events import Checkpoint
from engine.files.regular import own_folder
from engine.runs.checkpoints import checkpoint_path
from engine.runs.recorder import Recorder
from engine.storage.weights import Snapshot, verify_file, write_snapshot

PERIODIC = "epoch"
"""Reason of a checkpoint at the end of an epoch: only the newest few are kept."""
MID_EPOCH = "time"
"""Reason of a checkpoint in the middle of an epoch: it is kept until there is a newer one."""


class CheckpointStore:
    """Writes checkpoints, records them as events, and deletes those without a reason; owns their folder.

    Args:
        keep: number of periodic checkpoints to keep; 0: all.
        clock: returns Unix seconds.
    """

    def __init__(self, recorder: Recorder, keep: int, *, clock: Callable[[], float] = time.time) -> None:
        self.reasons: dict[int, set[str]] = {}
        """The reasons to keep each checkpoint, by its step."""
        self._recorder, self._keep, self._clock = recorder, keep, clock

    def save(self, snapshot: Snapshot, reason: str, now_at: int) -> None:
        """Write a snapshot, unless its step has a checkpoint already, and record it with its reason.

        Args:
            now_at: updates made so far; the snapshot may be older.

        Raises:
            OSError: it cannot be written.
            CheckpointError: it cannot be read back.
        """
        step = snapshot.position.step if snapshot.position else 0
        path = self._path(step)
        if step not in self.reasons:
            self._recorder.sync()  # the events up to these weights must reach the disk before them
            own_folder(path.parent)
            write_snapshot(path, snapshot)
            verify_file(path)
        self.reasons.setdefault(step, set()).add(reason)
        name = path.relative_to(self._recorder.folder).as_posix()
        self._recorder.record(Checkpoint(time=self._clock(), step=now_at, path=name, reason=reason))
        self._delete_old()

    def release(self, step: int, reason: str) -> None:
        """Remove a reason of the checkpoint at `step`, and the checkpoint if it has no other."""
        reasons = self.reasons.get(step, set())
        reasons.discard(reason)
        if not reasons:
            self._delete(step)

    def _delete_old(self) -> None:
        """Delete surplus checkpoints at the end of an epoch, and all but the newest in the middle of one."""
        newest = max(self.reasons)
        superseded = [step for step, why in self.reasons.items() if why == {MID_EPOCH} and step < newest]
        periodic = sorted(step for step, why in self.reasons.items() if why == {PERIODIC})
        for step in superseded + periodic[: -self._keep if self._keep else 0]:
            self._delete(step)

    def _delete(self, step: int) -> None:
        self.reasons.pop(step, None)
        with contextlib.suppress(OSError):
            self._path(step).unlink(missing_ok=True)

    def _path(self, step: int) -> Path:
        return checkpoint_path(self._recorder.folder, step)
