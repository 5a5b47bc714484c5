"""The moments of a run: the points of its training whose weights are available."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.errors import CheckpointError
from engine.inspection.messages import At, Moment
from engine.runs import Run, kept_checkpoints
from engine.runs.checkpoints import FOLDER_NAME, LIVE_NAME, checkpoint_path, positions_of
from engine.runs.snapshots import FOLDER_NAME as SNAPSHOTS
from engine.runs.snapshots import list_snapshots, snapshot_path
from engine.storage.weights import read_position

if TYPE_CHECKING:
    from engine.runs import Status

MOST_NAMED = 12
"""Steps that an error message lists at most."""


class Moments:
    """Lists the moments of a run; the headers of its files are read again when a folder has changed."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._read_at: tuple[int, int, bool] | None = None
        self._stored: list[Moment] = []

    def every(self, status: "Status | None" = None) -> tuple[Moment, ...]:
        """Return the moments, ordered by step."""
        status = status or self.run.status()
        moments = self._stored_moments(status.is_over)
        if not status.parent_step:
            moments = [Moment(0, 0, "first"), *(moment for moment in moments if moment.step)]
        live = self._live()
        if live is not None and live.step > max((moment.step for moment in moments), default=-1):
            moments.append(live)
        if moments:
            moments[-1] = msgspec.structs.replace(moments[-1], is_last=True)
        return tuple(moments)

    def find(self, at: At) -> Moment:
        """Return the moment that `at` names.

        Raises:
            CheckpointError: there is no such moment.
        """
        moments = self.every()
        checkpoints = [moment for moment in moments if moment.kind == "checkpoint"]
        if at == "newest" and moments:
            return moments[-1]
        if at == "last" and checkpoints:
            return checkpoints[-1]
        if at == "best" and checkpoints:
            return next((moment for moment in checkpoints if moment.is_best), checkpoints[-1])
        found = next((moment for moment in moments if moment.step == at), None)
        if found is not None:
            return found
        what = f"weights at step {at:,}" if isinstance(at, int) else "checkpoint yet"
        raise CheckpointError(
            f"{self.run.name} has no {what}", f"steps with weights: {_listed(moments)}; or best, or last"
        )

    def path(self, moment: Moment) -> Path | None:
        """Return the file with the weights of a moment; None for the first ones, which follow from the seed."""
        folder = self.run.path
        match moment.kind:
            case "first":
                return None
            case "live":
                return folder / LIVE_NAME
            case "snapshot":
                return snapshot_path(folder, moment.step)
            case _:
                return checkpoint_path(folder, moment.step)

    def stamp(self, moment: Moment) -> int:
        """Return a number that changes when the moment's file changes."""
        path = self.path(moment)
        return 0 if path is None else _changed_at(path)

    def _stored_moments(self, is_over: bool) -> list[Moment]:
        """Return the checkpoints and, at other steps, the snapshots."""
        folder = self.run.path
        changed = (_changed_at(folder / FOLDER_NAME), _changed_at(folder / SNAPSHOTS), is_over)
        if self._read_at != changed:
            self._read_at, self._stored = changed, self._read()
        return list(self._stored)

    def _read(self) -> list[Moment]:
        moments = {
            one.step: Moment(
                one.step, one.epoch, "checkpoint", one.is_best, validation_loss=one.validation_loss
            )
            for one in kept_checkpoints(self.run)
            if one.step
        }
        missing = [(step, path) for step, path in list_snapshots(self.run.path) if step not in moments]
        for step, (position, _) in positions_of(missing).items():
            moments[step] = Moment(step, position.epoch, "snapshot")
        return [moments[step] for step in sorted(moments)]

    def _live(self) -> Moment | None:
        """Return the newest weights' moment, None if they cannot be read."""
        try:
            position = read_position(self.run.path / LIVE_NAME)
        except CheckpointError:
            return None
        return Moment(position.step, position.epoch, "live") if position is not None else None


def _listed(moments: tuple[Moment, ...]) -> str:
    """Return the steps: the checkpoints' if all are too many."""
    some = moments
    if len(moments) > MOST_NAMED:
        some = tuple(one for one in moments if one.kind != "snapshot")[-MOST_NAMED:]
    steps = ", ".join(f"{moment.step:,}" for moment in some) or "none yet"
    rest = len(moments) - len(some)
    return f"{steps} and {rest:,} snapshots between them" if rest else steps


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
