"""The Train screen: what it shows of a run in every state."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.errors import RunError
from tests.tui.fake_runs import (
    FakeRun,
    checkpoint,
    command,
    epoch,
    failed,
    finding,
    finished,
    measured,
    started,
    steps,
)
from tests.tui.hosts import LARGE, SMALL, each_size, make_host, seen, text_of, until, until_steady
from tests.tui.sentences import ENTER_CHECKS, LOSS_OF_EPOCHS
from tests.tui.train.silent_channel import silent
from tui.app import NntermApp
from tui.shell.dialogs import ConfirmDialog
from tui.train import screen as train
from tui.train.meter import Meter
from tui.train.pace import faster, slower, watchable
from tui.train.run_header import RunHeader
from tui.train.screen import TrainScreen
from tui.widgets.curve_panel import SMOOTHING, CurvePanel
from tui.widgets.event_log import EventLog


@pytest.fixture(autouse=True)
def _quick_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "FRAME_S", 0.1)
    monkeypatch.setattr(train, "REST_S", 0.1)


@pytest.fixture
def fake(tmp_path: Path) -> FakeRun:
    return FakeRun(tmp_path)


def host(home: Path, run: str | None, **options: Any) -> NntermApp:
    return make_host(home, "train", lambda: TrainScreen(**{"open_channel": silent} | options), run=run)


def state(app: NntermApp) -> str:
    figures = app.screen.query_one(RunHeader).figures
    return figures.state if figures else ""


async def test_without_a_run_it_shows_its_purpose_and_the_next_keys(tmp_path: Path) -> None:
    app = host(tmp_path, None)
    async with app.run_test(size=SMALL) as pilot:
        async for size in each_size(pilot):
            await until(pilot, lambda: "No run is open" in seen(app))
            assert "build a network, then t trains it" in seen(app), size
            await pilot.press("space", "s", "x", "g", "enter", "r", "plus")
            assert app.current_mode == "train", size


async def test_the_newest_run_is_offered_and_followed_with_one_key(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    app = host(tmp_path, None)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "watch xor-1, running" in seen(app))
        await pilot.press("enter")
        await until(pilot, lambda: state(app) == "running")
        assert app.session.run == "xor-1"


async def test_a_running_training_shows_all_its_figures(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    fake.write(steps(10, [0.4] * 5, seconds=0.5))
    app = host(tmp_path, fake.name)
    figures = (
        *("● running", "epoch 2/4", "batch 5/10", "10 steps/s", "320 samples/s", "0:02 left"),
        *("75.00 %", "chance 50.00 %", "0.1  constant", "◆ validation 0.5", "epoch 1: validation"),
    )
    async with app.run_test(size=SMALL) as pilot:
        async for size in each_size(pilot):
            await until(pilot, lambda: state(app) == "running" and "◆ validation 0.5" in seen(app))
            shown = seen(app)
            for words in figures:
                assert words in shown, size
            assert app.screen.query_one("#validation", Meter).chance == 0.5


async def test_new_events_are_shown_once_each(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        log = app.screen.query_one(EventLog)
        await until(pilot, lambda: len(log.texts) == 2)
        fake.write(epoch(2, 20, accuracy=0.8), checkpoint(20, "best"))
        await until(pilot, lambda: len(log.texts) == 4)
        assert log.texts[2:] == ["epoch 2: validation 80.00 %", "checkpoint (best), step 20"]
        assert app.screen.query_one("#validation", Meter).share == 0.8


@pytest.mark.parametrize(
    ("name", "words", "advice"),
    [
        ("starting", "◌ starting", "continues if you leave"),
        ("running", "● running", "Space pauses"),
        ("paused", "‖ paused", "Space resumes"),
        ("stopped", "■ stopped", "Space continues"),
        ("finished", "✓ finished", ENTER_CHECKS),
        ("diverged", "✗ diverged", "lower learning rate"),
        ("failed", "✗ failed", "Build"),
        ("lost", "? lost", "Space resumes"),
    ],
)
async def test_every_state_has_a_text_and_advice(
    fake: FakeRun, tmp_path: Path, name: str, words: str, advice: str
) -> None:
    if name != "starting":
        fake.begin()
    fake.set_status(name)
    app = host(tmp_path, fake.name)
    async with app.run_test(size=(80, 24)) as pilot:  # the narrowest: the text must fit
        await until(pilot, lambda: state(app) == name and words in seen(app))
        assert advice in text_of(app, "#purpose")
        assert len(text_of(app, "#purpose")) <= 78


async def test_a_finished_training_shows_the_test_score_and_leads_to_the_check(
    fake: FakeRun, tmp_path: Path
) -> None:
    fake.begin()
    fake.write(finished())
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "finished" and "test 90.00 %" in seen(app))
        assert app.screen.query_one("#test", Meter).share == 0.9
        assert "40 steps in 4.0 s" in seen(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "gradients")
        assert app.session.check_run
        assert app.screen.checks == 1  # type: ignore[attr-defined]


async def test_a_failure_shows_its_message_and_hint(fake: FakeRun, tmp_path: Path) -> None:
    fake.write(failed("the data are gone", "fetch them again"))
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "failed")
        assert text_of(app, "#trouble") == "the data are gone\nfetch them again"
        assert "the data are gone" in seen(app)


async def test_a_missing_run_shows_an_error(tmp_path: Path) -> None:
    app = host(tmp_path, "gone-1")
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "lost")
        assert 'no run "gone-1"' in text_of(app, "#trouble")


async def test_a_regression_shows_losses_and_no_accuracy(fake: FakeRun, tmp_path: Path) -> None:
    fake.write(started(chance=None), steps(0, [0.5] * 10), epoch(1, 10, accuracy=None, validation_loss=0.25))
    fake.set_status("running")
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "validation 0.25" in seen(app))
        assert not app.screen.query_one("#train", Meter).display
        assert LOSS_OF_EPOCHS in seen(app)
        assert "%" not in seen(app).partition(LOSS_OF_EPOCHS)[2]


async def test_another_run_resets_the_screen(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    other = FakeRun(tmp_path, "other")
    other.write(started("other"))
    other.set_status("paused")
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "running")
        app.session.run = "other"
        await until(pilot, lambda: state(app) == "paused")
        assert app.screen.query_one(EventLog).texts == ["started: 320 training samples"]
        assert app.screen.query_one(RunHeader).figures.step == 0  # type: ignore[union-attr]


async def test_a_hidden_screen_does_not_read_and_catches_up_later(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    looks = []

    def counting(name: str, home: Path | None) -> Any:
        reader = train._open_reader(name, home)
        look = reader.look
        reader.look = lambda: looks.append(1) or look()  # type: ignore[method-assign,func-returns-value]
        return reader

    app = host(tmp_path, fake.name, open_reader=counting)
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "running")
        screen = app.screen
        await app.switch_mode("data")
        await until(
            pilot, lambda: all(worker.group != "follow" for worker in screen.workers if worker.node is screen)
        )
        before = await until_steady(pilot, lambda: len(looks))
        fake.write(epoch(2, 20, accuracy=1.0))
        assert await until_steady(pilot, lambda: len(looks)) == before
        await app.switch_mode("train")
        await until(pilot, lambda: screen.query_one("#validation", Meter).share == 1.0)


async def test_axis_and_smoothing_change_the_plot(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "running")
        plot = panel = app.screen.query_one(CurvePanel)
        assert plot.log_scale
        await pilot.press("Y")
        assert not plot.log_scale
        assert panel.border_title == "loss"
        before = plot.smoothing
        await pilot.press("Z")
        assert plot.smoothing != before
        for _ in range(len(SMOOTHING) - 1):
            await pilot.press("Z")
        assert plot.smoothing == before


async def test_left_and_right_read_values_from_the_curves(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "running")
        panel = app.screen.query_one(CurvePanel)
        await until(pilot, lambda: panel.move_cursor(-1) or panel.cursor is not None)
        await pilot.press("home")
        await until(pilot, lambda: panel.cursor == 0.0 and "batch loss" in str(panel.border_subtitle))
        await pilot.press("right", "left")
        assert panel.cursor == 0.0
        await pilot.press("end")
        assert panel.cursor is None


async def test_an_unreadable_home_is_no_crash(tmp_path: Path) -> None:
    def refuse(name: str, home: Path | None) -> Any:
        raise RunError("the disk is gone", "plug it in")

    app = host(tmp_path, "xor-1", open_reader=refuse)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "the disk is gone" in seen(app))


async def test_brackets_switch_between_running_runs(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    other = FakeRun(tmp_path, "second")
    other.begin()
    over = FakeRun(tmp_path, "over")
    over.set_status("finished")
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "running")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: app.session.run == "second" and "second" in seen(app))
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: app.session.run == fake.name)
        assert app.session.held == [fake.name, "second"]


async def test_brackets_notify_if_no_other_run_is_running(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "running")
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: any("No other" in note.message for note in app._notifications))


async def test_escape_goes_back_to_where_one_came_from(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "running")
        await pilot.press("6", "3", "escape")
        await until(pilot, lambda: app.current_mode == "runs")


async def test_space_on_a_finished_run_asks_for_changes(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    fake.write(finished())
    fake.set_status("finished", epoch=4, epochs=4)
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "finished")
        await pilot.press("space")
        await until(pilot, lambda: "→  8" in seen(app))
        await pilot.press("escape")
        assert fake.commands() == []


@pytest.mark.parametrize(
    ("state_name", "ending", "footer", "absent"),
    [
        (
            "running",
            None,
            ["space pause", "+ - rate", "( slower", "x stop"],
            ["resume", "continue", ") faster"],
        ),
        ("paused", None, ["space resume", "s step", "x stop"], ["space pause", "continue"]),
        (
            "finished",
            finished(),
            ["space continue", "⏎ check gradients", "( slow motion"],
            ["x stop", "s step"],
        ),
        ("stopped", finished("stopped"), ["space continue", "r retrain"], ["x stop", "space resume"]),
        ("diverged", finished("diverged"), ["space continue", "r retrain"], ["x stop", "+ - rate"]),
        ("lost", None, ["space continue"], ["x stop", "s step"]),
    ],
)
async def test_each_state_lists_its_keys_and_the_others_say_why_they_do_nothing(
    fake: FakeRun, tmp_path: Path, state_name: str, ending: Any, footer: list[str], absent: list[str]
) -> None:
    fake.begin()
    if ending:
        fake.write(ending)
    fake.set_status(state_name)
    app = host(tmp_path, fake.name)
    async with app.run_test(size=(200, 45)) as pilot:
        await until(pilot, lambda: state(app) == state_name)
        await until(pilot, lambda: footer[0] in seen(app).splitlines()[-1])
        bar = seen(app).splitlines()[-1]
        assert [words for words in footer if words not in bar] == []
        assert [words for words in absent if words in bar] == []
        raises = app.screen.query_one("#rate").border_subtitle
        assert bool(raises) == (state_name in ("running", "paused"))
        over = state_name not in ("running", "paused")
        for key in ("s", "x", "plus", "minus", "c", "I", "right_parenthesis"):
            if over:
                await pilot.press(key)
                newest = list(app._notifications)[-1].message
                assert "there is no training to" in newest, key
        assert fake.commands() == []


async def test_a_run_that_was_told_to_stop_says_so(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "running")
        fake.write(command("stop"))
        await until(pilot, lambda: "stopping …" in seen(app))
        assert "Stopping" in text_of(app, "#purpose")
        await pilot.press("space")
        assert "is stopping" in list(app._notifications)[-1].message
        assert fake.commands() == []


async def test_a_divergence_is_told_once(fake: FakeRun, tmp_path: Path) -> None:
    words = "diverged at step 2: the loss is NaN (largest weight 5, learning rate 30)"
    fake.begin()
    fake.write(
        measured(0), checkpoint(0, "diverged"), finding("nan", 2, message=words, evidence={"phase": "loss"})
    )
    fake.write(finished("diverged", reason=words))
    app = host(tmp_path, fake.name)
    async with app.run_test(size=LARGE) as pilot:
        await until(pilot, lambda: state(app) == "diverged" and "measured at step 0" in seen(app))
        assert seen(app).count("the loss is NaN") == 1
        assert "suggested fix: learning rate 0.01" in seen(app)
        assert "last finite weights, step 0" in seen(app)
        assert "measured at step 0, before it diverged" in seen(app)


async def test_the_screen_follows_its_run_behind_a_dialog(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "running")
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        behind = app.screen_stack[0]
        fake.write(steps(10, [0.1] * 10), finished())
        fake.set_status("finished")
        await until(pilot, lambda: behind.query_one(RunHeader).figures.state == "finished")  # type: ignore[union-attr]
        await pilot.press("y")
        await until(pilot, lambda: any("has finished meanwhile" in n.message for n in app._notifications))
        assert fake.commands() == []


async def test_the_top_line_has_the_epoch_of_the_panel(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    app = host(tmp_path, fake.name)
    async with app.run_test(size=LARGE) as pilot:
        await until(pilot, lambda: "epoch 1/4" in seen(app))
        top, *rest = seen(app).splitlines()
        assert "epoch" not in top
        assert sum("epoch 1/4" in line for line in rest) == 1


async def test_slow_motion_is_set_shown_and_ended(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    app = host(tmp_path, fake.name)
    async with app.run_test() as pilot:
        await until(pilot, lambda: state(app) == "running")
        await pilot.press("right_parenthesis")
        assert "full speed" in list(app._notifications)[-1].message
        await pilot.press("left_parenthesis", "left_parenthesis")
        await until(pilot, lambda: fake.commands() == [("pace", 10.0), ("pace", 5.0)])
        assert "slow motion: 5 steps/s" in seen(app)
        fake.write(command("pace", value=10.0), command("pace", value=5.0))
        await until(pilot, lambda: app.screen.query_one(RunHeader).figures.pace == 5.0)  # type: ignore[union-attr]
        await pilot.press(*["right_parenthesis"] * 11)
        await until(pilot, lambda: fake.commands()[-1] == ("pace", None))
        assert "slow motion" not in seen(app).splitlines()[2]


async def test_a_brief_run_is_retrained_in_slow_motion(fake: FakeRun, tmp_path: Path) -> None:
    fake.begin()
    fake.write(msgspec.structs.replace(finished(), seconds=0.2))
    again = FakeRun(tmp_path, "xor-2")
    paces = []
    app = host(
        tmp_path, fake.name, start_again=lambda name, home, measure, pace: paces.append(pace) or again.name
    )
    async with app.run_test() as pilot:
        await until(pilot, lambda: "( retrains in slow motion" in text_of(app, "#purpose"))
        await pilot.press("left_parenthesis")
        await until(pilot, lambda: app.session.run == "xor-2")
        assert paces == [5.0]


def test_paces_lead_from_full_speed_down_and_back() -> None:
    assert [slower(None, speed) for speed in (0.0, 3_000.0, 30.0, 0.4)] == [50.0, 50.0, 20.0, 1.0]
    assert (slower(50.0, 50.0), slower(1.0, 1.0)) == (20.0, 1.0)
    assert (faster(50.0), faster(5_000.0)) == (100.0, None)
    assert [watchable(n) for n in (40, 1_000, 2_900, 10**9)] == [5.0, 50.0, 100.0, 5_000.0]
