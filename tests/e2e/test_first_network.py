"""From the first screen to a training on MNIST in three keys, with the real screens and a real worker."""

import sys
from pathlib import Path

import pytest

from engine.runs import Run
from tests.trainings import start_held
from tests.tui.hosts import until
from tui.app import NntermApp
from tui.data.dataset_table import DatasetTable


async def test_three_times_enter_trains_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is held at step 0 and makes one update, so that it is still there when the app has looked."""
    monkeypatch.setattr(sys.modules["engine.runs.launch"], "start_worker", start_held)
    app = NntermApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(
            pilot, lambda: app.screen.query(DatasetTable) and app.screen.query_one(DatasetTable).row_count
        )
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "build" and app.screen.focused)
        await pilot.press("enter")
        await until(pilot, lambda: app.session.draft is not None)
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "train")
        run = Run.open(app.session.run or "", tmp_path)
        try:
            await until(pilot, lambda: "paused" in app.run_line)
            assert run.experiment().data.dataset == "mnist"
            run.command("step")
            await until(pilot, lambda: run.status().step == 1)
        finally:
            run.command("stop")
            await until(pilot, lambda: run.status().is_over)
        await until(pilot, lambda: "stopped" in app.run_line)
