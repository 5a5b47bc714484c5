"""Runs: a folder each, a worker process each, files between them and whoever watches."""

from engine.runs.commands import COMMANDS
from engine.runs.folder import Run
from engine.runs.follow import Follower
from engine.runs.launch import launch
from engine.runs.listing import RunSummary, list_runs
from engine.runs.names import default_home, runs_folder
from engine.runs.status import RunState, Status

__all__ = [
    "COMMANDS",
    "Follower",
    "Run",
    "RunState",
    "RunSummary",
    "Status",
    "default_home",
    "launch",
    "list_runs",
    "runs_folder",
]
