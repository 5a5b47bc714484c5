"""The runs of a home as a list that is cheap to refresh: a finished run is read again only when its files change."""

from pathlib import Path
from typing import NamedTuple

from engine.runs import RunSummary, list_trash, listing, runs_folder
from engine.runs.names import names_in
from engine.runs.notes import FILE_NAME as NOTES_NAME
from engine.runs.status import FILE_NAME as STATUS_NAME


class _FileStamp(NamedTuple):
    """The attributes of a file that change when it is written."""

    inode: int
    modified_ns: int
    changed_ns: int
    size: int


_Stamps = tuple[_FileStamp, _FileStamp | None]
"""Of the status, and of the tags and note if there are any."""


class RunStore:
    """The runs of one home.

    Args:
        home: where runs are stored; None: the default home.
    """

    def __init__(self, home: Path | None = None) -> None:
        self._home = home
        self._known: dict[str, tuple[_Stamps, RunSummary]] = {}  # finished runs by name

    def runs(self) -> list[RunSummary]:
        """Return every run, newest first. Reads files: not for the event loop."""
        folder = runs_folder(self._home)
        known, self._known = self._known, {}
        found = []
        for name in names_in(folder):
            stamp = _stamps(folder / name)
            before = known.get(name)
            if stamp is not None and before is not None and before[0] == stamp:
                summary = before[1]
            else:
                summary = listing.summarise(folder / name)
            if stamp is not None and summary.is_over:
                self._known[name] = (stamp, summary)
            found.append(summary)
        return sorted(listing.with_parents(found), key=lambda run: (-run.created, run.name))

    def has_trash(self) -> bool:
        """Return True if the trash holds a run."""
        return bool(list_trash(self._home))


def _stamps(run_folder: Path) -> _Stamps | None:
    status = _stamp(run_folder / STATUS_NAME)
    return None if status is None else (status, _stamp(run_folder / NOTES_NAME))


def _stamp(path: Path) -> _FileStamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return _FileStamp(found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)
