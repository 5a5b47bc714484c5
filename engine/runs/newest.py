"""The newest weights of a run; of a running one those of this moment, for which its worker is asked."""

import time
from collections.abc import Callable
from pathlib import Path

from engine.errors import CheckpointError
from engine.runs.checkpoints import list_checkpoints, weight_files
from engine.runs.folder import Run
from engine.storage.weights import Snapshot, load_snapshot, read_position
from engine.training.position import Position

WAIT_S = 3.0
"""Maximum time to wait for the worker's answer; the newest stored weights are used after it."""
POLL_S = 0.02


def newest_snapshot(
    run: Run,
    *,
    sleep: Callable[[float], None] = time.sleep,
    timer: Callable[[], float] = time.monotonic,
) -> Snapshot:
    """Return the newest weights of a run; while it trains, its worker first writes a checkpoint.

    Raises:
        CheckpointError: there are no weights, or all files are damaged.
        RunError: the status is missing or damaged.
    """
    status = run.status()
    if not status.is_over:
        before = _newest_checkpoint(run)
        if status.state == "running":
            run.command("checkpoint")
        deadline = timer() + WAIT_S
        while timer() < deadline:
            if status.state == "running" and _newest_checkpoint(run) > before:
                break
            if status.state != "running" and stored_step(run) >= run.status().step:
                break
            if run.status().is_over:
                break
            sleep(POLL_S)
    return _newest(run)


def stored_step(run: Run) -> int:
    """Return the newest step whose weights are stored; -1: none."""
    steps = [
        position.step for path in weight_files(run.path)[:2] if (position := _position(path)) is not None
    ]
    return max(steps, default=-1)


def _newest_checkpoint(run: Run) -> int:
    return max((step for step, _ in list_checkpoints(run.path)), default=-1)


def _position(path: Path) -> Position | None:
    try:
        return read_position(path)
    except CheckpointError:
        return None


def _newest(run: Run) -> Snapshot:
    """Return the stored weights with the highest step; a damaged file is skipped."""
    failure: CheckpointError | None = None
    paths = weight_files(run.path)
    by_step = sorted(paths, key=lambda path: getattr(_position(path), "step", -1), reverse=True)
    for path in by_step:
        try:
            return load_snapshot(path)
        except CheckpointError as error:
            failure = failure or error
    raise failure or CheckpointError(f"{run.name} has no weights yet", "wait until its training has started")
