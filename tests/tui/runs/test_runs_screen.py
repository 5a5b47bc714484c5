"""The Runs screen: correct rows, filters, marks, names, trash, forks, and its keys to other screens."""

import os
import re
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from engine.experiment.experiment import Experiment
from engine.runs import Run, RunNotes, launch, list_runs, list_trash, read_notes
from engine.runs.status import write_status
from tests.trainings import ENDLESS
from tests.tui.fake_runs import FakeRun, epoch, failed, finished, started, steps
from tests.tui.hosts import LARGE, SMALL, each_size, make_host, seen, until
from tests.tui.sentences import NO_RUNS_TITLE
from tui.app import NntermApp
from tui.runs.apply_line import ApplyLine
from tui.runs.change_form import ChangeForm
from tui.runs.column_dialog import ColumnDialog
from tui.runs.compare_screen import CompareScreen
from tui.runs.dialogs import NameDialog, NotesDialog
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
                await until(pilot, lambda: "gone without a final status" in seen(app))
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
            await until(pilot, lambda: "█▁" in seen(app) and "best val acc 80.00 %" in seen(app))
            await pilot.resize_terminal(140, 45)
            await until(pilot, lambda: "┤" in seen(app))

    async def test_of_a_regression_the_best_loss(self, tmp_path: Path) -> None:
        run = over(tmp_path, "values", created=1.0)
        run.set_status("finished", best_validation_accuracy=None, best_validation_loss=0.125, test_loss=0.5)
        app = host(tmp_path)
        async with app.run_test(size=(140, 45)) as pilot:
            await until(pilot, lambda: re.search(r"loss +0\.125 ", seen(app)))


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
            table = screen_of(app).table
            place = table.shown.index("best_acc") + 1
            await pilot.press(*["greater_than_sign"] * place)
            assert names(app) == ["a", "c", "b"]  # best first
            assert "by best val acc" in str(table.border_title)
            await pilot.press(*["less_than_sign"] * len(table.shown))
            assert names(app) == ["b", "c", "a"]

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
            await until(pilot, lambda: '"epochz" is not a field of a run' in seen(app))
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
            await pilot.press("N")
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
            await pilot.press("v", "j", "v", "delete")
            await until(pilot, lambda: "Move c and b to the trash" in seen(app))
            await pilot.press("y")
            await shows(pilot, app, "a")
            await pilot.press("u")
            await until(pilot, lambda: len(names(app)) == 2)
            await pilot.press("ctrl+e")
            await until(pilot, lambda: "permanently" in seen(app))
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
            await pilot.press("ampersand")
            assert app.session.held == []
            assert not app.session.run

    async def test_a_fork_with_another_learning_rate_takes_eight_keys(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=SMALL) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("f")
            await until(pilot, lambda: isinstance(app.screen, ChangeForm) and app.focused is not None)
            assert "initial weights" in seen(app)
            await pilot.press("enter", *"0.02", "enter")
            await until(pilot, lambda: isinstance(app.focused, ApplyLine))
            assert "→  0.02" in seen(app)
            await pilot.press("enter")
            await until(pilot, lambda: len(names(app)) == 4)
            await until(pilot, lambda: (run := screen_of(app).current) is not None and run.parent == "c")
        fork = next(run for run in list_runs(three) if run.parent == "c")
        assert fork.name == "c-2"
        assert Run.open(fork.name, three).experiment().training.optimizer.lr == 0.02

    async def test_typed_changes_of_a_fork_are_checked_and_merged(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=(100, 30)) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("f")
            await until(pilot, lambda: isinstance(app.screen, ChangeForm) and app.focused is not None)
            app.screen.query_one("#typed", Input).focus()
            await pilot.press(*"lrr=0.5")
            await until(pilot, lambda: "did you mean lr?" in seen(app))
            assert "--set" not in seen(app)
            await pilot.press(*["backspace"] * 5, *"=0.5 epochs=2", "enter")
            await until(pilot, lambda: "→  0.5" in seen(app) and "→  2" in seen(app))
            await pilot.press("enter")
            await until(pilot, lambda: len(names(app)) == 4)
        fork = next(run for run in list_runs(three) if run.parent == "c")
        training = Run.open(fork.name, three).experiment().training
        assert (training.optimizer.lr, training.epochs) == (0.5, 2)

    async def test_a_value_is_checked_while_it_is_typed(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=SMALL) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("f")
            await until(pilot, lambda: isinstance(app.screen, ChangeForm) and app.focused is not None)
            await pilot.press("0", ".")  # a digit begins a new value
            await until(pilot, lambda: "above 0" in seen(app) or "> 0" in seen(app) or "must be" in seen(app))
            await pilot.press("3", "x")
            await until(pilot, lambda: "must be a number" in seen(app))
            await pilot.press("escape")
            await until(pilot, lambda: "must be a number" not in seen(app))
            assert isinstance(app.screen, ChangeForm)
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is screen_of(app))
        assert len(list_runs(three)) == 3

    async def test_a_finished_run_asks_for_more_epochs(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=SMALL) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("space")
            await until(pilot, lambda: "Training is complete. Raise the epochs" in seen(app))
            await until(pilot, lambda: "→  8" in seen(app))
            await until(pilot, lambda: isinstance(app.focused, ApplyLine))
            await pilot.press("3")  # a number goes to the field under the cursor
            await until(pilot, lambda: "epochs must be above 4" in seen(app))
            await pilot.press("2", "enter")
            await until(pilot, lambda: "→  32" in seen(app))
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is screen_of(app))

    async def test_a_comparison_needs_two_runs(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=(140, 45)) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("b")
            assert app.screen is screen_of(app)
            assert "b compare" not in seen(app).splitlines()[-1]
            await pilot.press("v", "j")
            await until(pilot, lambda: "b compare" in seen(app).splitlines()[-1])
            await pilot.press("b")
            await until(pilot, lambda: isinstance(app.screen, CompareScreen))
            await pilot.press("escape")
            assert app.screen is screen_of(app)


