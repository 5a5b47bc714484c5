"""The Devices screen: what it shows at once and later, and copying commands."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from pathlib import Path

import pytest

from engine.devices.survey import Line, survey
from engine.errors import DeviceError
from tests.engine.devices.situations import CASES
from tests.tui.hosts import SMALL, Bare, each_size, make_host, seen, until
from tui.app import NntermApp
from tui.devices.advice_list import AdviceList
from tui.devices.screen import DevicesScreen
from tui.palette.provider import Everything
from tui.processes import survey as survey_process

VOLTA = "Volta in a build for CUDA 12.8 of 2.11"
WORDY = (
    "Pascal beside Blackwell",
    "an index that is not there",
    "no memory left",
    "MIG with instances",
    "container without the GPU",
)
"""Machines with several GPUs, or with the longest advice."""
Stream = Callable[[], AsyncGenerator[Line, None]]


def lines_of(name: str) -> list[Line]:
    situation = CASES[name].situation
    parts = (situation.torch, situation.host, situation.nvidia, situation.cpu)
    return list(survey(*(lambda part=part: part for part in parts)))  # type: ignore[misc]


def stream(lines: Iterable[Line], gate: asyncio.Event | None = None, fails: str = "") -> Stream:
    """A survey that yields the devices, waits for the gate, and yields the rest."""

    async def run() -> AsyncGenerator[Line, None]:
        for line in lines:
            if gate is not None and type(line).__name__ == "Torch":
                await gate.wait()
            yield line
        if fails:
            raise DeviceError(fails)

    return run


def host(home: Path, survey: Stream) -> NntermApp:
    return make_host(home, "devices", lambda: DevicesScreen(survey))


async def test_devices_are_shown_before_pytorch_has_answered(tmp_path: Path) -> None:
    gate = asyncio.Event()
    app = host(tmp_path, stream(lines_of(VOLTA), gate))
    async with app.run_test(size=SMALL) as pilot:
        async for size in each_size(pilot):
            await until(pilot, lambda: "Tesla V100" in seen(app))
            assert "Hardware and PyTorch" in seen(app), size
            assert "detecting …" in seen(app), size
            assert "testing it in a separate process" in seen(app), size
        gate.set()
        async for size in each_size(pilot):
            await until(pilot, lambda: "cuda:0 ✗" in seen(app) and "detecting" not in seen(app))
            assert "✗ PyTorch 2.11.0 (cu128) has no kernels for Tesla V100" in seen(app), size
            assert '"torch==2.11.0+cu126"' in seen(app), size
            keys = seen(app).splitlines()[-1]
            assert all(key in keys for key in ("copy", "^l refresh", "? help")), size


@pytest.mark.parametrize("name", WORDY)
async def test_advice_fits_in_80_columns(tmp_path: Path, name: str) -> None:
    app = host(tmp_path, stream(lines_of(name)))
    async with app.run_test(size=SMALL) as pilot:
        advice = app.screen.query_one(AdviceList)
        await until(pilot, lambda: advice.option_count == len(CASES[name].codes))
        assert advice.highlighted == 0
        assert advice.region.bottom <= SMALL[1] - 1
        command = CASES[name].command
        assert not command or command[-20:] in seen(app).replace("│", "").replace("\n", "")


async def test_enter_copies_the_command(tmp_path: Path) -> None:
    app = host(tmp_path, stream(lines_of(VOLTA)))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.screen.query_one(AdviceList).option_count)
        await pilot.press("enter")
        await until(pilot, lambda: app.clipboard == CASES[VOLTA].command)


async def test_advice_without_a_command_has_no_copy_key(tmp_path: Path) -> None:
    app = host(tmp_path, stream(lines_of("no GPU, CPU build")))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.screen.query_one(AdviceList).option_count)
        await pilot.press("enter", "y")
        await pilot.pause()
        assert app.clipboard == ""
        assert "copy" not in seen(app).splitlines()[-1]


async def test_ctrl_l_surveys_again(tmp_path: Path) -> None:
    machines = iter([VOLTA, "no GPU, CPU build"])

    def run() -> AsyncGenerator[Line, None]:
        return stream(lines_of(next(machines)))()

    app = host(tmp_path, run)
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: "Tesla V100" in seen(app) and "detecting" not in seen(app))
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "There is no GPU" in seen(app))
        assert "Tesla" not in seen(app)


async def test_a_failed_survey_shows_an_error_and_can_be_repeated(tmp_path: Path) -> None:
    lines = lines_of(VOLTA)[:2]
    app = host(tmp_path, stream(lines, fails="the survey broke down: boom"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "the survey broke down: boom" in seen(app))
        assert "Tesla V100" in seen(app)
        assert "detecting" not in seen(app)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "broke down" in seen(app))


async def test_escape_returns_to_the_previous_screen(tmp_path: Path) -> None:
    app = host(tmp_path, stream(lines_of(VOLTA)))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.action_switch_mode("train")
        await app.action_switch_mode("devices")
        await pilot.press("escape")
        await until(pilot, lambda: app.current_mode == "train")
        assert isinstance(app.screen, Bare)


async def test_the_palette_opens_the_screen(tmp_path: Path) -> None:
    app = make_host(tmp_path, "data", Bare)
    async with app.run_test(size=(80, 24)):
        provider = Everything(app.screen)
        await provider.startup()
        assert "Devices" in [str(hit.text) async for hit in provider.discover()]


async def test_help_explains_the_screen(tmp_path: Path) -> None:
    app = host(tmp_path, stream(lines_of(VOLTA)))
    async with app.run_test(size=(140, 45)) as pilot:
        await until(pilot, lambda: app.screen.query_one(AdviceList).option_count)
        await pilot.press("question_mark")
        await until(pilot, lambda: "Help · Devices" in seen(app))
        assert "detect the devices again" in seen(app)


class TestSurveyor:
    async def test_a_real_survey_ends_in_advice(self) -> None:
        lines = [line async for line in survey_process.survey()]
        assert type(lines[0]).__name__ == "DeviceLine"
        assert type(lines[-1]).__name__ == "Advice"

    @pytest.mark.parametrize(
        ("script", "words"),
        [("echo boom >&2; exit 3", "boom"), ("echo what", "what"), ("exit 4", "exit code 4")],
    )
    async def test_a_process_that_fails_is_an_error(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, words: str
    ) -> None:
        python = tmp_path / "python"
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o700)
        monkeypatch.setattr("sys.executable", str(python))
        with pytest.raises(DeviceError, match=words):
            _ = [line async for line in survey_process.survey()]
