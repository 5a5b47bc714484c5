"""The Runs screen: correct rows, filters, marks, names, trash, forks, and its keys to other screens."""

import os
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from engine.experiment.experiment import Experiment
from engine.runs import Run, launch, list_runs, list_trash
from engine.runs.status import write_status
from tests.trainings import ENDLESS
from tests.tui.fake_runs import FakeRun, epoch, failed, finished, started, steps
from tests.tui.hosts import SMALL, each_size, make_host, seen, until
from tests.tui.sentences import NO_RUNS_TITLE
from tui.app import NntermApp
from tui.runs.compare_screen import CompareScreen
from tui.runs.dialogs import ChangeDialog, NameDialog
from tui.runs.screen import RunsScreen
from tui.shell.dialogs import ConfirmDialog


def host(home: Path) -> NntermApp:
    return make_host(home, "runs", RunsScreen)


def screen_of(app: NntermApp) -> RunsScreen:
    screen = app.screen_stack[0]
    assert isinstance(screen, RunsScreen)
    return screen


def names(app: NntermApp) -> list[str]:
    return [row.name for row in screen_of(app).table.rows]


def cell(app: NntermApp, name: str, key: str) -> str:
    return next((row.cell(key) for row in screen_of(app).table.rows if row.name == name), "")


async def shows(pilot: Pilot[Any], app: NntermApp, *expected: str) -> None:
    await until(pilot, lambda: names(app) == list(expected))