class TestMarks:
    async def test_a_mark_leaves_the_cursor_where_it_is(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=SMALL) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("v")
            assert screen_of(app).table.cursor == 0
            assert [run.name for run in screen_of(app).chosen] == ["c"]
            await pilot.press("tilde")
            assert [run.name for run in screen_of(app).chosen] == ["b", "a"]
            await pilot.press("V", "V")
            assert [run.name for run in screen_of(app).chosen] == ["c"]

    async def test_marks_that_the_filter_hides_are_not_deleted(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=SMALL) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("V", "slash", *"moons", "enter")
            await shows(pilot, app, "b")
            assert "2 hidden by the filter" in seen(app)
            await pilot.press("delete")
            await until(pilot, lambda: "Move b to the trash?" in seen(app))
            await until(pilot, lambda: "2 marked runs are" in seen(app))
            await pilot.press("y")
            await shows(pilot, app)
        assert {run.name for run in list_runs(three)} == {"a", "c"}

    async def test_without_listed_marks_the_run_under_the_cursor_is_meant(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=SMALL) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("v", "slash", *"moons", "enter")
            await shows(pilot, app, "b")
            assert [run.name for run in screen_of(app).chosen] == ["b"]


class TestColumns:
    async def test_columns_are_chosen_and_the_table_follows(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=SMALL) as pilot:
            await shows(pilot, app, "c", "b", "a")
            before = screen_of(app).table.shown
            assert before[:2] == ["name", "state"]
            await pilot.press("vertical_line")
            await until(pilot, lambda: isinstance(app.screen, ColumnDialog))
            await pilot.press("enter", "j", "enter")  # the name stays, the state goes
            assert screen_of(app).table.shown == [key for key in before if key != "state"]
            await pilot.press("j", "K")
            assert screen_of(app).table.shown[:2] == [before[2], "name"]
            await pilot.press("delete")
            await until(pilot, lambda: app.screen is screen_of(app))
            assert screen_of(app).table.shown == before

    async def test_the_choice_is_kept_in_the_settings_of_the_app(self, three: Path) -> None:
        class Settings:
            columns: tuple[str, ...] = ("name", "lr", "unknown")

        class Keeper:
            settings = Settings()

            def change(self, **values: Any) -> None:
                self.settings.columns = values["columns"]

        app = host(three)
        app.settings_file = Keeper()  # type: ignore[attr-defined, assignment]
        async with app.run_test(size=SMALL) as pilot:
            await shows(pilot, app, "c", "b", "a")
            assert screen_of(app).table.shown == ["name", "lr"]
            await pilot.press("vertical_line")
            await until(pilot, lambda: isinstance(app.screen, ColumnDialog))
            await pilot.press("down", "enter")
            assert Keeper.settings.columns == ("name",)


class TestTags:
    async def test_tags_and_note_are_edited_shown_and_found(self, three: Path) -> None:
        app = host(three)
        async with app.run_test(size=LARGE) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("number_sign")
            await until(pilot, lambda: isinstance(app.screen, NotesDialog))
            await pilot.press(*"goo,d")
            await pilot.press("left_square_bracket")
            await until(pilot, lambda: "cannot be a tag" in seen(app))
            await pilot.press("backspace", "backspace", "backspace", "d", "tab", *"as [b]in", "enter")
            await until(pilot, lambda: "#good" in seen(app) and "as [b]in" in seen(app))
            assert read_notes(Run.open("c", three).path) == RunNotes(("good",), "as [b]in")
            await pilot.press("slash", *"tag=good")
            await shows(pilot, app, "c")


class TestText:
    @pytest.mark.parametrize("text", ["[/", "[a=", "[b]", "\\[", "[/b]x", "\u202eab", "]]"])
    async def test_a_filter_is_plain_text(self, three: Path, text: str) -> None:
        app = host(three)
        async with app.run_test(size=SMALL) as pilot:
            await shows(pilot, app, "c", "b", "a")
            await pilot.press("slash")
            screen_of(app).query_one(Input).value = text
            await until(pilot, lambda: names(app) == [])
            assert text in str(screen_of(app).table.border_title).replace("\\", "") or "\\" in text
            await pilot.press("escape")
            await shows(pilot, app, "c", "b", "a")

    async def test_a_run_with_markup_in_its_files_is_shown_as_it_is(self, tmp_path: Path) -> None:
        over(
            tmp_path,
            "a",
            created=1.0,
            dataset="/data/[b]x.npz",
            network="[/",
            host="[a=",
            message="[red]no[/",
        )
        (tmp_path / "runs" / "a" / "notes.json").write_text('{"tags":["[b]"],"note":"[/ \\u001b[1m"}')
        app = host(tmp_path)
        async with app.run_test(size=LARGE) as pilot:
            await shows(pilot, app, "a")
            await until(pilot, lambda: "#[b]" in seen(app) and r"[/ \x1b[1m" in seen(app))
            assert "[b]x.npz" in seen(app)


async def test_an_empty_home_offers_only_what_works(tmp_path: Path) -> None:
    app = host(tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: NO_RUNS_TITLE in seen(app))
        lines = seen(app).splitlines()
        keys = [
            line.index(text)
            for line in lines
            for text in ("1    ", "2    ", "shell  ")
            if line.strip().startswith(text)
        ]
        assert len(keys) == 3
        assert len(set(keys)) == 1
        for word in ("open", "mark", "compare", "delete", "sort", "filter"):
            assert word not in lines[-1]
