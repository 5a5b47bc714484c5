"""A new top-level screen is one file and one row of SCREENS; one that cannot be imported shows the reason."""

import subprocess
import sys
from pathlib import Path

import pytest

from tui.actions import TopScreen
from tui.shell.placeholder import Placeholder

ADD_A_ROW = """
import importlib.util, sys, types
from pathlib import Path

spec = importlib.util.find_spec("tui.actions")
source = Path(spec.origin).read_text()
last = '"tui.runs.screen:RunsScreen"),\\n'
assert source.count(last) == 1
actions = sys.modules["tui.actions"] = types.ModuleType("tui.actions")
row = '    TopScreen("toy", "Toy", "7", "f8", "play", "tests.toys.screen:ToyScreen"),\\n'
exec(compile(source.replace(last, last + row), spec.origin, "exec"), vars(actions))
"""
"""Loads `tui.actions` as it is with one row more."""
OPEN_IT = """
import asyncio
from tests.toys.screen import ROW
from tests.tui.hosts import seen, until
from tui.app import NntermApp

async def main():
    assert actions.SCREENS[-1] == ROW
    app = NntermApp(Path(sys.argv[1]))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "7 Toy" in seen(app))
        await pilot.press("f8")
        await until(pilot, lambda: "all toys" in seen(app) and "a screen to play with" in seen(app))
        await pilot.press("question_mark")
        await until(pilot, lambda: "Help · Toy" in seen(app) and "a screen to play with" in seen(app))
        await pilot.press("escape", "1")
        await until(pilot, lambda: app.current_mode == "data")
        await pilot.press("ctrl+p", *"toy")
        await until(pilot, lambda: "Toy   " in seen(app) and "play" in seen(app) and "Devices" not in seen(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "toy")

asyncio.run(main())
"""


def test_it_has_a_tab_keys_help_and_a_place_in_the_palette(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ADD_A_ROW + OPEN_IT, str(tmp_path / "home")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (None, "Toy is not part of this build of nnterm."),
        ("import toy_lost\n", "Toy cannot be opened: ModuleNotFoundError: No module named 'toy_lost'"),
        ("1 / 0\n", "Toy cannot be opened: ZeroDivisionError: division by zero"),
        ("class ToyScreen(:\n", "Toy cannot be opened: SyntaxError"),
        ("", "Toy cannot be opened: AttributeError"),
        (
            "class ToyScreen:\n    def __init__(self):\n        raise OSError('no')\n",
            "Toy cannot be opened: OSError: no",
        ),
    ],
)
def test_one_that_cannot_be_opened_shows_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str | None, reason: str
) -> None:
    name = f"toy_{tmp_path.name}"
    if source is not None:
        (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    screen = TopScreen("toy", "Toy", "7", "f8", "play", f"{name}:ToyScreen").make()
    assert isinstance(screen, Placeholder)
    assert screen.mode == "toy"
    assert screen.reason.startswith(reason)
