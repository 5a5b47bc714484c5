"""Typed text and file names are text: never markup, never a control code."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual import events
from textual.content import Content
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from engine.experiment.experiment import Experiment
from engine.runs.notes import RunNotes
from tests.tui.fake_runs import FakeRun, finished
from tests.tui.hosts import make_host, seen, until
from tui.app import NntermApp
from tui.build.dialogs import CommandLineDialog
from tui.build.screen import BuildScreen
from tui.data.dataset_browser import DatasetBrowser
from tui.data.screen import DataScreen
from tui.inspect.screen import InspectScreen
from tui.runs.compare_screen import CompareScreen
from tui.runs.dialogs import NameDialog, NotesDialog
from tui.runs.screen import RunsScreen
from tui.shell.dialogs import ChoiceDialog, ConfirmDialog
from tui.train.screen import TrainScreen
from tui.widgets.file_dialog import FileDialog
from tui.widgets.fix_dialog import FixDialog
from tui.words.plain import plain

MARKUP = ("[a=", "[b]x", "[@click=app.bell]x[/]", "$primary]")
HOSTILE = ("[/", *MARKUP, "\x1b[31mred", "a\u202eb", "\u200f\u2067c", "\x9b2J")
NAME = "[b]x[a=\u202ey\x1b[31m"
"""A name of a run or a file, without the `/` that paths reserve."""
FORBIDDEN = ("\x1b", "\x9b", "\u202e", "\u200f", "\u2067")


@pytest.fixture(autouse=True)
def markup(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the texts that are read as markup although they hold what a user typed."""
    seen_texts: list[str] = []
    original = Content.from_markup.__func__  # type: ignore[attr-defined]

    def from_markup(cls: type[Content], /, markup: str | Content, **variables: object) -> Content:
        if isinstance(markup, str) and any(text in markup for text in (*MARKUP, NAME)):
            seen_texts.append(markup)
        return original(cls, markup, **variables)  # type: ignore[no-any-return]

    monkeypatch.setattr(Content, "from_markup", classmethod(from_markup))
    return seen_texts


def assert_is_text(app: NntermApp, markup: list[str]) -> None:
    """Check that the app lives, sends no control code, and has read nothing hostile as markup."""
    assert app._exception is None
    assert app._exit is False
    assert not any(character in drawn(app) for character in FORBIDDEN)
    assert markup == []


def drawn(app: NntermApp) -> str:
    """Return what is sent to the terminal for the present screen, without its styles."""
    filters = app.get_line_filters()
    lines = []
    for strip in app.screen._compositor.render_strips():
        for line_filter in filters:
            strip = strip.apply_filter(line_filter, app.screen.background_colors[1])
        lines.append(strip.text)
    return "\n".join(lines)


async def type_hostile(pilot: Pilot[int], app: NntermApp, markup: list[str]) -> None:
    """Type, paste and submit hostile texts in the focused field."""
    field = app.focused
    assert isinstance(field, Input)
    for text in HOSTILE:
        if app.focused is not field:
            field.focus()
            await pilot.pause()
        field.value = ""
        field.post_message(events.Paste(text))
        await pilot.pause()
        assert_is_text(app, markup)
        await pilot.press("enter")
        await pilot.pause()
        assert_is_text(app, markup)


async def test_the_fields_of_data(tmp_path: Path, markup: list[str]) -> None:
    app = make_host(tmp_path, "data", DataScreen)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.screen.query(DatasetBrowser) and "spirals" in seen(app))
        for key in ("slash", "o"):
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.focused, Input))
            await type_hostile(pilot, app, markup)
            await pilot.press("escape", "escape")


async def test_the_filter_of_runs(tmp_path: Path, markup: list[str]) -> None:
    FakeRun(tmp_path).begin()
    app = make_host(tmp_path, "runs", RunsScreen)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "xor-1" in seen(app))
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await type_hostile(pilot, app, markup)


async def test_the_cells_of_build(tmp_path: Path, markup: list[str]) -> None:
    draft = Experiment.quick("xor", [4]).to_raw()
    app = make_host(tmp_path, "build", BuildScreen, draft=draft)
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: "ready" in seen(app) and isinstance(app.screen, BuildScreen))
        build = app.screen
        assert isinstance(build, BuildScreen)
        for name in ("units", "lr", "epochs", "name"):
            build.editor.go_to(name)
            await pilot.pause()
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.focused, Input))
            await type_hostile(pilot, app, markup)
            await pilot.press("escape", "escape")


