"""The shell: screens and their keys, help, palette, sizes, the run's line, leaving."""

import asyncio
import signal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

import tui.app
from tests.tui.hosts import SMALL, each_size, seen, until
from tui.actions import PALETTE_SCREENS, SCREENS
from tui.app import NntermApp
from tui.follow.run_glance import RunGlance, RunGlances
from tui.shell.active_actions import active_actions
from tui.shell.dialogs import ChoiceDialog, ConfirmDialog, LeaveDialog
from tui.shell.help import HelpScreen
from tui.shell.leaving import way_back
from tui.shell.placeholder import Placeholder
from tui.shell.screen import LabScreen
from tui.shell.too_small import TooSmall


class Here(LabScreen):
    """A screen with a key and a text field."""

    MODE = "data"
    PURPOSE = "a place to press keys"
    HELP = "more words"
    BINDINGS: ClassVar[list[Any]] = [
        Binding("w", "wave", "wave", tooltip="wave a hand"),
        Binding("v", "vanish", "vanish"),
        Binding("z", "sleep", "sleep", show=False, tooltip="sleep a while"),
        Binding("s", "disabled", "sleeping"),
    ]
    AUTO_FOCUS = ""
    waves = 0

    def body(self) -> ComposeResult:
        yield Input(id="field")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if action == "disabled" else action != "vanish"

    def action_wave(self) -> None:
        self.waves += 1


class FakeDesk(RunGlances):
    """A run with the state that the test sets; records the stopped runs."""

    def __init__(self) -> None:
        self.now: RunGlance | None = RunGlance("running", False, 3, 10)
        self.stopped: list[str] = []
        self.refusal = ""

    def glance(self, name: str, home: Path | None) -> RunGlance | None:
        return self.now

    def stop(self, name: str, home: Path | None) -> str:
        self.stopped.append(name)
        return self.refusal


class Other(Here):
    MODE = "build"


class Shell(NntermApp):
    """The app with two bare screens."""

    CSS_PATH = Path(tui.app.__file__).with_name("app.tcss")
    MODES: ClassVar[dict[str, Any]] = {"data": Here, "build": Other, "train": Screen, "gradients": Screen}

    @property
    def here(self) -> Here:
        screen = self.screen_stack[0]
        assert isinstance(screen, Here)
        return screen


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def app(desk: FakeDesk) -> Shell:
    return Shell(desk=desk)


