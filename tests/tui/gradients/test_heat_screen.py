"""The error maps in the app: below the table if they fit, and on a screen of their own by enter."""

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from engine.gradcheck.events import HeatMap
from engine.torch.devices.choose import Device
from tests.tui.gradients.test_gradients_screen import BIAS, FAILED, STARTED, WEIGHT, FakeCheck, draft
from tests.tui.hosts import SMALL, each_size, make_host, seen, until
from tests.tui.sentences import AGAINST_DIFFERENCES, AGAINST_PYTORCH, AGREES, GRADIENTS_DISAGREE
from tui.app import NntermApp
from tui.gradients.heat_map import HeatMapView
from tui.gradients.heat_screen import HeatScreen
from tui.gradients.screen import GradientsScreen

ROWS = ((-9.0, -9.0), (-9.0, None), (-0.5, -0.3), (-9.0, -9.0))
EXACT = ((-16.0, -16.0), (-16.0, -16.0), (0.0, 0.3), (-16.0, -16.0))
OF_WEIGHT = HeatMap(
    name="layers.0.weight",
    shape=(4, 2),
    axes=("unit", "input"),
    block=(1, 1),
    differences=ROWS,
    torch=EXACT,
    kinks=((1, 1),),
    worst=(2, 1),
)
OF_BIAS = HeatMap(
    name="layers.0.bias",
    shape=(4,),
    axes=("", "unit"),
    block=(1, 1),
    differences=((-9.0, -9.0, -9.0, None),),
    torch=None,
    kinks=(),
    worst=None,
)
EVENTS = (STARTED, WEIGHT, BIAS, OF_WEIGHT, OF_BIAS, FAILED)


def host(home: Path, check: FakeCheck, **session: Any) -> NntermApp:
    async def devices() -> tuple[Device, ...]:
        return ()

    return make_host(home, "gradients", lambda: GradientsScreen(check, devices), **session)


async def test_a_tall_screen_shows_the_map_of_the_selected_tensor(tmp_path: Path) -> None:
    app = host(tmp_path, FakeCheck(*EVENTS), draft=draft())
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: GRADIENTS_DISAGREE in seen(app))
        await pilot.press("k")
        await until(pilot, lambda: AGAINST_DIFFERENCES in seen(app) and AGAINST_PYTORCH in seen(app))
        assert "unit↓" in seen(app)
        assert "~" in seen(app)
        assert "◆" in seen(app)
        await pilot.press("j")
        await until(pilot, lambda: AGAINST_PYTORCH not in seen(app))
        assert AGAINST_DIFFERENCES in seen(app)


async def test_enter_opens_the_map_and_keys_change_the_tensor(tmp_path: Path) -> None:
    app = host(tmp_path, FakeCheck(*EVENTS), draft=draft())
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: GRADIENTS_DISAGREE in seen(app))
        async for _ in each_size(pilot):
            await pilot.press("k", "enter")
            await until(pilot, lambda: isinstance(app.screen, HeatScreen) and "4 × 2  ·  1 of 2" in seen(app))
            await until(pilot, lambda: "▸" in seen(app) and "▾" in seen(app))
            await pilot.press("down")
            await until(pilot, lambda: "layers.0.bias" in seen(app) and "2 of 2" in seen(app))
            await pilot.press("down", "up", "k")
            await until(pilot, lambda: "layers.0.weight" in seen(app))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, GradientsScreen))


async def test_if_one_map_fits_n_chooses_the_reference(tmp_path: Path) -> None:
    wide = replace(
        OF_WEIGHT,
        shape=(1, 60),
        differences=((-9.0,) * 60,),
        torch=((-16.0,) * 60,),
        kinks=(),
        worst=(0, 0),
    )
    app = host(tmp_path, FakeCheck(STARTED, WEIGHT, wide, FAILED), draft=draft())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: GRADIENTS_DISAGREE in seen(app))
        await pilot.press("k", "enter")
        await until(pilot, lambda: isinstance(app.screen, HeatScreen) and AGAINST_PYTORCH in seen(app))
        assert AGAINST_DIFFERENCES not in seen(app)
        await pilot.press("n")
        await until(pilot, lambda: AGAINST_DIFFERENCES in seen(app))
        await pilot.press("n")
        await until(pilot, lambda: AGAINST_PYTORCH in seen(app))


async def test_a_running_check_updates_the_open_map(tmp_path: Path) -> None:
    check = FakeCheck(STARTED, WEIGHT)
    app = host(tmp_path, check, draft=draft())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: AGREES in seen(app))
        await pilot.press("enter")
        await until(
            pilot, lambda: isinstance(app.screen, HeatScreen) and "nothing was compared yet" in seen(app)
        )
        check.events.put_nowait(OF_WEIGHT)
        await until(pilot, lambda: app.screen.query_one(HeatMapView).heat == OF_WEIGHT)
        assert AGAINST_PYTORCH in seen(app)
