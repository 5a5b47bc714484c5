"""The Trials screen over Build and over Train: running trials, their display, and applying a setting."""

import tomllib
from pathlib import Path

import pytest

from engine.trials import TRIALS, Trial, TrialPoints, TrialProgress
from tests.tui.build_screen.host import make_host as make_build_host
from tests.tui.fake_runs import FakeRun
from tests.tui.fake_trials import ENDED, STARTED, FakeTrials
from tests.tui.hosts import SMALL, each_size, make_host, seen, text_of, until
from tui.build.screen import BuildScreen
from tui.processes import trial as trial_process
from tui.processes.trial import TrialError
from tui.train import screen as train
from tui.train.screen import TrainScreen
from tui.trials import screen as trials
from tui.trials.screen import TrialsScreen
from tui.trials.sketches import sketch_of
from tui.widgets.fix_dialog import FixDialog
from tui.widgets.loss_plot import LossPlot


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeTrials:
    attempts = FakeTrials()
    monkeypatch.setattr(trial_process, "attempt", attempts)
    monkeypatch.setattr(trials, "FRAME_S", 0.0)
    monkeypatch.setattr(train, "REST_S", 0.05)
    return attempts


async def test_a_draft_is_tried_and_the_setting_applied_after_a_preview(
    fake: FakeTrials, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_build_host(monkeypatch, "moons")
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, BuildScreen) and app.build.is_offering)
        await pilot.press("e")
        assert isinstance(app.screen, BuildScreen)  # there is no network yet
        await pilot.press("enter")
        await until(pilot, lambda: app.build.editor.draft is not None and not app.build.is_offering)
        before = app.draft["training"]["optimizer"]["lr"]
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, TrialsScreen))
        for trial in TRIALS.values():
            assert trial.question in seen(app)
        await pilot.press("j", "enter")
        await until(pilot, lambda: fake.asked and "starting a process" in seen(app))
        name, file, *_ = fake.asked[0]
        assert name == "rates"
        assert tomllib.loads(Path(file).read_text())["data"]["dataset"] == "moons"
        fake.tell(STARTED, TrialPoints(curve="loss", x=[0.0, 5.0], y=[2.0, 1.0]))
        fake.tell(TrialProgress(share=0.4, phase="update 5"))
        await until(pilot, lambda: "40%" in seen(app) and "update 5" in seen(app) and "┤" in seen(app))
        assert "to keep it short: 3 of 10 epochs" in seen(app)
        fake.tell(ENDED)
        await until(pilot, lambda: "✗ too high" in seen(app) and ENDED.sentence in seen(app))
        assert app.screen.query_one(LossPlot).cursor == ENDED.mark
        assert not Path(file).exists()
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, FixDialog))
        assert f"{before:g}  →  0.002" in seen(app)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, BuildScreen))
        assert app.draft["training"]["optimizer"]["lr"] == 0.002
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, TrialsScreen))
        await pilot.press("j")
        await until(pilot, lambda: "too high  of another network" in seen(app))
        await pilot.press("escape", "u")
        await until(pilot, lambda: app.draft["training"]["optimizer"]["lr"] == before)


@pytest.mark.parametrize("trial", [*TRIALS.values()], ids=[*TRIALS])
async def test_before_it_is_run_a_trial_says_what_it_asks_does_and_costs(
    trial: Trial, fake: FakeTrials, tmp_path: Path
) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    app = make_host(tmp_path, "train", TrainScreen, run=run.name)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: isinstance(app.screen, TrainScreen) and app.screen.trial_subject)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, TrialsScreen))
        await pilot.press(*["j"] * [*TRIALS].index(trial.name))
        sketch = sketch_of(trial.name)
        assert sketch is not None
        async for size in each_size(pilot):
            await until(pilot, lambda: all(series.name in seen(app) for series in sketch.series))
            assert "sketch:" in seen(app), size
            words = " ".join(text_of(app, "TrialDetails > Static").split())
            assert all(
                text in words for text in (trial.question, trial.method, trial.cost, "enter runs it")
            ), size
            plot = app.screen.query_one(LossPlot)
            assert plot.size.height >= 6, size
        assert trial.about in words  # in full where there is room
        assert fake.asked == []


async def test_a_trial_of_a_run_is_cancelled_and_repeated(fake: FakeTrials, tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    app = make_host(tmp_path, "train", TrainScreen, run=run.name)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: run.name in seen(app))
        await until(pilot, lambda: isinstance(app.screen, TrainScreen) and app.screen.trial_subject)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, TrialsScreen))
        await until(pilot, lambda: f"run {run.name}" in seen(app))
        assert all(trial.title in seen(app) for trial in TRIALS.values())
        await pilot.press("enter")
        await until(pilot, lambda: fake.open == 1 and "x cancel" in seen(app))
        assert fake.asked[0] == ["overfit", "--run", run.name, "--home", str(tmp_path), "--json"]
        await pilot.press("x")
        await until(pilot, lambda: fake.open == 0 and "■ cancelled" in seen(app))
        await pilot.press("enter")
        await until(pilot, lambda: fake.open == 1)
        await pilot.press("escape")
        await until(pilot, lambda: fake.open == 0)
        await pilot.press("enter", "j", "enter")  # another one cancels the first
        await until(pilot, lambda: fake.open == 1 and fake.asked[-1][0] == "rates")
        fake.tell(TrialError("the weights are gone", "train again"))
        await until(pilot, lambda: "✗ no answer" in seen(app) and "the weights are gone" in seen(app))
        assert "m apply" not in seen(app)
        await pilot.press("enter")
        fake.tell(STARTED, ENDED)
        await until(pilot, lambda: "✗ too high" in seen(app) and "m apply" in seen(app))
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, FixDialog))
        await pilot.press("y")
        await until(pilot, lambda: app.current_mode == "build")
        assert app.session.draft is not None
        assert app.session.draft["training"]["optimizer"]["lr"] == 0.002
