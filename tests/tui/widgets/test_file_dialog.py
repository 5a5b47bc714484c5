"""The file dialog: completion as in a shell, the folder and its candidates, and names that are only text."""

import os
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from engine.errors import DataError
from tests.tui.hosts import LARGE, SMALL, each_size, seen, until
from tui.widgets.file_dialog import FileDialog
from tui.widgets.path_completion import candidates, completed, with_name


class Host(App[None]):
    """Opens one dialog and keeps its result."""

    def __init__(self, verb: str = "open", path: str = "") -> None:
        super().__init__()
        self.verb, self.path = verb, path
        self.tried: list[Path] = []
        self.result: Any = None

    def on_mount(self) -> None:
        dialog = FileDialog("open a data file", (".npz",), self.attempt, self.path, self.verb)
        self.push_screen(dialog, lambda result: setattr(self, "result", result))

    def attempt(self, path: Path, replace: bool) -> Path:
        self.tried.append(path)
        if not path.exists():
            raise DataError(f"there is no file [b]{path}", "check [/] the path")
        return path

    @property
    def text(self) -> str:
        return self.screen.query_one(Input).value


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("flowers.npz", "flags.npz", "own data.npz", ".hidden.npz", "notes.txt", "[b]x.npz"):
        (tmp_path / name).touch()
    (tmp_path / "sets" / "deep").mkdir(parents=True)
    (tmp_path / "sets" / "small.npz").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def dialog_is_ready(app: Host) -> bool:
    return isinstance(app.screen, FileDialog) and bool(app.screen._found.folder)


async def typed(app: Host, pilot: Pilot[Any], text: str) -> None:
    dialog = app.screen
    assert isinstance(dialog, FileDialog)
    app.screen.query_one(Input).value = text
    await until(pilot, lambda: dialog._found == candidates(text, (".npz",)))


async def test_tab_completes_as_far_as_the_candidates_agree(folder: Path) -> None:
    app = Host()
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: dialog_is_ready(app))
        for text, expected in (
            ("fl", "fl"),
            ("flo", "flowers.npz"),
            ("ow", "own data.npz"),
            ("se", "sets/"),
            ("sets/s", "sets/small.npz"),
            ("~/fla", "~/flags.npz"),
            ("./.h", "./.hidden.npz"),
            (f"{folder}/[", f"{folder}/[b]x.npz"),
            ("nothing", "nothing"),
        ):
            await typed(app, pilot, text)
            await pilot.press("tab")
            assert app.text == expected
        assert app.screen.query_one(Input).has_focus


async def test_the_folder_and_its_candidates_are_shown(folder: Path) -> None:
    app = Host()
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: dialog_is_ready(app))
        async for _ in each_size(pilot, SMALL, LARGE):
            await until(pilot, lambda: "in ~" in seen(app) and "1 other file not shown" in seen(app))
            for name in ("sets/", "flags.npz", "own data.npz", "[b]x.npz"):
                assert name in seen(app)
            assert ".hidden" not in seen(app)


async def test_down_and_enter_lead_into_a_folder_and_open_a_file(folder: Path) -> None:
    app = Host()
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: dialog_is_ready(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.text == "sets/" and "small.npz" in seen(app))
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: app.result == Path("sets/small.npz"))


async def test_a_click_selects_a_file(folder: Path) -> None:
    app = Host()
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: dialog_is_ready(app) and "flags.npz" in seen(app))
        await pilot.click("#files", offset=(3, 2))
        await until(pilot, lambda: app.result == Path("flags.npz"))


async def test_enter_on_a_folder_lists_it_and_a_mistake_is_plain_text(folder: Path) -> None:
    app = Host()
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: dialog_is_ready(app))
        await typed(app, pilot, "~/sets")
        await pilot.press("enter")
        await until(pilot, lambda: app.text == "~/sets/")
        await typed(app, pilot, "[/x.npz")
        await pilot.press("enter")
        await until(
            pilot, lambda: "there is no file [b][/x.npz" in seen(app) and "check [/] the path" in seen(app)
        )


@pytest.mark.parametrize("text", ["[/", "[a=", "[b]", "\x1b[31m", "\x00", "~nobody/x", "‏abc", "a" * 5000])
async def test_any_text_stays_text(folder: Path, text: str) -> None:
    app = Host()
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: dialog_is_ready(app))
        await typed(app, pilot, text)
        await pilot.press("tab", "down", "up", "enter")
        await until(pilot, lambda: not {"\x1b", "\x00"} & set(seen(app)))
        if isinstance(app.screen, FileDialog):  # "[b]" completes to a file, which enter has opened
            await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, FileDialog))


async def test_names_with_control_characters_are_listed_escaped(folder: Path) -> None:
    (folder / "zz\x1b[31m.npz").touch()
    app = Host()
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: dialog_is_ready(app))
        await typed(app, pilot, "zz")
        await until(pilot, lambda: r"zz\x1b[31m.npz" in seen(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.result == Path("zz\x1b[31m.npz"))


async def test_saving_takes_the_name_of_a_file_and_waits(folder: Path) -> None:
    app = Host("save", "mine.npz")
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: dialog_is_ready(app))
        await typed(app, pilot, "fla")
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.text == "flags.npz")
        assert app.tried == []


def test_a_folder_that_cannot_be_listed_is_said(folder: Path) -> None:
    assert candidates("no/such/", (".npz",)).problem.startswith("cannot be listed")
    assert candidates("~no-such-user/", (".npz",)).problem == "no such user"
    assert candidates("\0/x", (".npz",)).problem == "not a path"


def test_completion_of_names() -> None:
    assert completed("a/fl", ["flags", "flowers"]) == "a/fl"
    assert completed("a/f", ["flags", "flowers"]) == "a/fl"
    assert completed("x", []) == "x"
    assert with_name("~/a/fl", "flags") == f"~/a{os.sep}flags"
