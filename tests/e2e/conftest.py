"""Shared by the process tests: runs launched for real, awaited by condition, and never left behind."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.experiment.experiment import Experiment
from engine.runs import Run, Status, launch
from engine.runs.status import process_start
from tests.trainings import ENDLESS, launch_held
from tests.waiting import wait_until


class Stage:
    """A home of its own, and the runs launched in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.runs: list[Run] = []

    def launch(
        self, dataset: str = "moons", layers: tuple[int, ...] = (8,), *, held: bool = False, **options: Any
    ) -> Run:
        """Launch a run, endless without `epochs`; `held` makes it wait at step 0."""
        defaults: dict[str, Any] = {"optimizer": "sgd", "lr": 0.01, "epochs": ENDLESS, "batch_size": 64}
        experiment = Experiment.quick(dataset, list(layers), **(defaults | options))
        run = launch_held(experiment, self.home) if held else launch(experiment, self.home)
        self.runs.append(run)
        return run

    def when(self, run: Run, *states: str, step: int = 0) -> Status:
        """Return the status as soon as the state is one of `states` and at least `step` updates are made."""

        def look() -> Status | None:
            status = run.status()
            if status.is_over and status.state not in states:
                log = (run.path / "worker.log").read_text()
                raise AssertionError(f"{run.name} is {status.state}: {status.message}\n{log}")
            return status if status.state in states and status.step >= step else None

        return wait_until(look, f"{run.name} to be {' or '.join(states)}")

    def gone(self, status: Status) -> None:
        """Wait until the worker's process has ended."""
        wait_until(lambda: process_start(status.pid) is None, "the worker to end")

    def close(self) -> None:
        """End what still runs, by the pid that each worker wrote itself."""
        for run in self.runs:
            status = wait_until(lambda run=run: (run.status().is_over or run.status().pid) and run.status())
            if not status.is_over and status.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(status.pid, signal.SIGKILL)
                self.gone(status)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Return a stage; its workers end with the test."""
    stage = Stage(tmp_path)
    yield stage
    stage.close()
