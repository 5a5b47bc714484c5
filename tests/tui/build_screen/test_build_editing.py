"""Editing on the Build screen by its keys: fields, layers, fixes, and arbitrary keys."""

import random
from pathlib import Path

import pytest
from textual.widgets import Static

from engine.errors import RunError
from engine.experiment.experiment import problems
from tests.tui.build_screen.host import BuildHost, at_layers, press, taken, until, verdict
from tests.tui.fake_runs import finding
from tests.tui.hosts import LARGE, SMALL, each_size, seen
from tui.build import doctor as draft_doctor
from tui.build.layer_table import LayerTable
from tui.build.readiness import ReadinessBar
from tui.build.training_form import TrainingForm
from tui.draft import tables
from tui.widgets.fix_dialog import FixDialog

# editing


async def test_units_double_and_halve(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await press(pilot, "plus", "plus", "minus")
        assert host.draft["network"]["layers"][0]["units"] == 256
        assert host.build.query_one(LayerTable).figures[0].output == "256"


async def test_enter_types_a_value_and_escape_leaves_it(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await press(pilot, "j", "enter", "3", "2", "enter")
        assert host.draft["network"]["layers"][1]["units"] == 32
        await press(pilot, "enter", "7", "escape")
        assert host.draft["network"]["layers"][1]["units"] == 32
        assert isinstance(host.focused, LayerTable)


async def test_a_wrong_value_is_reported_at_the_field_until_corrected(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await pilot.press("enter", "x")
        await press(pilot, "enter")
        table = host.build.query_one(LayerTable)
        complaint = table.query_one("#complaint", Static)
        assert complaint.display
        assert "whole number" in str(complaint.content)
        assert host.draft["network"]["layers"][0]["units"] == 128
        await press(pilot, "backspace", "9", "enter")
        assert not complaint.display
        assert host.draft["network"]["layers"][0]["units"] == 9


async def test_choices_are_cycled_and_escape_restores(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await press(pilot, "l", "enter", "right", "right")
        assert tables.name_of(host.draft["network"]["layers"][0]["activation"]) == "elu"
        await press(pilot, "escape")
        assert host.draft["network"]["layers"][0]["activation"] == "relu"
        await press(pilot, "enter", "left", "enter")
        assert host.draft["network"]["layers"][0]["activation"] == "tanh"
        await press(pilot, "u")
        assert host.draft["network"]["layers"][0]["activation"] == "relu"


async def test_cycling_there_and_back_keeps_the_options(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await taken(pilot)
        host.build.query_one("#learning").focus()
        await press(pilot, "j", "plus", "k")
        assert host.draft["training"]["optimizer"]["lr"] == 0.2
        await press(pilot, "right", "left")
        assert host.draft["training"]["optimizer"] == {
            "name": "sgd",
            "lr": 0.2,
            "weight_decay": 0.0,
            "momentum": 0.0,
            "nesterov": False,
        }


async def test_layers_are_added_duplicated_moved_and_removed(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)

        def units() -> list[int]:
            return [layer["units"] for layer in host.draft["network"]["layers"]]

        await press(pilot, "a", "enter")
        assert units() == [128, 128, 64, 10]
        await press(pilot, "minus", "J")
        assert units() == [128, 64, 64, 10]
        await press(pilot, "K", "K")
        assert units() == [64, 128, 64, 10]
        await press(pilot, "d", "delete")
        assert units() == [64, 128, 64, 10]
        await press(pilot, *["delete"] * 6)
        assert len(units()) == 1
        await press(pilot, *["u"] * 20)
        assert units() == [128, 64, 10]


async def test_down_leads_through_the_panels_to_the_bar(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        seen = [host.focused]
        for _ in range(40):
            await pilot.press("down")
            await pilot.pause()
            if host.focused is not seen[-1]:
                seen.append(host.focused)
            if isinstance(host.focused, ReadinessBar):
                break
        kinds = [type(widget) for widget in seen]
        assert kinds == [LayerTable, TrainingForm, TrainingForm, ReadinessBar]
        assert host.launched == []


async def test_letters_are_text_while_a_field_is_open(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await taken(pilot)
        form = host.build.query_one("#training", TrainingForm)
        form.focus()
        await press(pilot, "end", "enter", *"2tagfu", "enter")
        assert host.draft["name"] == "2tagfu"
        assert host.current_mode == "build"
        assert len(host.draft["network"]["layers"]) == 3


# problems


async def test_a_fix_shows_the_difference_first(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await press(pilot, "end", "minus")
        assert verdict(host) == "wrong"
        assert "10 classes" in host.build.bar.readiness.message
        await pilot.press("m")
        await until(pilot, lambda: isinstance(host.screen, FixDialog))
        assert "8  →  10" in str(host.screen.query_one("#difference", Static).content)
        await pilot.press("escape")
        await until(pilot, lambda: host.screen is host.build)
        assert verdict(host) == "wrong"
        await pilot.press("m")
        await until(pilot, lambda: isinstance(host.screen, FixDialog))
        await pilot.press("y")
        await until(pilot, lambda: verdict(host) == "ready")
        assert host.draft["network"]["layers"][2]["units"] == 10
        await pilot.press("enter")
        await until(pilot, lambda: host.launched)


async def test_what_is_wrong_does_not_start_until_forced(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await press(pilot, "end", "right", "minus")  # softplus
        assert verdict(host) == "wrong"
        assert host.build.bar.readiness.can_force
        await press(pilot, "t")
        assert host.launched == []
        await press(pilot, "f")
        assert verdict(host) == "forced"
        await pilot.press("t")
        await until(pilot, lambda: host.launched)
        assert host.launched[0].force
        assert host.measured == [True]


async def test_further_problems_are_counted(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await press(pilot, "enter", "0", "enter", "end", "minus")
        assert host.build.bar.readiness.more == 1
        assert "layers[0].units" in host.build.bar.readiness.message


# layout, and arbitrary keys


async def test_everything_fits(host: BuildHost) -> None:
    async with host.run_test(size=SMALL) as pilot:
        await taken(pilot)
        screen = host.build
        async for size in each_size(pilot, SMALL, (120, 35), LARGE):
            for widget in (screen.query_one(LayerTable), *screen.query(TrainingForm), screen.bar):
                assert screen.region.contains_region(widget.region), size
                assert widget.region.height >= 2, size
            assert screen.query_one("#drawing").region.width >= (40 if size[0] >= 120 else 0), size
            lines = screen.query_one(LayerTable).query_one("#lines", Static)
            for strip in lines.render_lines(lines.region.reset_offset):
                assert strip.cell_length <= size[0], size


KEYS = [
    *("up", "down", "left", "right", "enter", "escape", "plus", "minus", "tab", "home", "end"),
    *("a", "d", "delete", "J", "K", "u", "U", "m", "y", "f", "t", "p", "9", "0", "x", "backspace", "w"),
]


@pytest.mark.parametrize("seed", [1, 2])
async def test_any_keys_keep_a_draft_that_can_be_shown(
    host: BuildHost, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    host.refusal = RunError("not in this test")
    rng = random.Random(seed)
    async with host.run_test() as pilot:
        await at_layers(pilot)
        for _ in range(8):
            await pilot.press(*rng.choices(KEYS, k=5))
            draft = host.draft
            assert tables.complete(draft) == draft
            assert all(problem.message for problem in problems(draft))
        await pilot.press("escape", "escape")
        table = host.build.query_one(LayerTable)
        await until(pilot, lambda: len(table.rows) == len(host.draft["network"]["layers"]))


async def test_findings_about_the_draft_are_counted_shown_and_fixed(
    host: BuildHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft_doctor, "REST_S", 0.0)
    host.findings = [finding(remedy={"training.optimizer.lr": 0.5}, step=0)]
    async with host.run_test(size=(80, 24)) as pilot:
        await taken(pilot)
        await until(pilot, lambda: host.build.bar.found == "✗ 1 finding")
        before = host.draft["training"]["optimizer"]["lr"]
        await pilot.press("D")
        await until(pilot, lambda: "m  applies the suggested fix:" in seen(host))
        await pilot.press("m")
        await until(pilot, lambda: isinstance(host.screen, FixDialog))
        host.findings = []
        await press(pilot, "y")
        await until(pilot, lambda: host.screen is host.build and host.build.bar.found == "")
        assert host.draft["training"]["optimizer"]["lr"] == 0.5
        await press(pilot, "u")
        assert host.draft["training"]["optimizer"]["lr"] == before