def over(home: Path, name: str, *, created: float, state: str = "finished", **figures: Any) -> FakeRun:
    """Return a run that has ended."""
    run = FakeRun(home, name)
    run.write(started(name), steps(0, [1.0, 0.5]), epoch(1, 2), finished(state))
    run.set_status(state, created=created, epochs=4, epoch=4, **figures)
    return run


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A home with three runs that have ended; newest first: c, b, a."""
    over(tmp_path, "a", created=1.0, dataset="mnist", best_validation_accuracy=0.9, base_learning_rate=0.1)
    over(tmp_path, "b", created=2.0, dataset="moons", best_validation_accuracy=0.7, base_learning_rate=0.001)
    over(tmp_path, "c", created=3.0, dataset="mnist", best_validation_accuracy=0.8, base_learning_rate=0.01)
    return tmp_path


class TestList:
    async def test_an_empty_home_shows_how_to_get_a_run(self, tmp_path: Path) -> None:
        app = host(tmp_path)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: NO_RUNS_TITLE in seen(app))
            assert "nnterm train --dataset moons" in seen(app)
            over(tmp_path, "a", created=1.0)
            await shows(pilot, app, "a")
            assert NO_RUNS_TITLE not in seen(app)

    async def test_a_row_shows_state_epoch_and_best_scores(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=SMALL) as pilot:
            await shows(pilot, app, "c", "b", "a")
            async for size in each_size(pilot):
                await until(pilot, lambda: "70.00 %" in seen(app))
                line = next(line for line in seen(app).splitlines() if "moons" in line)
                assert "✓ finished" in line, size
                assert "4/4" in line, size

    async def test_states_follow_the_workers(self, tmp_path: Path) -> None:
        run = FakeRun(tmp_path)
        run.begin()
        app = host(tmp_path)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: cell(app, run.name, "state") == "● running")
            run.set_status("paused")
            await until(pilot, lambda: cell(app, run.name, "state") == "‖ paused")

    async def test_a_killed_worker_shows_as_lost_and_is_resumed(self, tmp_path: Path) -> None:
        run = launch(Experiment.quick("moons", [8], epochs=ENDLESS), tmp_path)
        app = host(tmp_path)
        try:
            async with app.run_test(size=(80, 24)) as pilot:
                await until(pilot, lambda: cell(app, run.name, "state") == "● running")
                os.kill(run.status().pid, signal.SIGKILL)
                await until(pilot, lambda: cell(app, run.name, "state") == "? lost")
                await until(pilot, lambda: "gone without a last word" in seen(app))
                await pilot.press("space")
                await until(pilot, lambda: cell(app, run.name, "state") == "● running")
                assert app.session.held == [run.name]
        finally:
            os.kill(run.status().pid, signal.SIGKILL)

    async def test_a_damaged_run_is_listed_with_its_error(self, three: Path) -> None:
        (three / "runs" / "b" / "status.json").write_text("{")
        app = host(three)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: cell(app, "b", "state") == "! damaged")
            assert set(names(app)) == {"a", "b", "c"}
            screen_of(app).table.go_to("b")
            await until(pilot, lambda: "status.json is damaged" in seen(app))
            await pilot.press("enter")
            assert app.current_mode == "runs"

    async def test_a_failed_run_shows_the_reason_and_advice(self, tmp_path: Path) -> None:
        run = FakeRun(tmp_path)
        run.write(started(run.name), failed())
        run.set_status("failed", message="the data are gone")
        app = host(tmp_path)
        async with app.run_test(size=(140, 45)) as pilot:
            await until(pilot, lambda: "fetch them again" in seen(app))
            assert "the data are gone" in seen(app)
            assert "space tries again" in seen(app)

    async def test_a_run_on_another_host_shows_the_host(self, three: Path) -> None:
        run = Run.open("c", three)
        write_status(run.path, msgspec.structs.replace(run.status(), host="gpu-7"))
        app = host(three)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "on gpu-7" in seen(app))

    async def test_events_of_a_newer_version_leave_a_note(self, tmp_path: Path) -> None:
        run = FakeRun(tmp_path)
        run.begin()
        with (run.run.path / "events.jsonl").open("ab") as stream:
            stream.write(b'{"type":"dream","time":1,"step":1}\n')
        app = host(tmp_path)
        async with app.run_test(size=(140, 45)) as pilot:
            await until(pilot, lambda: "of a newer nnterm" in seen(app))


class TestPreview:
    async def test_the_curve_and_events_of_the_run_under_the_cursor(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=(140, 45)) as pilot:
            await until(pilot, lambda: "finished: test 90.00 %" in seen(app) and "┤" in seen(app))
            over(three, "d", created=0.5).write(failed("d broke", "mend d"))
            await until(pilot, lambda: len(names(app)) == 4)
            await pilot.press("end")
            await until(pilot, lambda: "mend d" in seen(app))

    async def test_a_short_screen_has_a_brief_preview(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "█▁" in seen(app) and "best 80.00 %" in seen(app))
            await pilot.resize_terminal(140, 45)
            await until(pilot, lambda: "┤" in seen(app))

    async def test_of_a_regression_the_best_loss(self, tmp_path: Path) -> None:
        run = over(tmp_path, "values", created=1.0)
        run.set_status("finished", best_validation_accuracy=None, best_validation_loss=0.125, test_loss=0.5)
        app = host(tmp_path)
        async with app.run_test(size=(140, 45)) as pilot:
            await until(pilot, lambda: "loss 0.125" in seen(app))


class TestOrder:
    async def test_the_cursor_stays_on_its_run_when_others_are_added(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=(80, 24)) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("j")
            over(three, "d", created=4.0)
            await shows(pilot, app, "d", "c", "b", "a")
            current = screen_of(app).current
            assert current is not None
            assert current.name == "b"

    async def test_keys_sort(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=(140, 45)) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("less_than_sign")
            assert names(app) == ["a", "c", "b"]  # by accuracy, best first
            assert "by accuracy" in str(screen_of(app).table.border_title)
            await pilot.press("I")
            assert names(app) == ["b", "c", "a"]
            await pilot.press("greater_than_sign")
            assert names(app) == ["c", "b", "a"]

    async def test_forks_are_below_their_parent_in_the_tree(self, three: Path) -> None:
        run = Run.open("c", three)
        write_status(run.path, msgspec.structs.replace(run.status(), parent="a"))
        app = host(three)
        async with app.run_test(size=(80, 24)) as pilot:
            await shows(pilot, app, "b", "a", "c")
            assert cell(app, "c", "name") == "└ c"
            await pilot.press("T")
            assert names(app) == ["c", "b", "a"]


class TestFilter:
    async def test_conditions_and_words(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=(80, 24)) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("slash", *"lr>=1e-2 dataset=mnist")
            await shows(pilot, app, "c", "a")
            await pilot.press("enter")
            assert not isinstance(app.focused, Input)
            assert "2 of 3 runs" in str(screen_of(app).table.border_title)
            await pilot.press("escape")
            assert names(app) == ["c", "b", "a"]

    async def test_an_invalid_filter_shows_an_error_and_keeps_the_list(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=(80, 24)) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("slash", *"moons")
            await shows(pilot, app, "b")
            screen_of(app).query_one(Input).value = "moons epochz>3"
            await until(pilot, lambda: '"epochz" is not a field of runs' in seen(app))
            assert 'did you mean "epoch' in seen(app)
            assert names(app) == ["b"]
            await pilot.press("enter")
            assert isinstance(app.focused, Input)
            await pilot.press("escape")
            await shows(pilot, app, "c", "b", "a")


class TestNames:
    async def test_another_name(self, three: Path) -> None:
        app = host(three)
        app.session.run = "c"
        async with app.run_test(size=(80, 24)) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("n")
            await until(pilot, lambda: isinstance(app.screen, NameDialog))
            await pilot.press(*"a", "enter")
            await until(pilot, lambda: "already" in seen(app))
            await pilot.press(*"bc", "enter")
            await shows(pilot, app, "abc", "b", "a")
            assert (app.session.run, app.session.held) == ("abc", ["abc"])

    async def test_the_trash_asks_restores_and_is_emptied(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=(80, 24)) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("delete")
            await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.press("n")
            await pilot.press("v", "v", "delete")
            await until(pilot, lambda: "Put c and b into the trash" in seen(app))
            await pilot.press("y")
            await shows(pilot, app, "a")
            await pilot.press("u")
            await until(pilot, lambda: len(names(app)) == 2)
            await pilot.press("E")
            await until(pilot, lambda: "for good" in seen(app))
            await pilot.press("y")
            await until(pilot, lambda: not list_trash(three))

    async def test_a_running_run_is_not_removed(self, tmp_path: Path) -> None:
        run = FakeRun(tmp_path)
        run.begin()
        app = host(tmp_path)
        async with app.run_test(size=(80, 24)) as pilot:
            await shows(pilot, app, run.name)
            await pilot.press("x")
            await until(pilot, lambda: f"Stop {run.name}?" in seen(app))
            await pilot.press("y")
            await until(pilot, lambda: ("stop", None) in run.commands())


class TestGoingOn:
    async def test_enter_opens_on_the_train_screen(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=(80, 24)) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("j", "enter")
            await until(pilot, lambda: app.current_mode == "train")
            assert app.session.run == "b"

    async def test_detaching_forgets_the_run(self, three: Path) -> None:
        app = host(three)
        app.session.run = "c"
        async with app.run_test(size=(80, 24)) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("D")
            assert app.session.held == []
            assert not app.session.run

    async def test_a_fork_previews_its_changes_or_an_error(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=(100, 30)) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("f")
            await until(pilot, lambda: isinstance(app.screen, ChangeDialog))
            assert "the first weights" in seen(app)
            await pilot.press(*"training.optimizer.lrr=1")
            await until(pilot, lambda: 'did you mean "lr"?' in seen(app))
            await pilot.press(*["backspace"] * 3, *"=0.5 training.epochs=2")
            await until(pilot, lambda: "→  0.5" in seen(app))
            assert "training.epochs" in seen(app)
            await pilot.press("enter")
            await until(pilot, lambda: len(names(app)) == 4)
            await until(pilot, lambda: (run := screen_of(app).current) is not None and run.parent == "c")
        fork = next(run for run in list_runs(three) if run.parent == "c")
        assert Run.open(fork.name, three).experiment().training.optimizer.lr == 0.5

    async def test_a_finished_run_asks_for_more_epochs(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=(100, 30)) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("space")
            await until(pilot, lambda: "training.epochs=8" in seen(app))
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is screen_of(app))

    async def test_a_comparison_needs_two_runs(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=(140, 45)) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("b")
            await until(pilot, lambda: any("mark two" in note.message for note in app._notifications))
            await pilot.press("v", "v", "b")
            await until(pilot, lambda: isinstance(app.screen, CompareScreen))
            await pilot.press("escape")
            assert app.screen is screen_of(app)