class TestScreens:
    @pytest.mark.parametrize("key", ["2", "f3"])
    async def test_a_key_each(self, app: Shell, key: str) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press(key)
            assert app.current_mode == "build"
            await pilot.press("1")
            assert app.current_mode == "data"

    async def test_digits_and_letters_are_text_in_a_field_but_function_keys_are_not(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            field = app.here.query_one(Input)
            field.focus()
            await pilot.press("2", "w", "question_mark")
            assert (field.value, app.current_mode, app.here.waves) == ("2w?", "data", 0)
            await pilot.press("f3")
            assert app.current_mode == "build"

    async def test_a_dialog_keeps_the_screen(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await app.push_screen(ConfirmDialog("sure?"))
            await pilot.press("f3", "2")
            assert app.current_mode == "data"

    async def test_the_frame_names_screens_purpose_and_keys(self, app: Shell) -> None:
        async with app.run_test(size=SMALL) as pilot:
            async for size in each_size(pilot):
                await until(pilot, lambda: "w wave" in seen(app))
                lines = seen(app).splitlines()
                assert all(f"{screen.digit} {screen.title}" in lines[0] for screen in SCREENS), size
                assert "a place to press keys" in lines[1], size
                assert "w wave" in lines[-1], size
                assert "vanish" not in lines[-1], size
                assert "sleeping" not in lines[-1], size
                assert "? help  q quit" in lines[-1], size

    async def test_what_does_not_fit_is_left_out_but_never_help(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            for i, key in enumerate("abcdefgh"):
                app.here._bindings.bind(key, f"wave({i})", "a long description", show=True)
            app.here.refresh_bindings()
            await until(pilot, lambda: "a a long" in seen(app))
            assert "? help" in seen(app).splitlines()[-1]

    def test_every_registered_screen_can_be_made(self) -> None:
        for screen in (*SCREENS, *PALETTE_SCREENS):
            made = screen.make()
            assert isinstance(made, LabScreen)
            assert not isinstance(made, Placeholder)
            assert made.mode == screen.mode


class TestBack:
    async def test_escape_returns_the_way_that_one_came(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("2", "f4", "2")
            assert app.current_mode == "build"
            for mode in ("train", "data", "data"):
                await pilot.press("escape")
                assert app.current_mode == mode

    async def test_escape_closes_what_lies_above_first(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("2")
            await app.push_screen(Screen())
            await pilot.press("escape")
            assert isinstance(app.screen, Other)
            await pilot.press("escape")
            assert app.current_mode == "data"

    async def test_where_nothing_lies_behind_back_is_not_offered(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            assert "escape" not in app.here.active_bindings
            await pilot.press("2")
            assert "escape" in app.screen.active_bindings

    async def test_a_nearer_escape_comes_first_and_can_be_disabled(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("2")
            app.screen._bindings.bind("escape", "wave")
            await pilot.press("escape")
            assert (app.current_mode, getattr(app.screen, "waves", 0)) == ("build", 1)
            app.screen._bindings.bind("escape", "vanish")
            app.screen._bindings.key_to_bindings["escape"].pop(0)
            await pilot.press("escape")
            assert app.current_mode == "data"


class TestHelp:
    async def test_it_lists_words_and_keys_and_closes(self, app: Shell) -> None:
        async with app.run_test(size=(100, 40)) as pilot:
            await pilot.press("question_mark")
            await until(pilot, lambda: "wave a hand" in seen(app))
            text = seen(app)
            assert "more words" in text
            assert "sleep a while" in text
            assert "go to Build" in text
            assert text.index("At other times") < text.index("vanish")
            await pilot.press("escape")
            assert not isinstance(app.screen, HelpScreen)

    async def test_f1_helps_in_a_field(self, app: Shell) -> None:
        async with app.run_test(size=(100, 40)) as pilot:
            app.here.query_one(Input).focus()
            await pilot.press("f1")
            assert isinstance(app.screen, HelpScreen)


class TestPalette:
    async def test_it_does_what_was_searched(self, app: Shell) -> None:
        async with app.run_test(size=(100, 40)) as pilot:
            await pilot.press("ctrl+p")
            await until(pilot, lambda: "wave a hand" in seen(app))
            await pilot.press(*"wave")
            await until(pilot, lambda: "Devices" not in seen(app) and "wave a hand" in seen(app))
            await pilot.press("enter")
            await until(pilot, lambda: app.here.waves == 1)

    async def test_each_action_is_known_once_with_all_its_keys(self, app: Shell) -> None:
        async with app.run_test(size=(100, 40)):
            found = [action for action in active_actions(app.here) if "go to Build" in action.text]
            assert [action.keys for action in found] == [["2", "f3"]]


class TestSizes:
    async def test_too_small_covers_everything_and_goes(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.resize_terminal(79, 24)
            await until(pilot, lambda: "needs 80×24, this terminal is 79×24" in seen(app))
            await pilot.press("w", "f3")
            assert (app.here.waves, app.current_mode) == (0, "data")
            await pilot.resize_terminal(100, 30)
            await until(pilot, lambda: isinstance(app.screen, Here))
            await pilot.press("w")
            assert app.here.waves == 1

    async def test_too_small_at_the_start(self, app: Shell) -> None:
        async with app.run_test(size=(40, 10)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, TooSmall))
            await pilot.resize_terminal(80, 24)
            await until(pilot, lambda: isinstance(app.screen, Here))

    async def test_a_dialog_is_still_there_afterwards(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await app.push_screen(ConfirmDialog("sure?"))
            await pilot.resize_terminal(80, 20)
            await until(pilot, lambda: isinstance(app.screen, TooSmall))
            await pilot.resize_terminal(80, 24)
            await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))

    async def test_enlarged_while_another_screen_is_up(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.resize_terminal(70, 20)
            await until(pilot, lambda: isinstance(app.screen, TooSmall))
            await app.switch_mode("build")
            await pilot.resize_terminal(80, 24)
            await app.switch_mode("data")
            await until(pilot, lambda: isinstance(app.screen, Here))


class TestTheRun:
    async def test_every_screen_shows_its_state(self, app: Shell, desk: FakeDesk) -> None:
        async with app.run_test(size=(120, 30)) as pilot:
            app.session.run = "mnist-1"
            await until(pilot, lambda: "mnist-1 · running · 3/10 epochs" in seen(app))
            desk.now = RunGlance("finished", True)
            app.watch_again()
            await until(pilot, lambda: "mnist-1 · finished" in seen(app))
            app.here.status = "my own words"
            await until(pilot, lambda: "my own words" in seen(app) and "finished" not in seen(app))

    async def test_a_screen_behind_a_dialog_is_still_shown(self, app: Shell) -> None:
        async with app.run_test(size=(120, 30)) as pilot:
            here = app.here
            assert here.is_shown
            await app.push_screen(ConfirmDialog("sure?"))
            assert here.is_shown
            await pilot.press("escape")
            await app.push_screen(Screen())
            assert not here.is_shown

    async def test_a_long_name_keeps_its_distance_from_the_screens(self, app: Shell, desk: FakeDesk) -> None:
        desk.now = RunGlance("finished", True)
        async with app.run_test(size=(80, 24)) as pilot:
            app.session.run = "mnist-tuned-for-a-long-time"
            await until(pilot, lambda: "6 Runs   mnist-tun" in seen(app).splitlines()[0])

    async def test_a_run_that_is_gone_shows_its_name(self, app: Shell, desk: FakeDesk) -> None:
        desk.now = None
        async with app.run_test(size=(120, 30)) as pilot:
            app.session.run = "mnist-1"
            await until(pilot, lambda: "mnist-1" in seen(app))

    async def test_subscribers_are_notified_of_each_change(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            published: list[str] = []
            app.session.subscribe(app.here, published.append)
            app.session.dataset = "xor"
            app.session.check_run = True
            await until(pilot, lambda: published == ["dataset", "check_run"])


class TestLeaving:
    async def test_without_a_run_it_leaves_at_once(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("ctrl+q")
            await until(pilot, lambda: app._exit)
        assert app.return_code == 0

    async def test_a_run_that_is_over_is_no_question(self, app: Shell, desk: FakeDesk) -> None:
        desk.now = RunGlance("finished", True)
        app.session.run = "r"
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("ctrl+q")
            await until(pilot, lambda: app._exit)

    @pytest.mark.parametrize(
        ("keys", "stopped"), [("l", []), ("s", ["r"]), (("enter",), []), (("down", "enter"), ["r"])]
    )
    async def test_a_running_training_is_left_or_stopped(
        self, app: Shell, desk: FakeDesk, keys: tuple[str, ...], stopped: list[str]
    ) -> None:
        app.session.run = "r"
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("ctrl+q")
            await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
            await pilot.press(*keys)
            await until(pilot, lambda: app._exit)
        assert desk.stopped == stopped
        assert app.return_code == 0

    async def test_all_held_runs_are_named_and_forgotten_ones_are_not(
        self, app: Shell, desk: FakeDesk
    ) -> None:
        for name in ("first", "second", "third"):
            app.session.run = name
        app.session.remember("fourth")
        app.session.forget("second")
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("ctrl+q")
            await until(pilot, lambda: "first, third and fourth are training" in seen(app))
            await pilot.press("s")
            await until(pilot, lambda: app._exit)
        assert desk.stopped == ["first", "third", "fourth"]

    @pytest.mark.parametrize("keys", ["b", ("down", "down", "enter")])
    async def test_staying_is_an_answer(self, app: Shell, desk: FakeDesk, keys: str) -> None:
        app.session.run = "r"
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("ctrl+q")
            await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
            await pilot.press(*keys)
            await until(pilot, lambda: isinstance(app.screen, Here))
            assert (app._exit, desk.stopped) == (False, [])

    async def test_a_second_request_keeps_the_question(self, app: Shell, desk: FakeDesk) -> None:
        app.session.run = "r"
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("q")
            await until(pilot, lambda: isinstance(app.screen, LeaveDialog))
            await pilot.press("ctrl+q", "ctrl+c")
            assert len(app.screen_stack) == 2
            await pilot.press("b")
            await until(pilot, lambda: isinstance(app.screen, Here))

    async def test_a_paused_run_is_said_to_be_paused(self, app: Shell, desk: FakeDesk) -> None:
        app.session.run = "r"
        desk.now = RunGlance("paused", False, 3, 10)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("q")
            await until(pilot, lambda: "r is paused. A paused run waits until it is resumed." in seen(app))
            assert "leave it paused" in seen(app)
            assert "training" not in seen(app)

    @pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
    async def test_three_keys_quit(self, app: Shell, key: str) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press(key)
            await until(pilot, lambda: app._exit)

    async def test_in_a_field_q_is_text_and_ctrl_c_copies_the_selection_or_quits(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            field = app.here.query_one(Input)
            field.focus()
            await pilot.press("q", "r", "shift+left", "ctrl+c")
            assert (field.value, app.clipboard, app._exit) == ("qr", "r", False)
            await pilot.press("end", "ctrl+c")
            await until(pilot, lambda: app._exit)
        assert not app._notifications

    def test_the_shell_gets_the_commands_to_return(self) -> None:
        assert way_back(["a"], [], None) == "a continues; follow with: nnterm attach a"
        several = way_back(["a", "b"], [], Path("/my runs"))
        assert several == "a and b continue; follow with: nnterm attach a --home '/my runs'"
        assert way_back([], ["a"], None) == "a is paused; resume with: nnterm unpause a"

    async def test_escape_stays(self, app: Shell, desk: FakeDesk) -> None:
        app.session.run = "r"
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("ctrl+q")
            await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, Here))
            assert not app._exit
            assert desk.stopped == []

    async def test_a_run_that_cannot_be_stopped_is_reported_and_the_app_stays(
        self, app: Shell, desk: FakeDesk
    ) -> None:
        desk.refusal = "disk full"
        app.session.run = "r"
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("ctrl+q")
            await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
            await pilot.press("s")
            await until(pilot, lambda: any(note.message == "disk full" for note in app._notifications))
            assert not app._exit

    async def test_a_signal_ends_the_app_in_order(self, app: Shell) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGTERM)
            await until(pilot, lambda: app._exit)
        assert app.return_code == 128 + signal.SIGTERM


async def test_a_confirmation_is_answered_by_one_key(app: Shell) -> None:
    answers: list[bool | None] = []
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("y", "n", "enter", "escape"):
            app.push_screen(ConfirmDialog("sure?"), answers.append)
            await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, Here))
    assert answers == [True, False, True, False]


async def test_a_line_that_is_too_long_loses_its_last_parts(app: Shell) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        app.here.status = "mnist-mlp · running · epoch 12/100"
        await until(pilot, lambda: "mnist-mlp · running" in seen(app))
        assert "epoch" not in seen(app).splitlines()[0]
