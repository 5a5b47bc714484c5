"""From the first screen to a training on MNIST in three keys, with the real screens and a real worker."""

from pathlib import Path

from engine.runs import Run
from tests.tui.hosts import until
from tui.app import NntermApp
from tui.data.dataset_table import DatasetTable


async def test_three_times_enter_trains_mnist(tmp_path: Path) -> None:
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
            await until(pilot, lambda: run.status().step > 0)
            assert run.experiment().data.dataset == "mnist"
            await until(pilot, lambda: "running" in app.run_line)
        finally:
            run.command("stop")
            await until(pilot, lambda: run.status().is_over)
        await until(pilot, lambda: "stopped" in app.run_line)
