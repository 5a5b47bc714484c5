"""The keys of the Train screen: they show their effect at once, and the worker's answer confirms it."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.errors import RunError
from tests.tui.fake_runs import FakeRun, command, finished, steps
from tests.tui.hosts import make_host, seen, until
from tests.tui.sentences import STEPPING, TRAINING_IS_OVER
from tests.tui.train.silent_channel import silent
from tui.app import NntermApp
from tui.follow.pending_commands import PendingCommands
from tui.follow.run_figures import RunFigures
from tui.shell.dialogs import ChoiceDialog, ConfirmDialog
from tui.train import onward
from tui.train import screen as train
from tui.train.rate_panel import RatePanel, next_rate
from tui.train.run_header import RunHeader
from tui.train.screen import TrainScreen


@pytest.fixture(autouse=True)
def _quick_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "FRAME_S", 0.1)
    monkeypatch.setattr(train, "REST_S", 0.1)


@pytest.fixture
def fake(tmp_path: Path) -> FakeRun:
    run = FakeRun(tmp_path)
    run.begin()
    return run


def host(home: Path, fake: FakeRun, **options: Any) -> NntermApp:
    return make_host(home, "train", lambda: TrainScreen(**{"open_channel": silent} | options), run=fake.name)


def header(app: NntermApp) -> RunHeader:
    return app.screen_stack[0].query_one(RunHeader)


async def watched(app: NntermApp, pilot: Any) -> None:
    await until(pilot, lambda: header(app).figures is not None and header(app).figures.state == "running")  # type: ignore[union-attr]


async def test_space_pauses_at_once_and_the_worker_confirms(fake: FakeRun, tmp_path: Path) -> None:
    app = host(tmp_path, fake)
    async with app.run_test() as pilot:
        await watched(app, pilot)
        await pilot.press("space")
        assert header(app).pending == "pausing …"
        await until(pilot, lambda: fake.commands() == [("pause", None)])
        fake.set_status("paused")
        fake.write(command("pause"))
        await until(pilot, lambda: header(app).pending == "" and "‖ paused" in seen(app))
        await pilot.press("space")
        assert header(app).pending == "resuming …"
        await until(pilot, lambda: fake.commands()[1:] == [("resume", None)])


async def test_space_twice_before_the_answer_pauses_and_resumes(fake: FakeRun, tmp_path: Path) -> None:
    app = host(tmp_path, fake)
    async with app.run_test() as pilot:
        await watched(app, pilot)
        await pilot.press("space", "space")
        await until(pilot, lambda: [name for name, _ in fake.commands()] == ["pause", "resume"])


async def test_every_step_is_sent_in_order(fake: FakeRun, tmp_path: Path) -> None:
    app = host(tmp_path, fake)
    async with app.run_test() as pilot:
        await watched(app, pilot)
        await pilot.press("s", "s", "c", "s")
        await until(
            pilot, lambda: [name for name, _ in fake.commands()] == ["step", "step", "checkpoint", "step"]
        )
        assert header(app).pending == STEPPING


async def test_a_single_step_opens_the_walk_through_it(
    fake: FakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked: list[tuple[str, int]] = []
    monkeypatch.setattr(onward, "open_walk", lambda app, run, step: walked.append((run, step)))
    app = host(tmp_path, fake)
    async with app.run_test() as pilot:
        await watched(app, pilot)
        await pilot.press("s")
        await until(pilot, lambda: fake.commands() == [("step", None)])
        assert walked == []
        fake.write(command("step"), steps(10, [0.4]))
        fake.set_status("paused")
        await until(pilot, lambda: walked == [("xor-1", 11)])
        fake.write(steps(11, [0.4]))  # nothing more is opened
        await until(pilot, lambda: header(app).figures is not None and header(app).figures.step == 12)  # type: ignore[union-attr]
        assert walked == [("xor-1", 11)]


async def test_plus_and_minus_step_the_learning_rate_from_the_last_request(
    fake: FakeRun, tmp_path: Path
) -> None:
    app = host(tmp_path, fake)
    async with app.run_test() as pilot:
        await watched(app, pilot)
        rate = app.screen.query_one(RatePanel)
        await pilot.press("plus", "plus", "minus", "minus", "minus")
        await until(pilot, lambda: len(fake.commands()) == 5)
        assert [value for _, value in fake.commands()] == [0.2, 0.5, 0.2, 0.1, 0.05]
        assert rate.requested == 0.05
        fake.write(*(command("set", value=value) for _, value in fake.commands()))
        await until(pilot, lambda: rate.requested is None and rate.base == 0.05)


async def test_a_refusal_is_an_answer(fake: FakeRun, tmp_path: Path) -> None:
    app = host(tmp_path, fake)
    async with app.run_test() as pilot:
        await watched(app, pilot)
        await pilot.press("c")
        assert header(app).pending == "saving …"
        fake.write(command("checkpoint", refused=TRAINING_IS_OVER))
        await until(pilot, lambda: header(app).pending == "")
        await until(pilot, lambda: "checkpoint refused" in seen(app))


async def test_stop_asks_first(fake: FakeRun, tmp_path: Path) -> None:
    app = host(tmp_path, fake)
    async with app.run_test() as pilot:
        await watched(app, pilot)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, TrainScreen))
        assert fake.commands() == []
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await until(pilot, lambda: fake.commands() == [("stop", None)])
        assert header(app).pending == "stopping …"
        fake.write(finished("stopped"))
        await until(pilot, lambda: header(app).pending == "" and "■ stopped" in seen(app))


async def test_a_command_that_cannot_be_written_is_withdrawn_with_an_error(
    fake: FakeRun, tmp_path: Path
) -> None:
    app = host(tmp_path, fake)
    async with app.run_test(notifications=True) as pilot:
        await watched(app, pilot)
        (fake.run.path / "commands.jsonl").mkdir()
        await pilot.press("space")
        await until(pilot, lambda: header(app).pending == "")
        await until(pilot, lambda: "pause was not sent" in seen(app))


async def test_a_dead_worker_clears_the_pending_commands(fake: FakeRun, tmp_path: Path) -> None:
    app = host(tmp_path, fake)
    async with app.run_test() as pilot:
        await watched(app, pilot)
        await pilot.press("space")
        fake.set_status("lost")
        await until(pilot, lambda: "? lost" in seen(app))
        assert header(app).pending == ""
        await pilot.press("s", "plus")
        assert [name for name, _ in fake.commands()] == ["pause"]


async def test_restart_of_an_ended_run_starts_a_new_one(fake: FakeRun, tmp_path: Path) -> None:
    fake.write(finished())
    again = FakeRun(tmp_path, "xor-2")
    names = []
    app = host(
        tmp_path,
        fake,
        start_again=lambda name, home, measure, pace: names.append((name, measure)) or again.name,
    )
    async with app.run_test() as pilot:
        await until(pilot, lambda: header(app).figures is not None and header(app).figures.is_over)  # type: ignore[union-attr]
        await pilot.press("r")
        await until(pilot, lambda: "◌ starting  xor-2" in seen(app))
        assert names == [("xor-1", True)]
        assert app.session.run == "xor-2"


@pytest.mark.parametrize(("key", "commands"), [("s", ["stop"]), ("l", [])])
async def test_restart_of_a_running_run_asks_what_to_do_with_it(
    fake: FakeRun, tmp_path: Path, key: str, commands: list[str]
) -> None:
    again = FakeRun(tmp_path, "xor-2")
    app = host(tmp_path, fake, start_again=lambda name, home, measure, pace: again.name)
    async with app.run_test() as pilot:
        await watched(app, pilot)
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press(key)
        await until(pilot, lambda: app.session.run == "xor-2")
        await until(pilot, lambda: [name for name, _ in fake.commands()] == commands)


async def test_a_failed_restart_shows_an_error_and_keeps_the_run(fake: FakeRun, tmp_path: Path) -> None:
    def refuse(name: str, home: Path | None, measure: bool, pace: float | None) -> str:
        raise RunError("no room", "make some")

    fake.write(finished())
    app = host(tmp_path, fake, start_again=refuse)
    async with app.run_test(notifications=True) as pilot:
        await until(pilot, lambda: header(app).figures is not None and header(app).figures.is_over)  # type: ignore[union-attr]
        await pilot.press("r")
        await until(pilot, lambda: "no room" in seen(app))
        assert app.session.run == "xor-1"


async def test_g_goes_to_the_gradients_of_the_run_and_starts_a_check(fake: FakeRun, tmp_path: Path) -> None:
    app = host(tmp_path, fake)
    async with app.run_test() as pilot:
        await watched(app, pilot)
        await pilot.press("g")
        await until(pilot, lambda: app.current_mode == "gradients")
        await until(pilot, lambda: app.screen.checks == 1)  # type: ignore[attr-defined]
        assert app.session.check_run


async def test_a_run_whose_folder_disappears_is_lost(fake: FakeRun, tmp_path: Path) -> None:
    app = host(tmp_path, fake)
    async with app.run_test() as pilot:
        await watched(app, pilot)
        shutil.rmtree(fake.run.path)
        await until(pilot, lambda: "? lost" in seen(app))


@pytest.mark.parametrize(
    ("rate", "direction", "expected"),
    [
        (0.1, 1, 0.2),
        (0.2, 1, 0.5),
        (0.5, 1, 1.0),
        (0.1, -1, 0.05),
        (0.03, 1, 0.05),
        (0.03, -1, 0.02),
        (1.0, -1, 0.5),
    ],
)
def test_rates_step_by_one_two_five(rate: float, direction: int, expected: float) -> None:
    assert next_rate(rate, direction) == expected


def test_rates_stay_within_limits() -> None:
    assert next_rate(1e-8, -1) == 1e-8
    assert next_rate(1000.0, 1) == 1000.0


def test_pending_commands_wait_for_as_many_answers_as_were_sent() -> None:
    pending, before = PendingCommands(), RunFigures("r", state="running", answered={"step": 3})
    pending.add("step", before)
    pending.add("step", before)
    pending.settle(RunFigures("r", state="paused", answered={"step": 4}))
    assert pending.words == STEPPING
    pending.settle(RunFigures("r", state="paused", answered={"step": 5}))
    assert pending.words == ""
