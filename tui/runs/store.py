"""The runs of a home as a list that is cheap to refresh: a finished run is read again only when its status changes."""

from pathlib import Path
from typing import NamedTuple

from engine.runs import RunSummary, listing, runs_folder
from engine.runs.names import names_in
from engine.runs.status import FILE_NAME


class _FileStamp(NamedTuple):
    """The attributes of a file that change when it is written."""

    inode: int
    modified_ns: int
    changed_ns: int
    size: int


class RunStore:
    """The runs of one home.

    Args:
        home: where runs are stored; None: the default home.
    """

    def __init__(self, home: Path | None = None) -> None:
        self._home = home
        self._known: dict[str, tuple[_FileStamp, RunSummary]] = {}  # finished runs by name

    def runs(self) -> list[RunSummary]:
        """Return every run, newest first. Reads files: not for the event loop."""
        folder = runs_folder(self._home)
        known, self._known = self._known, {}
        found = []
        for name in names_in(folder):
            stamp = _stamp(folder / name)
            before = known.get(name)
            if stamp is not None and before is not None and before[0] == stamp:
                summary = before[1]
            else:
                summary = listing.summarise(folder / name)
            if stamp is not None and summary.is_over:
                self._known[name] = (stamp, summary)
            found.append(summary)
        return sorted(listing.with_parents(found), key=lambda run: (-run.created, run.name))


def _stamp(run_folder: Path) -> _FileStamp | None:
    try:
        status = (run_folder / FILE_NAME).stat()
    except OSError:
        return None
    return _FileStamp(status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)
