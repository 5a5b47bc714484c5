"""The comparison screen: curves, values at an x value, differences, and keys."""

from pathlib import Path

import pytest

from engine.experiment.experiment import Experiment
from engine.runs import Run
from tests.tui.fake_runs import FakeRun, epoch, finished, started, steps
from tests.tui.hosts import SMALL, each_size, make_host, seen, until
from tests.tui.sentences import LOGARITHMIC_LOSS
from tui.app import NntermApp
from tui.runs.compare_screen import CompareScreen
from tui.shell.screen import LabScreen
from tui.widgets.loss_plot import LossPlot


class Below(LabScreen):
    """Replaces the list of runs."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two runs that differ in their learning rate: slow and fast."""
    for name, rate, loss in (("slow", 0.1, 0.5), ("fast", 0.9, 0.25)):
        run = FakeRun(tmp_path, name)
        experiment = Experiment.quick("xor", [4], lr=rate, name=name)
        experiment.save(run.run.path / "experiment.toml")
        run.write(started(name), steps(0, [1.0] * 10), epoch(1, 10, accuracy=0.5, validation_loss=2 * loss))
        run.write(steps(10, [loss] * 10), epoch(2, 20, accuracy=0.75, validation_loss=loss), finished())
        run.set_status("finished", best_validation_loss=loss, test_accuracy=0.9)
    return tmp_path


async def opened(app: NntermApp, home: Path, *names: str) -> CompareScreen:
    screen = CompareScreen(names, home)
    await app.push_screen(screen)
    return screen


def line(app: NntermApp, word: str) -> str:
    return next((line for line in seen(app).splitlines() if word in line), "")


async def test_scores_and_differences_are_shown(home: Path) -> None:
    app = make_host(home, "runs", Below)
    async with app.run_test(size=SMALL) as pilot:
        await opened(app, home, "slow", "fast")
        async for size in each_size(pilot):
            await until(pilot, lambda: "training.optimizer.lr" in seen(app))
            assert line(app, "training.optimizer.lr").split()[-3:-1] == ["0.1", "0.9"], size
            assert "seed" not in seen(app), size
            assert "0.25" in line(app, "◆ fast"), size
            assert "75.00 %" in line(app, "● slow"), size
            await until(pilot, lambda: any("◆" in row and "│" in row for row in seen(app).splitlines()))


async def test_left_reads_the_values_at_an_earlier_step(home: Path) -> None:
    app = make_host(home, "runs", Below)
    async with app.run_test(size=(140, 45)) as pilot:
        screen = await opened(app, home, "slow", "fast")
        await until(pilot, lambda: "newest" in seen(app) and "0.25" in line(app, "◆ fast"))
        await pilot.press("left", "h", "left", "right")
        await until(pilot, lambda: "at step 39" in seen(app))
        assert "0.25" not in line(app, "◆ fast").split()[3:5]  # its curve ends earlier
        screen.action_cursor(-54)
        await until(pilot, lambda: "at step 5" in seen(app))
        assert line(app, "◆ fast").split()[4:6] == ["1", "-"]
        assert screen.plots[0].cursor is not None
        await pilot.press("end")
        await until(pilot, lambda: "newest" in seen(app))


async def test_epochs_instead_of_steps_and_the_axis(home: Path) -> None:
    app = make_host(home, "runs", Below)
    async with app.run_test(size=(140, 45)) as pilot:
        screen = await opened(app, home, "slow", "fast")
        await until(pilot, lambda: "by step" in seen(app) and LOGARITHMIC_LOSS in seen(app))
        await pilot.press("X", "Y", "n")
        await until(pilot, lambda: "by epoch" in seen(app) and "loss · validation" in seen(app))
        assert not screen.plots[0].log_scale
        await pilot.press("X")
        await until(pilot, lambda: "by second" in seen(app))


async def test_if_one_plot_fits_a_key_switches_it(home: Path) -> None:
    app = make_host(home, "runs", Below)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, home, "slow", "fast")
        await until(pilot, lambda: "{ } loss/accuracy" in seen(app) and "accuracy in %" not in seen(app))
        await pilot.press("right_curly_bracket")
        await until(pilot, lambda: "accuracy in %" in seen(app) and "loss · " not in seen(app))
        assert screen.query_one("#accuracy", LossPlot).size.height > 0


async def test_a_run_without_an_experiment_shows_an_error_and_its_curves(home: Path) -> None:
    folder = Run.open("slow", home).path
    (folder / "experiment.toml").unlink()
    events = folder / "events.jsonl"
    events.write_text(events.read_text().replace('"experiment":{', '"experiment":{"gone":0,'))
    app = make_host(home, "runs", Below)
    async with app.run_test(size=(140, 45)) as pilot:
        await opened(app, home, "slow", "fast")
        await until(pilot, lambda: "cannot read" in seen(app) and "0.25" in seen(app))


async def test_experiments_that_are_the_same_are_said_to_be(home: Path) -> None:
    for name in ("slow", "fast"):
        Experiment.quick("xor", [4], lr=0.1, name="same").save(home / "runs" / name / "experiment.toml")
    app = make_host(home, "runs", Below)
    async with app.run_test(size=(140, 45)) as pilot:
        await opened(app, home, "slow", "fast")
        await until(pilot, lambda: "Their experiments are identical" in seen(app))
