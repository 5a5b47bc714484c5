"""The checkpoints of a run that is under way, each with the reasons why it is kept."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from engine.events import Checkpoint
from engine.runs.checkpoints import checkpoint_path
from engine.runs.recorder import Recorder
from engine.storage.weights import Snapshot, verify_file, write_snapshot

PERIODIC = "epoch"
"""Kept because an epoch ended: only the newest few stay."""
MID_EPOCH = "time"
"""Kept in the middle of an epoch: it goes as soon as there is a newer one."""


class CheckpointStore:
    """Writes checkpoints, tells of them, and takes away those that no reason keeps; owns the folder.

    Args:
        keep: how many periodic ones stay; 0: all.
    """

    def __init__(self, recorder: Recorder, keep: int, *, clock: Callable[[], float] = time.time) -> None:
        self.reasons: dict[int, set[str]] = {}
        """Why each checkpoint is there, by its step."""
        self._recorder, self._keep, self._clock = recorder, keep, clock

    def save(self, snapshot: Snapshot, reason: str, now_at: int) -> None:
        """Keep a snapshot, written unless its step is there already, and say so.

        Args:
            now_at: updates made so far; the snapshot may be older.

        Raises:
            OSError: the disk refuses.
            CheckpointError: what was written cannot be read back.
        """
        step = snapshot.position.step if snapshot.position else 0
        path = self._path(step)
        if step not in self.reasons:
            self._recorder.sync()  # what led to these weights must not be younger than they are
            path.parent.mkdir(mode=0o700, exist_ok=True)
            write_snapshot(path, snapshot)
            verify_file(path)
        self.reasons.setdefault(step, set()).add(reason)
        name = path.relative_to(self._recorder.folder).as_posix()
        self._recorder.record(Checkpoint(time=self._clock(), step=now_at, path=name, reason=reason))
        self._delete_old()

    def release(self, step: int, reason: str) -> None:
        """Keep the checkpoint at `step` for this reason no longer."""
        reasons = self.reasons.get(step, set())
        reasons.discard(reason)
        if not reasons:
            self._delete(step)

    def _delete_old(self) -> None:
        """Take away what only time has kept: all but the newest."""
        newest = max(self.reasons)
        passing = [step for step, why in self.reasons.items() if why == {MID_EPOCH} and step < newest]
        periodic = sorted(step for step, why in self.reasons.items() if why == {PERIODIC})
        for step in passing + periodic[: -self._keep if self._keep else 0]:
            self._delete(step)

    def _delete(self, step: int) -> None:
        self.reasons.pop(step, None)
        with contextlib.suppress(OSError):
            self._path(step).unlink(missing_ok=True)

    def _path(self, step: int) -> Path:
        return checkpoint_path(self._recorder.folder, step)
