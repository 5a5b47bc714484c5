"""Layer statistics and findings on the Train screen: how they are requested and shown, and fixes."""

from pathlib import Path
from typing import Any

import pytest

from engine.errors import RunError
from tests.tui.fake_runs import FakeRun, command, finding, finished, layer, measured
from tests.tui.hosts import make_host, seen, until
from tests.tui.sentences import LOGARITHMIC_LOSS
from tests.tui.train.silent_channel import silent
from tui.app import NntermApp
from tui.findings import cases as mending
from tui.findings import screen as findings
from tui.findings.cases import Proposal, RunCase
from tui.findings.finding_details import FindingDetails
from tui.findings.screen import FindingsScreen
from tui.train import screen as train
from tui.train.health_table import HealthTable
from tui.train.screen import TrainScreen
from tui.widgets.event_log import EventLog
from tui.widgets.fix_dialog import FixDialog
from tui.widgets.loss_plot import LossPlot

LAYERS = [layer(f"layers.{i}", dead=0.7 if i == 0 else 0.1) for i in range(12)]


@pytest.fixture(autouse=True)
def _quick_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "FRAME_S", 0.05)
    monkeypatch.setattr(train, "REST_S", 0.05)
    monkeypatch.setattr(findings, "POLL_S", 0.05)


@pytest.fixture
def fake(tmp_path: Path) -> FakeRun:
    run = FakeRun(tmp_path)
    run.begin()
    return run


def host(home: Path, fake: FakeRun) -> NntermApp:
    return make_host(home, "train", lambda: TrainScreen(open_channel=silent), run=fake.name)


async def test_layers_are_shown_if_they_fit_and_can_be_requested(fake: FakeRun, tmp_path: Path) -> None:
    app = host(tmp_path, fake)
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: "Layer stats are off. I switches them on" in seen(app))
        await pilot.press("I")
        await until(pilot, lambda: fake.commands() == [("measure", True)])
        assert "Layer stats: the first figures come in a moment." in seen(app)
        fake.set_status("running", measuring=True)
        fake.write(command("measure", value=True), measured(0, *LAYERS), measured(10, *LAYERS))
        await until(pilot, lambda: "0 dense 8" in seen(app) and "✗   70 %" in seen(app))
        assert "layer stats on" in app.screen.query_one(EventLog).texts
        assert "▁" in seen(app) or "▄" in seen(app)
        assert "I layer stats off" in seen(app)
        assert "update/weight: relative step" in seen(app)
        await pilot.press("I")
        await until(pilot, lambda: fake.commands()[1:] == [("measure", False)])
        assert not app.session.measures
        assert "paused at step 10 · I resumes" in seen(app)
        await pilot.press("i", "end", *["j"] * 20)
        assert app.screen.query_one(HealthTable).cursor == 11
        assert "▸11 dense 8" in seen(app)
        await pilot.press("i")
        await until(pilot, lambda: "dense 8" not in seen(app))


async def test_in_a_small_terminal_the_layers_replace_the_curve(fake: FakeRun, tmp_path: Path) -> None:
    fake.set_status("running", measuring=True)
    fake.write(measured(0, *LAYERS))
    app = host(tmp_path, fake)
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.screen.query_one(HealthTable)
        await until(pilot, lambda: table.n_layers == 12)
        assert not table.display
        await pilot.press("i")
        await until(pilot, lambda: "▸0 dense 8" in seen(app) and "1–4 of 12" in seen(app))
        assert LOGARITHMIC_LOSS not in seen(app)
        await pilot.press(*["j"] * 11)
        await until(pilot, lambda: "▸11 dense 8" in seen(app))
        await pilot.press("i")
        await until(pilot, lambda: LOGARITHMIC_LOSS in seen(app))


