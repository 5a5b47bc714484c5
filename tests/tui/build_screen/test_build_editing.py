"""Editing on the Build screen by its keys: fields, layers, fixes, and arbitrary keys."""

import random
from pathlib import Path
from typing import Any

import pytest
from textual.containers import Horizontal
from textual.pilot import Pilot
from textual.widgets import Static

from engine.errors import RunError
from engine.experiment.experiment import problems
from engine.nn.activations import ACTIVATIONS
from tests.tui.build_screen.host import BuildHost, at_layers, press, taken, until, verdict
from tests.tui.fake_runs import finding
from tests.tui.hosts import LARGE, SMALL, each_size, seen
from tui.build import doctor as draft_doctor
from tui.build.layer_table import LayerTable
from tui.build.readiness import ReadinessBar
from tui.draft import tables
from tui.draft.choices import note_on
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.field_grid import FieldGrid
from tui.widgets.fix_dialog import FixDialog
from tui.widgets.menu_list import MenuList
from tui.widgets.training_form import TrainingForm

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


async def opened(host: BuildHost, pilot: Pilot[Any]) -> ChoiceMenu:
    """Open the list of choices under the cursor."""
    await pilot.press("enter")
    await until(
        pilot, lambda: isinstance(host.screen, ChoiceMenu) and host.screen.query_one(MenuList).has_focus
    )
    assert isinstance(host.screen, ChoiceMenu)
    return host.screen


def activation(host: BuildHost, layer: int = 0) -> str:
    return tables.name_of(host.draft["network"]["layers"][layer]["activation"])


