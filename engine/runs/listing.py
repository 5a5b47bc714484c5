"""The list of the runs in a home, read from their `status.json` and `notes.json`, so that a thousand list at once."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import RunError
from engine.runs.names import names_in, runs_folder
from engine.runs.notes import read_notes
from engine.runs.status import StatusSummary, true_status


class RunSummary(StatusSummary, frozen=True, kw_only=True):
    """A run in a list: its name, folder, tags and note, and the summary of its status.

    Where the status is damaged, `created` is the time of the folder's last change.
    """

    name: str
    path: str
    tags: tuple[str, ...] = ()
    note: str = ""


def list_runs(home: str | Path | None = None) -> list[RunSummary]:
    """Return every run of `home`, newest first; never raises."""
    folder = runs_folder(home)
    runs = [summarise(folder / name) for name in names_in(folder)]
    return sorted(with_parents(runs), key=_newest_first)


def with_parents(runs: list[RunSummary]) -> list[RunSummary]:
    """Return the runs with the present names of their parents, found by id."""
    names = {run.id: run.name for run in runs if run.id}
    called = {run.name for run in runs}
    return [
        msgspec.structs.replace(run, parent=names[run.parent_id])
        if run.parent_id in names and run.parent not in called
        else run
        for run in runs
    ]


def children(runs: Iterable[RunSummary], parent: str) -> list[RunSummary]:
    """Return the runs that were forked from the one called `parent`, sorted by the epoch of the fork."""
    found = [run for run in runs if run.parent == parent]
    return sorted(found, key=lambda run: (run.parent_epoch, run.created))


def summarise(path: Path) -> RunSummary:
    """Return the summary of the run in `path`; never raises."""
    notes = read_notes(path)
    own: dict[str, Any] = {"name": path.name, "path": str(path), "tags": notes.tags, "note": notes.note}
    try:
        status = true_status(path)
    except RunError as error:
        return RunSummary(state="damaged", created=_changed(path), message=error.message, **own)
    return RunSummary(**{name: getattr(status, name) for name in StatusSummary.__struct_fields__}, **own)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return time.time()


def _newest_first(summary: RunSummary) -> tuple[float, str]:
    return -summary.created, summary.name
