"""The Train screen with a real worker process and real files."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.experiment.experiment import Experiment
from engine.runs import Run, launch
from tests.trainings import ENDLESS
from tests.tui.hosts import make_host, seen, until
from tui.findings.finding_list import FindingList
from tui.findings.finding_strip import FindingStrip
from tui.findings.screen import FindingsScreen
from tui.gradients.walk_screen import WalkScreen
from tui.shell.dialogs import ConfirmDialog
from tui.train.health_table import HealthTable
from tui.train.rate_panel import RatePanel
from tui.train.run_header import RunHeader
from tui.train.screen import TrainScreen
from tui.widgets.fix_dialog import FixDialog


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """A training that lasts until it is stopped."""
    yield launch(Experiment.quick("moons", [8], epochs=ENDLESS), tmp_path)
    kill_all(tmp_path)


@pytest.fixture
def faulty(tmp_path: Path) -> Iterator[Run]:
    """A training with a learning rate that is far too high, checked by the doctor."""
    experiment = Experiment.quick("moons", [8], optimizer="sgd", lr=30.0, epochs=ENDLESS, force=True)
    yield launch(experiment, tmp_path, measure=True)
    kill_all(tmp_path)


def kill_all(home: Path) -> None:
    for name in (path.name for path in (home / "runs").iterdir()):
        status = Run.open(name, home).status()
        if not status.is_over and status.pid:
            psutil.Process(status.pid).kill()


async def test_a_real_training_is_followed_and_steered_from_start_to_stop(run: Run, tmp_path: Path) -> None:
    app = make_host(tmp_path, "train", TrainScreen, run=run.name)
    async with app.run_test(size=(140, 45)) as pilot:
        header, rate = app.screen.query_one(RunHeader), app.screen.query_one(RatePanel)

        def figures() -> tuple[str, int]:
            return (header.figures.state, header.figures.step) if header.figures else ("", 0)

        await until(pilot, lambda: figures()[0] == "running" and figures()[1] > 100)
        await pilot.press("space")
        await until(pilot, lambda: figures()[0] == "paused" and header.pending == "")
        await until(pilot, lambda: run.status().step == figures()[1])
        before = figures()[1]
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, WalkScreen))
        assert figures()[1] == before + 1
        await until(pilot, lambda: f"step {before + 1:,} of run {run.name}" in seen(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, TrainScreen))
        base = rate.base or 0.0
        await pilot.press("minus")
        await until(pilot, lambda: rate.requested is None and (rate.base or 0.0) < base)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await until(pilot, lambda: figures()[0] == "stopped")
        assert run.status().state == "stopped"


async def test_a_fault_is_found_during_training_and_fixed_with_one_key(faulty: Run, tmp_path: Path) -> None:
    app = make_host(tmp_path, "train", TrainScreen, run=faulty.name)
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: app.screen.query_one(HealthTable).n_layers == 2)
        strip = app.screen.query_one(FindingStrip)
        await until(pilot, lambda: any(found.code == "learning-rate-high" for found in strip.findings))
        await until(pilot, lambda: " · d  " in seen(app))
        await pilot.press("d")
        await until(
            pilot,
            lambda: isinstance(app.screen, FindingsScreen) and "applies the suggested fix:" in seen(app),
        )
        listed = app.screen.query_one(FindingList)
        listed.highlighted = [found.code for found in listed.findings].index("learning-rate-high")
        await until(pilot, lambda: "a learning rate of 30" in seen(app).lower())
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, FixDialog))
        assert "learning rate  30  →  " in seen(app)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, TrainScreen))
        await until(pilot, lambda: (app.screen.query_one(RatePanel).base or 30.0) < 3.1)
        assert app.session.run == faulty.name
        assert app.session.draft is not None
        assert app.session.draft["training"]["optimizer"]["lr"] < 30
