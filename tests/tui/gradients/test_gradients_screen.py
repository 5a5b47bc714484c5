"""The Gradients screen: what it checks and shows, and cancelling a check."""

import asyncio
import re
import sys
import tomllib
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.gradcheck.events import CheckFinished, CheckProgress, CheckStarted, ParameterReport, TensorShape
from engine.torch.devices.choose import Device
from tests.tui.hosts import SMALL, each_size, make_host, seen, text_of, until
from tests.tui.sentences import AGREES, GRADIENTS_AGREE
from tui.app import NntermApp
from tui.draft.tables import complete
from tui.gradients.check_details import CheckDetails
from tui.gradients.check_table import CheckTable
from tui.gradients.screen import GradientsScreen
from tui.gradients.verdict_bar import VerdictBar
from tui.processes.check import CPU, CheckError, CheckLine
from tui.shell.dialogs import ChoiceDialog

STARTED = CheckStarted(
    architecture="2-4-1",
    n_parameters=17,
    parameters=(TensorShape("layers.0.weight", (4, 2)), TensorShape("layers.0.bias", (4,))),
    checks=4,
    samples=32,
    device="auto",
    dtype="auto",
)
WEIGHT = ParameterReport(
    name="layers.0.weight",
    shape=(4, 2),
    index=(3, 1),
    analytic=-3.5979784e-4,
    finite_difference=-3.5979785e-4,
    largest_relative_error=3.7e-9,
    median_relative_error=8.9e-11,
    norm_ratio=5.5e-11,
    checked=8,
    directions=4,
    verdict="ok",
)
BIAS = ParameterReport(
    name="layers.0.bias",
    shape=(4,),
    index=(2,),
    analytic=0.5,
    finite_difference=-0.5,
    torch=-0.5,
    largest_relative_error=1.0,
    verdict="wrong",
    odd_one_out="analytic",
    diagnosis="−1 times the true gradient: a wrong sign",
)
PASSED = CheckFinished(
    passed=True,
    message="all 2 parameter tensors agree",
    culprit="",
    problems=(),
    worst=None,
    device="cpu",
    dtype="float64",
    torch_version="2.13.0",
    n_parameters=17,
    checked=17,
    directions=4,
    kinks=0,
    modes=(),
    blind_spots=(),
    notes=("a note",),
    seconds=0.5,
)
FAILED = replace(PASSED, passed=False, message="gradients disagree, beginning in layers.0", notes=())


class FakeCheck:
    """Yields the events that a test puts in, and records its arguments."""

    def __init__(self, *events: CheckLine) -> None:
        self.events: asyncio.Queue[CheckLine] = asyncio.Queue()
        self.asked: list[list[str]] = []
        self.drafts: list[dict[str, Any]] = []
        self.open = 0
        for event in events:
            self.events.put_nowait(event)

    async def __call__(self, arguments: Sequence[str]) -> AsyncGenerator[CheckLine, None]:
        self.asked.append(list(arguments))
        if arguments[0].endswith(".toml"):
            self.drafts.append(tomllib.loads(Path(arguments[0]).read_text()))
        self.open += 1
        try:
            while True:
                event = await self.events.get()
                yield event
                if isinstance(event, CheckFinished | CheckError):
                    return
        finally:
            self.open -= 1


def host(home: Path, check: FakeCheck, **session: Any) -> NntermApp:
    async def devices() -> tuple[Device, ...]:
        return CPU, Device("mps", "Apple GPU", ("float32",))

    return make_host(home, "gradients", lambda: GradientsScreen(check, devices), **session)


def draft() -> dict[str, Any]:
    return complete({"data": {"dataset": "xor"}})


def bar(app: NntermApp) -> VerdictBar:
    return app.screen_stack[0].query_one(VerdictBar)


async def test_without_a_subject_it_shows_the_next_keys(tmp_path: Path) -> None:
    check = FakeCheck()
    app = host(tmp_path, check)
    async with app.run_test(size=SMALL) as pilot:
        async for size in each_size(pilot):
            await until(pilot, lambda: "Nothing to check yet" in seen(app))
            await pilot.press("g", "S", "at", "P", "G", "ctrl+b", "escape")
            assert check.asked == [], size


async def test_a_draft_is_checked_at_once_and_fills_the_table(tmp_path: Path) -> None:
    check = FakeCheck(STARTED, CheckProgress(done=1, total=4, phase="finite differences"))
    app = host(tmp_path, check, draft=draft())
    async with app.run_test(size=SMALL) as pilot:
        async for size in each_size(pilot):
            await until(pilot, lambda: "layers.0.bias" in seen(app) and "25%" in seen(app))
            assert check.drafts[0]["data"]["dataset"] == "xor"
            assert "network on Build (xor), step 0" in seen(app), size
        check.events.put_nowait(WEIGHT)
        async for size in each_size(pilot):
            await until(pilot, lambda: AGREES in seen(app) and "3.7e-09" in seen(app))
            assert "-3.5980e-04" in seen(app) or "-3.597978400e-04" in seen(app), size
        check.events.put_nowait(PASSED)
        async for size in each_size(pilot):
            await until(pilot, lambda: GRADIENTS_AGREE in seen(app))
            assert "all 2 parameter tensors agree" in seen(app), size
            assert "PyTorch: cpu, float64" in seen(app), size
        assert not Path(check.asked[0][0]).exists()


