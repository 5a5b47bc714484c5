"""The point from which a worker trains: the initial weights, or the newest usable checkpoint of its run."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from engine.errors import CheckpointError
from engine.events import AppliedChange, Checkpoint, Epoch, Finding, Finished, Resumed
from engine.runs import checkpoints, log
from engine.runs.checkpointer import Checkpointer
from engine.runs.checkpoints import LoadedCheckpoint, checkpoint_path, read_newest
from engine.runs.digest import Digest
from engine.runs.follow import Follower
from engine.runs.history import RunHistory, rate_of, read_history
from engine.runs.migrate import restore
from engine.runs.recorder import Recorder
from engine.runs.retention import PERIODIC
from engine.runs.status_updates import rolled_back
from engine.storage.weights import Snapshot
from engine.training.trainer import Trainer


class ResumePoint(NamedTuple):
    """The point from which a worker trains, with the past of the run."""

    history: RunHistory
    is_new: bool
    """True if the run has not had a worker before."""
    first: int = 0
    """First step of the run: above 0 in a fork."""
    changes: Sequence[AppliedChange] = ()
    """Changes to be applied again, each at its step."""
    best: tuple[int, float] | None = None
    """Step and validation loss of the best checkpoint."""

    def hand_over(self, checkpointer: Checkpointer, folder: Path) -> None:
        """Register the existing checkpoints of the run with the checkpointer."""
        if not self.is_new:
            checkpointer.adopt(_reasons(folder, self), self.best)


def find_resume_point(trainer: Trainer, recorder: Recorder) -> ResumePoint:
    """Restore the trainer at the point where its run continues, and write the `resumed` event and remarks.

    Raises:
        CheckpointError: the run is a fork, and its first checkpoint is damaged.
        OSError: the folder cannot be written.
    """
    folder = recorder.folder
    recorder.digest = _read_digest(folder)
    history = read_history(folder)
    first = _first_step(history, recorder)
    has_record = bool(history.starts)
    if not has_record and not first and not checkpoints.list_checkpoints(folder):
        return ResumePoint(history, is_new=True)
    found, warnings = _choose_checkpoint(folder, history, trainer)
    if found is None and first:
        message = f"the checkpoint that {folder.name} was forked from is missing or damaged"
        raise CheckpointError(message, "fork it again")
    remarks = [*warnings, *_restore(trainer, found.snapshot if found else None, history)]
    step = trainer.position.step
    is_lost = not has_record and step != first  # a new fork has a checkpoint and no record yet
    if is_lost:
        lost = f"{log.FILE_NAME} does not tell of the training up to step {step:,}: its beginning is damaged or gone"
        remarks.append(_remark("damaged-events", "warning", lost))
    checkpoints.set_aside(folder, step if found else -1)
    kept = [epoch for epoch in history.epochs if epoch.step <= step]
    status = msgspec.structs.replace(recorder.status, base_learning_rate=trainer.learning_rate)
    recorder.change(rolled_back(status, kept, trainer.position))
    changes = _changes_to_repeat(history, step)
    if has_record or is_lost:
        name = found.path.relative_to(folder).as_posix() if found else ""
        end = history.end_of_kept(step)
        recorder.record(Resumed(time=time.time(), step=step, path=name, kept=end, commands=changes))
    for remark in remarks:
        recorder.record(msgspec.structs.replace(remark, step=step))
    return ResumePoint(
        history, is_new=False, first=first, changes=changes, best=_best_checkpoint(folder, kept)
    )


def _first_step(history: RunHistory, recorder: Recorder) -> int:
    """Return the first step of the run: above 0 in a fork, by the status or else by its first event."""
    told = history.starts[0].step if history.starts and history.starts[0].parent else 0
    return recorder.status.parent_step or told


def _read_digest(folder: Path) -> Digest:
    """Return the digest of the events so far."""
    brief, follower = Digest(), Follower(folder / log.FILE_NAME, brief=True)
    while follower.has_more:
        offset = follower.offset
        for event in follower.poll():
            brief.add(event)
        if follower.offset == offset:
            break
    return brief


def _choose_checkpoint(
    folder: Path, history: RunHistory, trainer: Trainer
) -> tuple[LoadedCheckpoint | None, list[Finding]]:
    """Return the checkpoint to continue from, None: the initial weights, and findings on newer ones that are damaged.

    After a divergence it is the best one, since the divergence may have started before newer ones.
    """
    warnings: list[Finding] = []
    diverged = isinstance(history.ending, Finished) and history.ending.state == "diverged"
    best = _best_checkpoint(folder, history.epochs) if diverged else None
    newest: LoadedCheckpoint | None = None
    for entry in read_newest(folder, len(trainer.network.theta)):
        if isinstance(entry, CheckpointError):
            message = f"{entry.message}; the previous checkpoint is used"
            warnings.append(_remark("damaged-checkpoint", "warning", message))
            continue
        position = entry.snapshot.position
        if position is None or entry.snapshot.optimizer_state is None:
            continue  # written after a divergence, without optimizer state
        if not diverged or (best is None and position.cursor == 0) or (best and position.step == best[0]):
            return entry, warnings
        newest = newest or (entry if position.cursor == 0 else None)
    return newest, warnings


def _restore(trainer: Trainer, snapshot: Snapshot | None, history: RunHistory) -> list[Finding]:
    """Restore the trainer from the snapshot, None: the initial weights; return remarks on state that is reset."""
    if snapshot is None:
        trainer.learning_rate = rate_of(history.before(0)) or trainer.learning_rate
        return []
    remarks = restore(trainer, snapshot)
    step = trainer.position.step
    rate = rate_of([change for change in history.changes if change.step == step])
    trainer.learning_rate = rate or trainer.learning_rate
    return [_remark("begins-anew", "info", text) for text in remarks]


def _changes_to_repeat(history: RunHistory, step: int) -> list[AppliedChange]:
    """Return the changes to apply again after `step`; none after a divergence, since it would diverge again."""
    if isinstance(history.ending, Finished) and history.ending.state == "diverged":
        return []
    return history.after(step)


def _best_checkpoint(folder: Path, epochs: list[Epoch]) -> tuple[int, float] | None:
    """Return step and validation loss of the best epoch that has a checkpoint."""
    known = [(epoch.validation_loss, epoch.step) for epoch in epochs if epoch.validation_loss is not None]
    there = [(loss, step) for loss, step in known if checkpoint_path(folder, step).exists()]
    if not there:
        return None
    loss, step = min(there)
    return step, loss


def _reasons(folder: Path, point: ResumePoint) -> dict[int, set[str]]:
    """Return the reasons to keep each existing checkpoint; the last one of an earlier worker becomes a periodic one."""
    recorded: dict[str, set[str]] = {}
    for event in point.history.checkpoints:
        recorded.setdefault(event.path, set()).add(_reason(event))
    best = point.best[0] if point.best else None
    reasons = {}
    for step, path in checkpoints.list_checkpoints(folder):
        known = recorded.get(path.relative_to(folder).as_posix(), set()) - {"best"}
        known |= {"best"} if step == best else set()
        known |= {"fork"} if step == point.first else set()
        reasons[step] = known or {PERIODIC}
    return reasons


def _reason(event: Checkpoint) -> str:
    return PERIODIC if event.reason in ("last", "diverged") else event.reason


def _remark(code: str, severity: Literal["info", "warning"], message: str) -> Finding:
    return Finding(time=time.time(), step=0, code=code, severity=severity, message=message)
