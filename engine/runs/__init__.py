"""Runs: one folder and one worker process for each training; files connect it with all readers."""

from engine.runs.commands import COMMANDS
from engine.runs.compare import Comparison, compare
from engine.runs.folder import Run
from engine.runs.follow import Follower
from engine.runs.fork import fork, kept_checkpoints
from engine.runs.launch import launch
from engine.runs.listing import RunSummary, children, list_runs
from engine.runs.names import default_home, runs_folder
from engine.runs.notes import RunNotes, change_tags, read_notes, write_notes
from engine.runs.query import Query, sort_runs
from engine.runs.resume import resume
from engine.runs.status import RunState, Status
from engine.runs.trash import discard, empty_trash, list_trash, rename, restore

__all__ = [
    "COMMANDS",
    "Comparison",
    "Follower",
    "Query",
    "Run",
    "RunNotes",
    "RunState",
    "RunSummary",
    "Status",
    "change_tags",
    "children",
    "compare",
    "default_home",
    "discard",
    "empty_trash",
    "fork",
    "kept_checkpoints",
    "launch",
    "list_runs",
    "list_trash",
    "read_notes",
    "rename",
    "restore",
    "resume",
    "runs_folder",
    "sort_runs",
    "write_notes",
]