async def test_a_choice_is_selected_from_a_list_and_undone_in_one_step(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await press(pilot, "l")
        menu = await opened(host, pilot)
        assert menu.query_one(MenuList).option_count == len(("auto", *ACTIVATIONS))
        await press(pilot, "down", "down", "enter")
        await until(pilot, lambda: activation(host) == "elu")
        await press(pilot, "u")
        assert activation(host) == "relu"


async def test_escape_and_a_click_elsewhere_leave_the_choice_as_it_was(host: BuildHost) -> None:
    async with host.run_test(size=LARGE) as pilot:
        await at_layers(pilot)
        await press(pilot, "l")
        draft = host.draft
        await opened(host, pilot)
        await press(pilot, "down", "escape")
        await opened(host, pilot)
        await pilot.click(offset=(1, 44))
        await until(pilot, lambda: host.screen is host.build)
        assert host.draft is draft


async def test_letters_jump_to_a_choice_and_a_click_selects_it(host: BuildHost) -> None:
    async with host.run_test(size=LARGE) as pilot:
        await at_layers(pilot)
        await press(pilot, "l")
        menu = await opened(host, pilot)
        shown = menu.query_one(MenuList)

        def highlighted() -> str:
            return ["auto", *ACTIVATIONS][shown.highlighted or 0]

        for letter, expected in (("s", "silu"), ("o", "softplus"), ("s", "softmax"), ("t", "step")):
            await pilot.press(letter)
            assert highlighted() == expected
        await pilot.press("t", "a")
        assert highlighted() == "tanh"
        await pilot.click(MenuList, offset=(2, 1))
        await until(pilot, lambda: activation(host) == "linear")


async def test_the_list_fits_and_shows_every_choice_with_formula_and_curve(host: BuildHost) -> None:
    async with host.run_test(size=SMALL) as pilot:
        await at_layers(pilot)
        async for size in each_size(pilot):
            for form, key in (("#layers", "init"), ("#layers", "activation"), ("#learning", "optimizer")):
                grid = host.build.query_one(form, FieldGrid)
                place = next(
                    (row, i)
                    for row, fields in enumerate(grid.rows)
                    for i, field in enumerate(fields)
                    if field.key.endswith(key)
                )
                grid.focus()
                grid.cursor = place
                await pilot.pause()
                menu = await opened(host, pilot)
                box = menu.query_one(Horizontal).region
                assert menu.region.contains_region(box), (size, key)
                shown, choices = menu.query_one(MenuList), grid.rows[place[0]][place[1]].choices
                await pilot.press("home")
                for choice in choices if size == SMALL else choices[:1]:
                    await until(pilot, lambda choice=choice: f" {choice} " in seen(host))  # type: ignore[misc]
                    note = note_on(grid.rows[place[0]][place[1]], choice)
                    assert note.words, choice
                    if note.curve:
                        assert any("⠀" < sign <= "⣿" for sign in seen(host)), choice
                    await pilot.press("down")
                assert shown.highlighted is not None
                await press(pilot, "escape")
                await until(pilot, lambda: host.screen is host.build)


async def test_all_hidden_layers_are_set_at_once(host: BuildHost) -> None:
    async with host.run_test(size=SMALL) as pilot:
        await at_layers(pilot)
        table = host.build.query_one(LayerTable)
        await press(pilot, "up")
        assert table.is_on_all
        assert table.rows[0][0].shown == "mixed"
        await press(pilot, "enter", *"32", "enter")
        await press(pilot, "right")
        await opened(host, pilot)
        await press(pilot, "s", "enter")
        await until(pilot, lambda: activation(host, 0).startswith("s"))
        layers = host.draft["network"]["layers"]
        assert [layer["units"] for layer in layers] == [32, 32, 10]
        assert activation(host, 1) == activation(host, 0)
        assert activation(host, 2) == "softmax"
        await press(pilot, "plus")
        assert activation(host, 1) == activation(host, 0)
        await press(pilot, "ctrl+d")
        assert [layer["units"] for layer in host.draft["network"]["layers"]] == [32, 32, 32, 10]
        assert table.is_on_all
        await press(pilot, "delete")
        assert len(host.draft["network"]["layers"]) == 4
        await press(pilot, *["u"] * 5)
        assert [layer["units"] for layer in host.draft["network"]["layers"]] == [128, 64, 10]


async def test_arrows_never_change_a_value(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await taken(pilot)
        draft = host.draft
        for form, key, neighbour in (("learning", "right", "training"), ("training", "left", "learning")):
            host.build.query_one(f"#{form}").focus()
            await press(pilot, "down", key)
            assert host.focused is host.build.query_one(f"#{neighbour}")
        rng = random.Random(4)
        await press(pilot, *rng.choices(["left", "right", "up", "down", "home", "end", "tab"], k=60))
        assert host.draft is draft


async def test_cycling_there_and_back_keeps_the_options(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await taken(pilot)
        host.build.query_one("#learning").focus()
        await press(pilot, "j", "plus", "k")
        assert host.draft["training"]["optimizer"]["lr"] == 0.2
        await press(pilot, "plus", "minus")
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
        await press(pilot, "ctrl+d", "delete")
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
        await press(pilot, "exclamation_mark")
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
    *(
        "a",
        "ctrl+d",
        "delete",
        "J",
        "K",
        "u",
        "ctrl+r",
        "m",
        "y",
        "exclamation_mark",
        "t",
        "p",
        "9",
        "0",
        "x",
    ),
    *("backspace", "w"),
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
        await until(pilot, lambda: len(table.rows) - table.shift == len(host.draft["network"]["layers"]))


async def test_findings_about_the_draft_are_counted_shown_and_fixed(
    host: BuildHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft_doctor, "REST_S", 0.0)
    host.findings = [finding(remedy={"training.optimizer.lr": 0.5}, step=0)]
    async with host.run_test(size=(80, 24)) as pilot:
        await taken(pilot)
        await until(pilot, lambda: host.build.bar.found == "✗ 1 finding")
        before = host.draft["training"]["optimizer"]["lr"]
        await pilot.press("d")
        await until(pilot, lambda: "m  applies the suggested fix:" in seen(host))
        await pilot.press("m")
        await until(pilot, lambda: isinstance(host.screen, FixDialog))
        host.findings = []
        await press(pilot, "y")
        await until(pilot, lambda: host.screen is host.build and host.build.bar.found == "")
        assert host.draft["training"]["optimizer"]["lr"] == 0.5
        await press(pilot, "u")
        assert host.draft["training"]["optimizer"]["lr"] == before
