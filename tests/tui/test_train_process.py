"""The Train screen with a worker of its own: real processes, real files."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.experiment import Experiment
from engine.runs import Run, launch
from tests.tui.hosts import make_host, until
from tui.screens.dialogs import Confirm
from tui.screens.train import TrainScreen
from tui.widgets.rate_panel import RatePanel
from tui.widgets.run_header import RunHeader


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """A training that lasts for longer than any test."""
    run = launch(Experiment.quick("moons", [8], epochs=1_000_000), tmp_path)
    yield run
    status = run.status()
    if not status.is_over and status.pid:
        psutil.Process(status.pid).kill()


async def test_a_real_training_is_watched_and_steered_from_start_to_stop(run: Run, tmp_path: Path) -> None:
    app = make_host(tmp_path, "train", TrainScreen, run=run.name)
    async with app.run_test(size=(140, 45)) as pilot:
        header, rate = app.screen.query_one(RunHeader), app.screen.query_one(RatePanel)

        def figures() -> tuple[str, int]:
            return (header.figures.state, header.figures.step) if header.figures else ("", 0)

        await until(pilot, lambda: figures()[0] == "running" and figures()[1] > 100)
        await pilot.press("space")
        await until(pilot, lambda: figures()[0] == "paused" and header.asked == "")
        await until(pilot, lambda: run.status().step == figures()[1])
        before = figures()[1]
        await pilot.press("s")
        await until(pilot, lambda: figures()[1] == before + 1)
        base = rate.base or 0.0
        await pilot.press("minus")
        await until(pilot, lambda: rate.asked is None and (rate.base or 0.0) < base)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: figures()[0] == "stopped")
        assert run.status().state == "stopped"