async def test_a_wrong_gradient_is_shown_with_its_diagnosis(tmp_path: Path) -> None:
    check = FakeCheck(STARTED, WEIGHT, BIAS, FAILED)
    app = host(tmp_path, check, draft=draft())
    async with app.run_test(size=SMALL) as pilot:
        async for size in each_size(pilot):
            await until(pilot, lambda: "✗ gradients disagree" in seen(app))
            await until(pilot, lambda: app.screen.query_one(CheckDetails).row == BIAS)
            assert bar(app).words == "beginning in layers.0", size
            await until(pilot, lambda: "a wrong sign" in seen(app))
            assert "✗ wrong" in seen(app), size
            assert re.search(r"outlier +analytic", seen(app)), size
            app.screen.query_one(CheckTable).focus()
            await pilot.press("k")
            assert app.screen.query_one(CheckDetails).row == WEIGHT, size
            await pilot.press("j")


async def test_the_run_is_checked_at_its_newest_weights_and_shift_s_switches_to_the_draft(
    tmp_path: Path,
) -> None:
    check = FakeCheck(replace(STARTED, step=1265), PASSED)
    app = host(tmp_path, check, draft=draft(), run="xor-1", check_run=True)
    async with app.run_test() as pilot:
        await until(pilot, lambda: bar(app).state == "passed")
        assert check.asked[0][:4] == ["--run", "xor-1", "--home", str(tmp_path)]
        assert "run xor-1 at step 1,265 (newest checkpoint)" in seen(app)
        check.events.put_nowait(PASSED)
        await pilot.press("S")
        await until(pilot, lambda: len(check.drafts) == 1)
        assert not app.session.check_run
        assert "network on Build" in text_of(app, "#subject")


async def test_escape_cancels_a_running_check_and_g_restarts_it(tmp_path: Path) -> None:
    check = FakeCheck(STARTED)
    app = host(tmp_path, check, draft=draft())
    async with app.run_test() as pilot:
        await until(pilot, lambda: bar(app).words.startswith("finite differences"))
        await pilot.press("escape")
        await until(pilot, lambda: check.open == 0)
        assert bar(app).state == "cancelled"
        check.events.put_nowait(PASSED)
        await pilot.press("g")
        await until(pilot, lambda: bar(app).state == "passed")
        assert len(check.asked) == 2


async def test_g_during_a_check_restarts_it_with_one_process(tmp_path: Path) -> None:
    check = FakeCheck(STARTED)
    app = host(tmp_path, check, draft=draft())
    async with app.run_test() as pilot:
        await until(pilot, lambda: bar(app).words.startswith("finite differences"))
        await pilot.press("g")
        await until(pilot, lambda: len(check.asked) == 2 and check.open == 1)
        assert bar(app).state == "running"


async def test_an_error_replaces_the_verdict(tmp_path: Path) -> None:
    check = FakeCheck(CheckError("xor-1 has no weights yet", "wait until its training has started"))
    app = host(tmp_path, check, run="xor-1")
    async with app.run_test() as pilot:
        await until(pilot, lambda: bar(app).state == "broken")
        assert "xor-1 has no weights yet  wait until its training has started" in bar(app).words
        assert "✗ no check" in seen(app)


async def test_a_device_is_chosen_among_those_of_this_machine(tmp_path: Path) -> None:
    check = FakeCheck(STARTED, PASSED)
    app = host(tmp_path, check, draft=draft())
    async with app.run_test() as pilot:
        await until(pilot, lambda: bar(app).state == "passed")
        await pilot.press("at")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog) and "Apple GPU" in seen(app))
        check.events.put_nowait(PASSED)
        await pilot.press("2")
        await until(pilot, lambda: len(check.asked) == 2)
        assert check.asked[1][-5:] == ["--device", "mps", "--dtype", "auto", "--json"]
        await pilot.press("P")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        assert "float64:" not in seen(app)
        await pilot.press("2")
        await until(pilot, lambda: len(check.asked) == 3)
        assert check.asked[2][-2:] == ["float32", "--json"]


async def test_a_result_stays_when_the_screen_is_opened_again(tmp_path: Path) -> None:
    check = FakeCheck(STARTED, PASSED)
    app = host(tmp_path, check, draft=draft())
    async with app.run_test() as pilot:
        await until(pilot, lambda: bar(app).state == "passed")
        await app.switch_mode("data")
        await app.switch_mode("gradients")
        await until(pilot, lambda: GRADIENTS_AGREE in seen(app))
        assert len(check.asked) == 1


async def test_a_draft_that_cannot_be_written_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("tui.draft.files.save_draft", refuse)
    app = host(tmp_path, FakeCheck(), draft=draft())
    async with app.run_test() as pilot:
        await until(pilot, lambda: bar(app).state == "broken")
        assert "the disk is full" in seen(app)


async def test_torch_is_never_imported_here(tmp_path: Path) -> None:
    app = host(tmp_path, FakeCheck(STARTED, PASSED), draft=draft())
    before = "torch" in sys.modules
    async with app.run_test() as pilot:
        await until(pilot, lambda: bar(app).state == "passed")
    assert ("torch" in sys.modules) == before


async def test_g_on_the_way_in_starts_one_check_not_two(tmp_path: Path) -> None:
    check = FakeCheck()
    app = host(tmp_path, check, draft=draft())
    async with app.run_test() as pilot:
        await until(pilot, lambda: check.open == 1)
        await pilot.press("g")
        await pilot.pause()
        assert len(check.asked) == 1
