"""The highlighted cell is where the focus is: at most one on each top-level screen, within the focused widget."""

import random
from pathlib import Path
from typing import Any

import pytest
from textual.color import Color
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widgets import DataTable, OptionList

from tests.tui.hosts import LARGE, SMALL, until
from tui.actions import PALETTE_SCREENS, SCREENS
from tui.app import NntermApp
from tui.build.preset_list import PresetList
from tui.widgets.field_grid import FieldGrid

KEYS = ["tab", "shift+tab", "up", "down", "left", "right", "home", "end", "enter", "escape"]
MODES = [screen.mode for screen in (*SCREENS, *PALETTE_SCREENS)]


def highlighted(app: NntermApp) -> list[Region]:
    """Return the regions of neighbouring cells on the cursor's background."""
    wanted = Color.parse(app.get_css_variables()["block-cursor-background"]).hex
    found: list[Region] = []
    for y, line in enumerate(
        app.screen._compositor.render_strips()[1:], 1
    ):  # the first line marks the screen's tab
        x = 0
        for segment in line:
            ground = segment.style and segment.style.bgcolor
            if ground and Color.from_rich_color(ground).hex == wanted:
                found.append(Region(x, y, segment.cell_length, 1))
            x += segment.cell_length
    return _joined(found)


def _joined(runs: list[Region]) -> list[Region]:
    joined: list[Region] = []
    for run in runs:
        near = next((one for one in joined if one.grow((1, 2, 1, 2)).overlaps(run)), None)
        if near is None:
            joined.append(run)
        else:
            joined[joined.index(near)] = near.union(run)
    return joined


def is_where_the_focus_is(app: NntermApp) -> bool:
    """Return whether the highlighted cells are one region within the focused widget; a panel may have none."""
    focused, cells = app.focused, highlighted(app)
    has_cursor = isinstance(focused, FieldGrid | PresetList) or (
        isinstance(focused, DataTable) and focused.row_count > 0
    )
    if not cells:
        return not has_cursor
    return len(cells) == 1 and focused is not None and focused.region.contains_region(cells[0])


async def walk(app: NntermApp, pilot: Pilot[Any], seed: int, keys: list[str]) -> None:
    rng = random.Random(seed)
    for _ in range(12):
        await pilot.press(rng.choice(keys))
        await pilot.pause()
        if app.screen.is_modal:
            await pilot.press("escape")
        await until(pilot, lambda: is_where_the_focus_is(app))


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("mode", MODES)
async def test_the_highlighted_cell_is_where_the_focus_is(
    mode: str, size: tuple[int, int], tmp_path: Path
) -> None:
    app = NntermApp(tmp_path)
    app.session.dataset = "xor"
    async with app.run_test(size=size) as pilot:
        await app.switch_mode(mode)
        await until(pilot, lambda: app.current_mode == mode and not app.screen.loading)
        await until(pilot, lambda: app.focused is not None or mode not in ("data", "build"))
        await walk(app, pilot, 1, [key for key in KEYS if key not in ("enter", "escape")])


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_it_is_so_on_build_while_values_are_edited_and_clicked(
    size: tuple[int, int], tmp_path: Path
) -> None:
    app = NntermApp(tmp_path)
    app.session.dataset = "xor"
    async with app.run_test(size=size) as pilot:
        await app.switch_mode("build")
        await until(pilot, lambda: isinstance(app.focused, OptionList))
        await pilot.press("enter", "tab")
        await until(pilot, lambda: app.screen.query("FieldGrid"))
        grids = [*app.screen.query(FieldGrid)]
        for grid in grids:
            await pilot.click(grid, offset=(22, 1))
            await until(pilot, lambda grid=grid: app.focused is grid and is_where_the_focus_is(app))  # type: ignore[misc]
        grids[0].focus()
        await pilot.pause()
        for seed in (2, 3):
            await walk(app, pilot, seed, [*KEYS[:8], "plus", "minus"])
