"""The runs of a home as a list that is cheap to refresh: a finished run is read again only when its files change."""

import os
from pathlib import Path
from typing import NamedTuple

from engine.runs import RunSummary, list_trash, listing, runs_folder
from engine.runs.names import names_in
from engine.runs.status import FILE_NAME


class _Stamps(NamedTuple):
    """Attributes that change when a run's status is written, or a file in its folder is replaced, as its notes are."""

    inode: int
    modified_ns: int
    changed_ns: int
    size: int
    folder_ns: int


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
            stamp = _stamps(f"{folder}/{name}")
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


def _stamps(run_folder: str) -> _Stamps | None:
    try:
        status = os.stat(f"{run_folder}/{FILE_NAME}")  # noqa: PTH116  a Path would take twice as long
        folder = os.stat(run_folder)  # noqa: PTH116
    except OSError:
        return None
    return _Stamps(status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size, folder.st_mtime_ns)
