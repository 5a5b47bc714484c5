"""Damaged run folders opened one after the other in the app: a message at most, never the end of the app."""

import random
import shutil
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.e2e.mutations import Place, damage
from tests.e2e.test_folder_fuzz import SEED, fuzzed
from tests.tui.hosts import seen, until
from tui.app import NntermApp
from tui.findings.screen import FindingsScreen

FEW, MANY = 3, 60
LOOK_S = 0.2
"""Seconds that a screen has to read a run; what takes longer is cut off, which must do no harm either."""
BASES = ("done", "halted", "line", "mine", "forked")


def damaged(folder: Path, seed: int, count: int) -> list[str]:
    """Put damaged runs into the home in `folder`, and return their names."""
    fuzzed(folder, "make")
    runs = folder / "home" / "runs"
    others = [runs / name for name in BASES]
    names = []
    for number in range(count):
        rng, name = random.Random(f"app {seed}:{number}"), f"run-{number}"
        shutil.copytree(runs / rng.choice(BASES), runs / name)
        damage(Place(rng, runs / name, others, folder / "outside"), rng.randrange(100))
        names.append(name)
    return names


async def visit(pilot: Pilot[int], app: NntermApp, name: str) -> None:
    """Open a run on every screen that reads it."""
    app.session.run = name
    for mode in ("train", "inspect", "runs"):
        await app.action_switch_mode(mode)
        await pilot.pause(LOOK_S)
        if mode == "train":
            await pilot.press("d")
            if isinstance(app.screen, FindingsScreen):
                await pilot.press("ctrl+l")
                await pilot.pause(LOOK_S)
                await pilot.press("escape")
        if mode == "runs":
            await pilot.press("down", "f", "escape")
        assert app._exception is None


async def test_damaged_folders_are_opened_one_after_the_other(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    every = pytestconfig.getoption("all_networks")
    names = damaged(
        tmp_path, pytestconfig.getoption("networks_seed") if every else SEED, MANY if every else FEW
    )
    app = NntermApp(tmp_path / "home")
    async with app.run_test(size=(140, 45)) as pilot:
        for name in names:
            await visit(pilot, app, name)
    assert app._exception is None


async def test_a_home_that_others_may_write_is_named_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir(mode=0o700)
    tmp_path.chmod(0o777)
    app = NntermApp(tmp_path)
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: app._notifications and "moons" in seen(app))
        assert ["can be written by every user" in notice.message for notice in app._notifications] == [True]