async def test_a_finding_appears_once_and_its_screen_shows_the_details(fake: FakeRun, tmp_path: Path) -> None:
    app = host(tmp_path, fake)
    async with app.run_test(size=(80, 24)) as pilot:
        log = app.screen.query_one(EventLog)
        await until(pilot, lambda: len(log.texts) == 2)
        await pilot.press("d")
        await until(pilot, lambda: "Layer stats are off" in seen(app))
        await pilot.press("escape")
        symptom = finding("plateau", severity="warning", message="the loss stands", remedy={}, evidence={})
        fake.write(finding(), symptom)
        await until(pilot, lambda: "✗ 2 findings · d  learning rate high: a learning rate" in seen(app))
        assert log.texts[2:] == ["a learning rate of 10 is too high here", "the loss stands"]
        await pilot.press("d")
        await until(pilot, lambda: "✗ learning rate high" in seen(app) and "━━ train" in seen(app))
        for words in (
            "A learning rate of 10 is too high here.",
            "first loss     0.7",
            "m  applies the suggested fix:",
            "0.1  →  0.01",
        ):
            assert words in seen(app)
        assert app.screen.query_one(LossPlot).cursor == 10.0
        await pilot.press("enter")
        await until(
            pilot, lambda: "curvature" in seen(app) or "valley" in seen(app) or "minimum" in seen(app)
        )
        fake.write(finding("too-short", 12, severity="info", message="it ended early"))
        await until(pilot, lambda: "· too short" in seen(app))
        assert app.screen.query_one(FindingDetails).is_explained
        await pilot.press("down")
        await until(pilot, lambda: "No automatic fix." in seen(app))
        assert "Caused by: learning rate" in seen(app)
        await pilot.press("m", "escape")
        assert isinstance(app.screen, TrainScreen)
        await pilot.press("d")
        await until(pilot, lambda: "✗ learning rate high" in seen(app))
        details = app.screen.query_one(FindingDetails)
        await pilot.press(
            "down", "enter"
        )  # faster than the screen: the second finding is explained, not the first
        await until(pilot, lambda: details.is_explained)
        assert details.is_about(symptom)
        await pilot.press("up", "enter")
        await until(pilot, lambda: details.is_explained and details.is_about(finding()))
        await pilot.press("escape")
        assert details.is_attached
        assert not details.is_explained


class Desk:
    """Replaces the engine's fixes."""

    def __init__(self, result: Any = None, refusal: str = "") -> None:
        self.result, self.refusal, self.done = result, refusal, 0

    def propose(self, case: RunCase, found: Any) -> Proposal:
        if self.refusal:
            raise RunError(self.refusal)
        return Proposal("it continues with another rate.", {"training.optimizer.lr": (10.0, 0.01)}, None)

    def carry_out(self, case: RunCase, proposal: Proposal) -> Any:
        self.done += 1
        return self.result


async def test_a_fix_is_shown_before_it_is_applied_and_a_new_run_is_followed(
    fake: FakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = FakeRun(tmp_path, "xor-2")
    desk = Desk(again.name)
    monkeypatch.setattr(mending.RunCase, "propose", lambda case, found: desk.propose(case, found))
    monkeypatch.setattr(mending.RunCase, "carry_out", lambda case, plan: desk.carry_out(case, plan))
    fake.write(finding())
    app = host(tmp_path, fake)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "1 finding · d" in seen(app))
        await pilot.press("d")
        await until(pilot, lambda: "✗ learning rate high" in seen(app))
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, FixDialog))
        assert "it continues with another rate." in seen(app)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, FindingsScreen))
        assert desk.done == 0
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, FixDialog))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TrainScreen) and "◌ starting  xor-2" in seen(app))
        assert (desk.done, app.session.run) == (1, "xor-2")


async def test_a_fix_that_cannot_be_applied_shows_an_error(
    fake: FakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(case: RunCase) -> None:
        raise RunError("the data are gone")

    desk = Desk(refusal="this run has that already")
    monkeypatch.setattr(mending.RunCase, "examine", refuse)
    monkeypatch.setattr(mending.RunCase, "propose", lambda case, found: desk.propose(case, found))
    fake.write(finding(), finished())
    app = host(tmp_path, fake)
    async with app.run_test(size=(140, 45), notifications=True) as pilot:
        await until(pilot, lambda: "1 finding · d" in seen(app))
        await pilot.press("d")
        await until(pilot, lambda: "✗ learning rate high" in seen(app))
        await pilot.press("m")
        await until(pilot, lambda: "this run has that already" in seen(app))
        assert isinstance(app.screen, FindingsScreen)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "the data are gone" in seen(app) and "Findings, evidence" in seen(app))
        assert "Lower the learning rate" in seen(app)  # there is room for the explanation beside the evidence
