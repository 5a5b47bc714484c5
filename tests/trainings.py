"""Real trainings whose length a test decides: endless until told to stop, or held at a step until told to continue.

A test that disturbs a training never relies on how long the training takes. It starts one that is ENDLESS, or one
that is held before its first step, and ends it by a command or by `resume` with fewer epochs.
"""

from pathlib import Path

from engine.experiment import Experiment
from engine.runs import Run
from engine.runs.checkpoints import list_checkpoints
from engine.runs.launch import start_worker
from engine.storage.weights import load_snapshot
from engine.training.position import Position

ENDLESS = 1_000_000_000
"""Epochs that no computer trains before a test ends."""


def launch_held(experiment: Experiment, home: Path, name: str | None = None, *, measure: bool = False) -> Run:
    """Start a worker that waits at step 0: `step` makes one update, `resume` releases it."""
    run = Run.create(experiment, home, name, measure=measure)
    start_held(run)
    return run


def start_held(run: Run) -> int:
    """Start a worker that waits at step 0; stands for `engine.runs.launch.start_worker`."""
    run.command("pause")
    return start_worker(run)


def epochs_to_come(run: Run) -> int:
    """Return the epoch that a run without a worker is in, counted from 1.

    It is that of the newest checkpoint, or of the status if that was written later: a run that a full disk ended may
    be an epoch ahead of what it could save. Resumed with so many epochs, the run ends with that epoch.
    """
    kept = list_checkpoints(run.path)
    position = load_snapshot(kept[-1][1]).position if kept else Position()
    assert position is not None
    return max(position.epoch, run.status().epoch) + 1
