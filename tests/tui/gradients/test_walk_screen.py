"""The step-through screen in the app: steps and samples by key, in both sizes."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from engine.glassbox.steps import ExplainFinished, ExplainStarted, LayerOutline, WalkStep
from tests.tui.gradients.test_gradients_screen import PASSED, STARTED, FakeCheck, draft
from tests.tui.hosts import SMALL, each_size, make_host, seen, text_of, until
from tests.tui.sentences import GRADIENTS_AGREE
from tui.app import NntermApp
from tui.gradients.screen import GradientsScreen
from tui.gradients.walk_screen import WalkScreen
from tui.gradients.walk_text import WalkText
from tui.processes.check import CheckError, ExplainLine

LAYERS = (LayerOutline("layers.0", "dense", 2, 4, "tanh"), LayerOutline("layers.1", "dense", 4, 1, "sigmoid"))


def step(index: int, kind: Any, part: int, parts: int, layer: str = "", **more: Any) -> WalkStep:
    numbers = more.pop("numbers", (f"z[0] = {index}·1 = {index}",))
    return WalkStep(
        index=index,
        kind=kind,
        part=part,
        parts=parts,
        layer=layer,
        title=f"title {index}",
        formula="z = W x + b",
        shapes="shapes",
        numbers=numbers,
        words="words",
        **more,
    )


STEPS = (
    step(1, "forward", 1, 2),
    step(2, "forward", 2, 2, "layers.0"),
    step(3, "loss", 1, 1),
    step(4, "backward", 1, 1, "layers.1", own_difference=3e-17),
    step(5, "update", 1, 1, "layers.0", numbers=tuple(f"line {i} = {i}" for i in range(60))),
)


class FakeExplain:
    """Yields the steps of the requested sample, or an error."""

    def __init__(self, trouble: CheckError | None = None) -> None:
        self.asked: list[list[str]] = []
        self.trouble = trouble

    async def __call__(self, arguments: Sequence[str]) -> AsyncGenerator[ExplainLine, None]:
        self.asked.append(list(arguments))
        await asyncio.sleep(0)
        if self.trouble:
            yield self.trouble
            return
        sample = int(arguments[arguments.index("--sample") + 1]) if "--sample" in arguments else 0
        yield ExplainStarted(
            architecture="2-4-1",
            layers=LAYERS,
            loss="mse",
            samples=(sample,),
            of_samples=4,
            targets=(f"class {sample}",),
            steps=len(STEPS),
            limits=("a limit",),
        )
        for one in STEPS:
            yield one
        yield ExplainFinished(passed=True, message="the same")


def host(home: Path, explain: FakeExplain, **session: Any) -> NntermApp:
    async def no_devices() -> tuple[()]:
        return ()

    check = FakeCheck(STARTED, PASSED)
    return make_host(home, "gradients", lambda: GradientsScreen(check, no_devices, explain), **session)


def is_at(app: NntermApp, index: int) -> bool:
    return f"title {index}" in str(app.screen.query_one("#step-panel").border_title)


async def test_the_keys_step_forward_and_back(tmp_path: Path) -> None:
    app = host(tmp_path, FakeExplain(), draft=draft())
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: GRADIENTS_AGREE in seen(app))
        async for size in each_size(pilot):
            await pilot.press("G")
            await until(pilot, lambda: isinstance(app.screen, WalkScreen) and is_at(app, 1))
            assert "forward 1/2" in seen(app), size
            assert "sample 0 (0–3), target class 0" in seen(app), size
            assert "a limit" in seen(app), size
            for key, index in (
                ("right", 2),
                ("l", 3),
                ("right", 4),
                ("left", 3),
                ("h", 2),
                ("left", 1),
                ("left", 1),
            ):
                await pilot.press(key)
                await until(pilot, lambda index=index: is_at(app, index))  # type: ignore[misc]
            await pilot.press("end")
            await until(pilot, lambda: is_at(app, 5) and "update 1/1" in seen(app))
            await pilot.press("right")
            assert is_at(app, 5), size
            await pilot.press("home")
            await until(pilot, lambda: is_at(app, 1))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, GradientsScreen))


async def test_up_and_down_choose_the_sample_and_keep_the_step(tmp_path: Path) -> None:
    explain = FakeExplain()
    app = host(tmp_path, explain, draft=draft())
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: GRADIENTS_AGREE in seen(app))
        async for size in each_size(pilot):
            await pilot.press("G")
            await until(pilot, lambda: isinstance(app.screen, WalkScreen) and is_at(app, 1))
            await pilot.press("end", "down")
            await until(pilot, lambda: "sample 1 (0–3), target class 1" in seen(app))
            assert is_at(app, 5), size
            await pilot.press("up", "up", "up")
            await until(pilot, lambda: "sample 0 (0–3)" in seen(app))
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, GradientsScreen))
        assert {arguments[-1] for arguments in explain.asked} == {"--json"}


async def test_a_long_step_scrolls_by_page(tmp_path: Path) -> None:
    app = host(tmp_path, FakeExplain(), draft=draft())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: GRADIENTS_AGREE in seen(app))
        await pilot.press("G")
        await until(pilot, lambda: isinstance(app.screen, WalkScreen) and is_at(app, 1))
        await pilot.press("end")
        await until(pilot, lambda: "line 5 = 5" in seen(app))
        await pilot.press("pagedown")
        await until(pilot, lambda: app.screen.query_one(WalkText).scroll_y > 0)
        assert "line 20 = 20" in seen(app)
        await pilot.press("pageup")
        await until(pilot, lambda: app.screen.query_one(WalkText).scroll_y == 0)


async def test_ctrl_l_reloads_the_steps_at_the_newest_weights(tmp_path: Path) -> None:
    explain = FakeExplain()
    app = host(tmp_path, explain, run="xor-1", check_run=True)
    async with app.run_test() as pilot:
        await until(pilot, lambda: GRADIENTS_AGREE in seen(app))
        await pilot.press("G")
        await until(pilot, lambda: isinstance(app.screen, WalkScreen) and is_at(app, 1))
        assert explain.asked[0] == [
            *("--run", "xor-1", "--home", str(tmp_path)),
            *("--explain", "--json"),
        ]
        await pilot.press("ctrl+l")
        await until(pilot, lambda: len(explain.asked) == 2)


async def test_an_error_replaces_the_sample(tmp_path: Path) -> None:
    app = host(tmp_path, FakeExplain(CheckError("xor-1 has no weights yet", "wait")), run="xor-1")
    async with app.run_test() as pilot:
        await until(pilot, lambda: GRADIENTS_AGREE in seen(app))
        await pilot.press("G")
        await until(
            pilot,
            lambda: (
                isinstance(app.screen, WalkScreen)
                and "xor-1 has no weights yet  wait" in text_of(app, "#about")
            ),
        )
        await pilot.press("right", "end", "down", "escape")
        await until(pilot, lambda: isinstance(app.screen, GradientsScreen))
