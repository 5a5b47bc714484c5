"""Breaking a gradient for a demonstration, and the subject that the screen checks."""

from pathlib import Path

from msgspec.structs import replace

from engine.gradcheck.planted import PLANTED
from tests.tui.gradients.test_gradients_screen import (
    BIAS,
    FAILED,
    PASSED,
    STARTED,
    WEIGHT,
    FakeCheck,
    bar,
    draft,
    host,
)
from tests.tui.hosts import SMALL, each_size, seen, until
from tui.gradients.check_table import CheckTable
from tui.gradients.demonstrations import TITLES
from tui.shell.dialogs import ChoiceDialog


def test_the_dialog_knows_every_demonstration_of_the_engine() -> None:
    assert {name: bug.title for name, bug in PLANTED.items()} == TITLES


async def test_a_bug_is_planted_labelled_and_removed(tmp_path: Path) -> None:
    started = replace(STARTED, plants=("sign", "mean"))
    check = FakeCheck(started, PASSED)
    app = host(tmp_path, check, draft=draft())
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: bar(app).state == "passed")
        await pilot.press("ctrl+b")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog) and "wrong sign" in seen(app))
        assert "dropout mask" not in seen(app), "this network has no dropout layer"
        for event in (
            replace(started, planted="wrong sign in a layer's backward, in layers.1"),
            BIAS,
            FAILED,
        ):
            check.events.put_nowait(event)
        await pilot.press("1")
        await until(pilot, lambda: bar(app).state == "failed")
        assert check.asked[1][-7:] == ["--plant", "sign", "--device", "auto", "--dtype", "auto", "--json"]
        async for size in each_size(pilot):
            await until(pilot, lambda: "demonstration: planted bug (wrong sign" in seen(app))
            assert "network on Build (xor)" in seen(app), size
        await pilot.press("ctrl+b")
        await until(
            pilot, lambda: isinstance(app.screen, ChoiceDialog) and "end the demonstration" in seen(app)
        )
        check.events.put_nowait(started)
        check.events.put_nowait(PASSED)
        await pilot.press("0")
        await until(pilot, lambda: bar(app).state == "passed")
        assert "--plant" not in check.asked[2]
        assert "demonstration" not in seen(app)


async def test_another_subject_ends_the_demonstration(tmp_path: Path) -> None:
    check = FakeCheck(STARTED, PASSED)
    app = host(tmp_path, check, draft=draft(), run="xor-1")
    async with app.run_test() as pilot:
        await until(pilot, lambda: bar(app).state == "passed")
        await pilot.press("ctrl+b")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        for event in (STARTED, FAILED, STARTED, PASSED):
            check.events.put_nowait(event)
        await pilot.press("1")
        await until(pilot, lambda: bar(app).state == "failed")
        await pilot.press("S")
        await until(pilot, lambda: bar(app).state == "passed" and len(check.asked) == 3)
        assert "--plant" not in check.asked[2]


async def test_the_verdict_does_not_move_the_panels(tmp_path: Path) -> None:
    check = FakeCheck(STARTED)
    app = host(tmp_path, check, draft=draft())
    async with app.run_test(size=SMALL) as pilot:
        async for size in each_size(pilot):
            await until(pilot, lambda: "layers.0.bias" in seen(app))
            places = [widget.region for widget in app.screen.query("#table, #details, #verdict")]
            long = replace(
                FAILED, problems=("a problem that is told at length, " * 6,), notes=("a note",) * 4
            )
            for event in (WEIGHT, BIAS, long):
                check.events.put_nowait(event)
            await until(pilot, lambda: bar(app).state == "failed")
            assert [widget.region for widget in app.screen.query("#table, #details, #verdict")] == places, (
                size
            )
            await pilot.press("g")
            await until(pilot, lambda: bar(app).state == "running")
            assert [widget.region for widget in app.screen.query("#table, #details, #verdict")] == places, (
                f"{size}, before the new check has said what it checks"
            )
            check.events.put_nowait(STARTED)


async def test_the_run_that_was_looked_at_is_checked(tmp_path: Path) -> None:
    from tui.session import Session

    session = Session(tmp_path)
    session.draft, session.run = draft(), "xor-1"
    for mode, checks_run in (
        ("train", True),
        ("build", False),
        ("inspect", True),
        ("data", True),
        ("runs", True),
    ):
        session.look_at(mode)
        assert session.check_run is checks_run, mode
    session.run = None
    session.look_at("train")
    assert not session.check_run


async def test_step_0_is_named_as_the_initial_weights(tmp_path: Path) -> None:
    check = FakeCheck(replace(STARTED, step=0), PASSED)
    app = host(tmp_path, check, run="xor-1")
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: "run xor-1 at step 0 (initial weights)" in seen(app))
        assert app.screen.query_one(CheckTable).display
