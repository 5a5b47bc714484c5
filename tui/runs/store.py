"""What the Runs screen asks about runs and does to them, through the engine; mistakes come as the engine's errors."""

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.words.changes import Changes

if TYPE_CHECKING:
    from engine.runs import Comparison, Run, RunSummary
    from engine.runs.fork import At, Forked

Test = Callable[["RunSummary"], bool]
"""Whether a run passes a filter."""


class ForkPlace(NamedTuple):
    """Where a fork can begin."""

    at: "At"
    words: str


class _FileStamp(NamedTuple):
    """What of a file moves when it is written."""

    inode: int
    modified_ns: int
    changed_ns: int
    size: int


class RunStore:
    """The runs of one home. Every call reads or writes files: not for the event loop.

    Args:
        home: where runs live; None: the default home.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.home = home
        self._known: dict[str, tuple[_FileStamp, RunSummary]] = {}  # those that are over

    def runs(self) -> "list[RunSummary]":
        """Return every run, newest first; one that is over is read again only when its status was written since."""
        from engine.runs.listing import summarise, with_parents
        from engine.runs.names import names_in, runs_folder

        folder = runs_folder(self.home)
        known, self._known = self._known, {}
        found = []
        for name in names_in(folder):
            stamp = _stamp(folder / name)
            before = known.get(name)
            if stamp is not None and before is not None and before[0] == stamp:
                summary = before[1]
            else:
                summary = summarise(folder / name)
            if stamp is not None and summary.is_over:
                self._known[name] = (stamp, summary)
            found.append(summary)
        return sorted(with_parents(found), key=lambda run: (-run.created, run.name))

    def test(self, text: str) -> Test:
        """Return what a filter asks of a run; for the event loop too.

        Raises:
            NntermError: it makes no sense.
        """
        from engine.runs.query import Query

        query = Query.parse(text)
        return lambda run: query.matches(run, time.time())

    def summary(self, name: str) -> "RunSummary":
        """Return how one run stands; damaged where that cannot be told."""
        from engine.runs import runs_folder
        from engine.runs.listing import summarise

        return summarise(runs_folder(self.home) / name)

    def compare(self, names: Sequence[str]) -> "Comparison":
        """Return where the experiments of runs differ.

        Raises:
            NntermError: one is gone or damaged.
        """
        from engine.runs import compare

        return compare([self._open(name) for name in names])

    # steering

    def command(self, name: str, command: str) -> None:
        """Ask a run's worker for something.

        Raises:
            RunError: the run is gone, or cannot be written.
        """
        self._open(name).command(command)

    def restart(self, name: str) -> str:
        """Train the same once more and return the new run's name.

        Raises:
            NntermError: it cannot be started.
        """
        from tui.follow.relaunch import relaunch

        return relaunch(name, self.home)

    def resume(self, name: str, changes: str = "") -> None:
        """Take up a run that is over where its newest checkpoint stands.

        Args:
            changes: KEY=VALUE texts, apart by spaces.

        Raises:
            NntermError: it cannot go on so.
        """
        from engine.runs import resume

        resume(self._open(name), parse_changes(changes))

    def ready_change(self, name: str) -> str | None:
        """Return what must change before a run that is over can go on, as a proposal; None where nothing must."""
        run = self._open(name)
        status = run.status()
        if status.state == "finished":
            return f"training.epochs={max(2 * status.epoch, status.epochs + 1)}"
        if status.state == "diverged":
            return f"training.optimizer.lr={(status.base_learning_rate or 0.1) / 10:g}"
        return None

    def places(self, name: str) -> list[ForkPlace]:
        """Return where a run can be forked, the newest first."""
        from engine.runs import kept_checkpoints
        from tui.words.figures import figure

        kept = kept_checkpoints(self._open(name))
        places = []
        for entry in kept:
            loss = (
                "" if entry.validation_loss is None else f" · validation loss {figure(entry.validation_loss)}"
            )
            best = ", the best" if entry.is_best else ""
            if entry.ends_epoch:
                places.append(ForkPlace(entry.epoch, f"epoch {entry.epoch}{best}{loss}"))
            elif entry is kept[-1]:
                places.append(ForkPlace("last", f"step {entry.step:,}, the last"))
        return [*reversed(places), ForkPlace(0, "the first weights")]

    def look_at_changes(self, name: str, changes: str) -> Changes:
        """Return what KEY=VALUE texts change in a run's experiment.

        Raises:
            NntermError: they are wrong.
        """
        from engine.experiment.changes import changed

        before = self._open(name).experiment()
        return changed(before.to_raw(), before.with_changes(parse_changes(changes)).to_raw())

    def fork(self, name: str, at: "At", changes: str) -> "Forked":
        """Make a run that goes on from a checkpoint of another one, with something changed.

        Raises:
            NntermError: it cannot be made.
        """
        from engine.runs import fork

        return fork(self._open(name), at, parse_changes(changes))

    # names and the trash

    def rename(self, name: str, new: str) -> None:
        """Give a run another name.

        Raises:
            RunError: the name is impossible or taken, or the run is at work.
        """
        from engine.runs import rename

        rename(self._open(name), new)

    def discard(self, name: str) -> None:
        """Put a run into the trash.

        Raises:
            RunError: the run is at work, or cannot be moved.
        """
        from engine.runs import discard

        discard(self._open(name))

    def restore(self) -> str:
        """Take back what was put into the trash last, and return its name.

        Raises:
            RunError: the trash is empty, or the name is taken by now.
        """
        from engine.errors import RunError
        from engine.runs import restore

        names = self.trash()
        if not names:
            raise RunError("the trash is empty")
        return restore(names[0], self.home).name

    def trash(self) -> list[str]:
        """Return what is in the trash, the newest first."""
        from engine.runs import list_trash

        return [entry.name for entry in list_trash(self.home)]

    def empty_trash(self) -> None:
        """Remove what is in the trash for good.

        Raises:
            RunError: something cannot be removed.
        """
        from engine.runs import empty_trash

        empty_trash(self.home)

    def _open(self, name: str) -> "Run":
        from engine.runs import Run

        return Run.open(name, self.home)


def parse_changes(text: str) -> dict[str, Any]:
    """Return `KEY=VALUE KEY=VALUE ...` as keys with values; a value may hold spaces.

    Raises:
        ExperimentError: a part has no `=`.
    """
    from engine.experiment.overrides import parse_assignment

    parts = re.split(r"\s+(?=[A-Za-z_][\w.\[\]-]*=)", text.strip())
    return dict(parse_assignment(part) for part in parts if part)


def _stamp(run_folder: Path) -> _FileStamp | None:
    from engine.runs.status import FILE_NAME

    try:
        status = (run_folder / FILE_NAME).stat()
    except OSError:
        return None
    return _FileStamp(status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)