def dialogs() -> list[Screen[Any]]:
    def refuse(*arguments: object) -> object:
        from engine.errors import NntermError

        raise NntermError(f"cannot use {arguments[0]}", f"try {NAME}")

    return [
        FileDialog(NAME, (".toml",), refuse, NAME),
        NotesDialog(NAME, RunNotes(tags=("a",), note=NAME), refuse),
        NameDialog(NAME, refuse),
        CommandLineDialog(NAME),  # type: ignore[list-item]
        ChoiceDialog(NAME, [("l", NAME, NAME)], NAME),
        ConfirmDialog(NAME, NAME, NAME),
        FixDialog(NAME, {NAME: (NAME, NAME)}),
    ]


@pytest.mark.parametrize("index", range(len(dialogs())), ids=[type(dialog).__name__ for dialog in dialogs()])
async def test_the_dialogs(tmp_path: Path, markup: list[str], index: int) -> None:
    app = NntermApp(tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await app.push_screen(dialogs()[index])
        await until(pilot, lambda: "[b]x[a=" in seen(app))
        assert_is_text(app, markup)
        fields = app.screen.query(Input)
        if fields:
            fields.first().focus()
            await pilot.pause()
            await type_hostile(pilot, app, markup)


async def test_the_palette_and_the_search_of_the_help(tmp_path: Path, markup: list[str]) -> None:
    (tmp_path / "runs" / NAME).mkdir(parents=True)
    app = NntermApp(tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.focused, Input))
        for text in HOSTILE:
            field = app.focused
            assert isinstance(field, Input)
            field.value = text
            await pilot.pause(0.05)
            assert_is_text(app, markup)
        field.value = "[b]x["
        await until(pilot, lambda: plain(NAME) in seen(app))
        assert_is_text(app, markup)
        await pilot.press("escape")
        await pilot.press("question_mark", "slash")
        await until(pilot, lambda: isinstance(app.focused, Input))
        field = app.focused
        assert isinstance(field, Input)
        for text in HOSTILE:
            field.value = text
            await pilot.pause()
            assert_is_text(app, markup)


async def test_notices(tmp_path: Path, markup: list[str]) -> None:
    app = NntermApp(tmp_path)
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        for text in HOSTILE:
            app.screen.notify(text, title=text)
            await until(pilot, lambda text=text: plain(text) in seen(app))  # type: ignore[misc]
        assert_is_text(app, markup)


@pytest.mark.parametrize(
    ("mode", "make"), [("runs", RunsScreen), ("train", TrainScreen), ("inspect", InspectScreen)]
)
async def test_runs_that_are_called_so(
    tmp_path: Path, markup: list[str], mode: str, make: type[Screen[None]]
) -> None:
    name = hostile_run(tmp_path)
    app = make_host(tmp_path, mode, make)
    app.session.run = name
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: "[b]x[a=" in seen(app))
        assert_is_text(app, markup)
        if mode == "runs":
            await pilot.press("f")
            await pilot.pause(0.1)
            assert_is_text(app, markup)


async def test_a_comparison_of_runs_that_are_called_so(tmp_path: Path, markup: list[str]) -> None:
    names = [hostile_run(tmp_path), hostile_run(tmp_path, "other")]
    app = make_host(tmp_path, "runs", lambda: CompareScreen(names, tmp_path))
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: "[b]x[a=" in seen(app))
        assert_is_text(app, markup)


def hostile_run(home: Path, suffix: str = "") -> str:
    """Write a finished run, and give its folder a hostile name."""
    fake = FakeRun(home, f"xor-{suffix or 1}")
    fake.begin()
    fake.write(finished())
    fake.set_status("finished", epoch=4, epochs=4)
    name = NAME + suffix
    fake.run.path.rename(fake.run.path.with_name(name))
    return name


async def test_files_that_are_called_so(tmp_path: Path, markup: list[str]) -> None:
    path = tmp_path / f"{NAME}.npz"
    np.savez(path, x=np.zeros((60, 2)), y=np.arange(60) % 2)
    app = NntermApp(tmp_path / "home")
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: app.screen.query(DatasetBrowser) and "spirals" in seen(app))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.focused, Input))
        field = app.focused
        assert isinstance(field, Input)
        field.value = str(path)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.focused, Input))
        await pilot.pause(0.3)
        assert_is_text(app, markup)
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "build")
        await pilot.pause(0.5)
        assert_is_text(app, markup)
        await pilot.press("enter")
        await pilot.pause(0.5)
        assert_is_text(app, markup)
