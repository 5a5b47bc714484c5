"""The drawings of a walk: numbers on a small network, blocks for a large one, and the input itself."""

from pathlib import Path
from typing import Any

import pytest

from engine.glassbox import ExplainEvent, WalkStep
from tests.tui.gradients.test_gradients_screen import PASSED, STARTED, FakeCheck, draft
from tests.tui.gradients.walks import RealExplain, events_of
from tests.tui.hosts import LARGE, SMALL, each_size, make_host, seen, until
from tui.app import NntermApp
from tui.gradients.open_walk import open_walk
from tui.gradients.screen import GradientsScreen
from tui.gradients.small_network import LABEL, number
from tui.gradients.walk_drawing import WalkDrawing
from tui.gradients.walk_screen import WalkScreen
from tui.gradients.walk_steps import WalkList
from tui.gradients.walk_text import WalkText


@pytest.fixture(scope="module")
def xor() -> list[ExplainEvent]:
    return events_of("xor", [4])


@pytest.fixture(scope="module")
def digits() -> list[ExplainEvent]:
    return events_of("mnist", [128, 64])


def host(home: Path, events: list[ExplainEvent], **session: Any) -> tuple[NntermApp, RealExplain]:
    async def no_devices() -> tuple[()]:
        return ()

    explain = RealExplain(events)
    check = FakeCheck(STARTED, PASSED)
    app = make_host(
        home, "gradients", lambda: GradientsScreen(check, no_devices, explain), draft=draft(), **session
    )
    return app, explain


async def open_it(app: NntermApp, pilot: Any) -> None:
    await until(pilot, lambda: "gradients agree" in seen(app))
    await pilot.press("G")
    await until(pilot, lambda: isinstance(app.screen, WalkScreen) and "step 1 of" in seen(app))


def drawing(app: NntermApp) -> str:
    return str(app.screen.query_one(WalkDrawing).render())


async def test_a_small_network_shows_weights_then_activations_then_gradients(
    tmp_path: Path, xor: list[ExplainEvent]
) -> None:
    app, _ = host(tmp_path, xor)
    steps = [event for event in xor if isinstance(event, WalkStep)]
    async with app.run_test(size=LARGE) as pilot:
        await open_it(app, pilot)
        weights = steps[1].arrays[1].values
        assert all(number(weight) in drawing(app) for weight in weights)
        outputs = steps[2].arrays[1].values
        assert not any(f"● {number(value)}" in drawing(app) for value in outputs if value)
        await pilot.press("right", "right")
        assert all(f"● {number(value)}" in drawing(app) for value in outputs)
        await pilot.press("end")
        gradients = next(
            step for step in steps if step.title.startswith("layers.0") and "gradients of W" in step.title
        )
        assert all(number(value) in drawing(app) for value in gradients.arrays[2].values)
        assert "gradients, dL/dz" in seen(app)


async def test_a_large_network_is_drawn_anew_at_each_step(tmp_path: Path, digits: list[ExplainEvent]) -> None:
    app, _ = host(tmp_path, digits)
    async with app.run_test(size=LARGE) as pilot:
        await open_it(app, pilot)
        pictures = {drawing(app)}
        for _ in range(15):
            await pilot.press("right")
            await pilot.pause()
            pictures.add(str(app.screen.query_one(WalkDrawing).render().spans) + drawing(app))
        assert len(pictures) == 16, "a drawing was the same at two steps"
        assert "128 units" in drawing(app)


async def test_the_digit_is_drawn(tmp_path: Path, digits: list[ExplainEvent]) -> None:
    app, _ = host(tmp_path, digits)
    async with app.run_test(size=LARGE) as pilot:
        await open_it(app, pilot)
        strips = app.screen.query_one("#input").render_lines(app.screen.query_one("#input").region)  # type: ignore[arg-type]
        assert len(strips) >= 12
        assert "input: sample 1" in seen(app)


@pytest.mark.parametrize("which", ["xor", "digits"])
async def test_no_step_name_or_sentence_is_cut(
    which: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    events: list[ExplainEvent] = request.getfixturevalue(which)
    app, _ = host(tmp_path, events)
    async with app.run_test(size=SMALL) as pilot:
        await open_it(app, pilot)
        async for size in each_size(pilot):
            await pilot.press("home")
            for event in events:
                if not isinstance(event, WalkStep):
                    continue
                panel = app.screen.query_one("#step-panel")
                assert str(panel.border_title) == event.title
                assert len(event.title) <= panel.size.width - 2, size
                text = str(app.screen.query_one(WalkText).query_one("Static").render())  # type: ignore[attr-defined]
                assert event.words in " ".join(text.split()), size
                await pilot.press("right")
        titles = " ".join(str(app.screen.query_one(WalkList).render()).replace("›", " ").split())
        for event in events:
            if isinstance(event, WalkStep):
                assert event.title in titles or app.size == SMALL


async def test_n_shows_the_drawing_on_a_small_terminal(tmp_path: Path, xor: list[ExplainEvent]) -> None:
    app, _ = host(tmp_path, xor)
    async with app.run_test(size=SMALL) as pilot:
        await open_it(app, pilot)
        assert not app.screen.query_one("#drawing-panel").display
        await pilot.press("n", "right")
        await until(pilot, lambda: app.screen.query_one("#drawing-panel").display)
        assert "layers.0 tanh" in seen(app)
        assert "layers.1 sigmoid" in seen(app)
        await pilot.press("n")
        await until(pilot, lambda: app.screen.query_one("#step-panel").display)


async def test_the_result_is_bold_and_not_the_last_number(tmp_path: Path, digits: list[ExplainEvent]) -> None:
    app, _ = host(tmp_path, digits)
    sums = next(event for event in digits if isinstance(event, WalkStep) and "weighted sums" in event.title)
    async with app.run_test(size=LARGE) as pilot:
        await open_it(app, pilot)
        await pilot.press("right")
        content = app.screen.query_one(WalkText).query_one("Static").content  # type: ignore[attr-defined]
        bold = {content.plain[span.start : span.end] for span in content.spans if span.style == "bold"}
        assert bold == {
            line[start:end] for line, (start, end) in zip(sums.numbers, sums.results, strict=True)
        }


async def test_the_walk_of_a_step_is_opened_over_any_screen(
    tmp_path: Path, xor: list[ExplainEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, explain = host(tmp_path, xor, run="xor-1")
    monkeypatch.setattr(WalkScreen.__init__, "__defaults__", (explain,))
    async with app.run_test(size=LARGE) as pilot:
        await until(pilot, lambda: "gradients agree" in seen(app))
        await app.switch_mode("train")
        open_walk(app, "xor-1", 1265)
        await until(pilot, lambda: "step 1,265 of run xor-1" in seen(app))
        home = ["--home", str(tmp_path)]
        assert explain.asked == [["--run", "xor-1", "--at-step", "1265", *home, "--explain", "--json"]]
        assert "↑ ↓ sample" not in seen(app)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, WalkScreen))
        assert app.current_mode == "train"


@pytest.mark.parametrize(
    "value", [0.0, 1.0, -1.0, 0.123456, -0.000123456, 123456.0, -1.5e-30, 9.99999e99, None]
)
def test_a_number_fits_its_cells(value: float | None) -> None:
    assert 0 < len(number(value)) <= LABEL
