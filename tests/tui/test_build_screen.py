"""The Build screen by its keys: from a preset to a training, editing, mending, files."""

import random
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static

import tui.app
from engine.errors import RunError
from engine.experiment import Experiment, problems
from tui.app import NntermApp
from tui.draft import tables
from tui.screens.build import BuildScreen
from tui.widgets.build_dialogs import CommandLineDialog, MendDialog, PathDialog
from tui.widgets.layer_table import LayerTable
from tui.widgets.preset_list import PresetList
from tui.widgets.readiness import ReadinessBar
from tui.widgets.training_form import TrainingForm


class BuildHost(NntermApp):
    """The app with the Build screen first, and a launcher that only remembers."""

    CSS_PATH = Path(tui.app.__file__).with_name("app.tcss")
    DEFAULT_MODE = "build"

    def __init__(self, dataset: str | None = "mnist") -> None:
        self.launched: list[Experiment] = []
        self.refusal: Exception | None = None
        super().__init__()
        self.session.dataset = dataset

    def launch(self, experiment: Experiment, home: Path | None) -> Any:
        if self.refusal:
            raise self.refusal
        self.launched.append(experiment)
        return SimpleNamespace(name="run-1")

    @property
    def build(self) -> BuildScreen:
        screen = next(screen for screen in self.screen_stack if isinstance(screen, BuildScreen))
        assert isinstance(screen, BuildScreen)
        return screen

    @property
    def draft(self) -> dict[str, Any]:
        assert self.build.editor.draft is not None
        return self.build.editor.draft


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> BuildHost:
    return make_host(monkeypatch)


def make_host(monkeypatch: pytest.MonkeyPatch, dataset: str | None = "mnist") -> BuildHost:
    app: BuildHost
    modes = {"build": lambda: BuildScreen(app.launch), "data": Screen, "train": Screen, "gradients": Screen}
    monkeypatch.setattr(BuildHost, "MODES", modes)
    app = BuildHost(dataset)
    return app


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    for _ in range(500):
        if condition():
            return
        await pilot.pause()
    raise AssertionError("it did not happen")


def settled(app: BuildHost) -> bool:
    return app.current_mode == "build" and app.build.bar.readiness.verdict not in ("empty", "checking", "starting")


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys and wait for the verdict."""
    await pilot.press(*keys)
    await pilot.pause()
    app = pilot.app
    assert isinstance(app, BuildHost)
    await until(pilot, lambda: settled(app))


async def taken(pilot: Pilot[Any]) -> None:
    """Take the first preset."""
    app = pilot.app
    assert isinstance(app, BuildHost)
    await until(pilot, lambda: isinstance(app.focused, PresetList) and settled(app))
    await press(pilot, "enter")


async def at_layers(pilot: Pilot[Any]) -> None:
    """Take the first preset and go to the first layer's units."""
    await taken(pilot)
    pilot.app.screen.query_one(LayerTable).focus()
    await pilot.pause()


def verdict(app: BuildHost) -> str:
    return app.build.bar.readiness.verdict


# from the preset to the training


async def test_enter_takes_a_preset_and_enter_trains_it(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await until(pilot, lambda: isinstance(host.focused, PresetList))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: host.current_mode == "train")
        assert host.session.run == "run-1"
        assert [layer.units for layer in host.launched[0].network.layers] == [128, 64, 10]


async def test_presets_for_the_dataset_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    host = make_host(monkeypatch, "xor")
    async with host.run_test() as pilot:
        await taken(pilot)
        assert host.draft["name"] == "xor"
        assert host.session.draft is host.draft


async def test_another_dataset_offers_its_presets(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await taken(pilot)
        await host.switch_mode("data")
        host.session.dataset, host.session.draft = "moons", None
        await host.switch_mode("build")
        await until(pilot, lambda: host.build.is_offering)
        await press(pilot, "enter")
        assert host.draft["data"]["dataset"] == "moons"


async def test_escape_leaves_the_presets_for_the_draft(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await taken(pilot)
        draft = host.draft
        await press(pilot, "p")
        assert host.build.is_offering
        await press(pilot, "down", "escape")
        assert not host.build.is_offering
        assert host.draft is draft
        assert verdict(host) == "ready"


async def test_coming_back_keeps_the_draft(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await press(pilot, "plus")
        await host.switch_mode("data")
        await host.switch_mode("build")
        await until(pilot, lambda: settled(host))
        assert host.draft["network"]["layers"][0]["units"] == 256
        assert not host.build.is_offering


async def test_a_draft_from_another_screen_is_taken_over(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await taken(pilot)
        await host.switch_mode("data")
        host.session.draft = {"data": {"dataset": "mnist"}, "network": {"layers": [{"units": 10}]}}
        await host.switch_mode("build")
        await until(pilot, lambda: len(host.draft["network"]["layers"]) == 1)


async def test_a_file_that_is_gone_is_said_in_the_bar(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    host = make_host(monkeypatch, str(tmp_path / "gone.npz"))
    async with host.run_test() as pilot:
        await taken(pilot)
        await press(pilot, "p", "escape")
        draft = tables.with_value(host.draft, "data.dataset", str(tmp_path / "gone.npz"))
        host.build.editor.change(draft)
        await until(pilot, lambda: verdict(host) == "wrong")
        assert "gone.npz" in host.build.bar.readiness.message


async def test_a_refused_start_is_said_and_can_be_tried_again(host: BuildHost) -> None:
    host.refusal = RunError("cannot write the run's folder: no space left on device", "free some space")
    async with host.run_test() as pilot:
        await taken(pilot)
        await press(pilot, "enter")
        assert verdict(host) == "failed"
        assert "no space left" in host.build.bar.readiness.message
        host.refusal = OSError(28, "No space left on device", "/runs")
        await press(pilot, "enter")
        assert "No space left on device: /runs" in host.build.bar.readiness.message
        host.refusal = None
        await pilot.press("enter")
        await until(pilot, lambda: host.current_mode == "train")


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


async def test_a_wrong_value_is_said_at_the_field_until_mended(host: BuildHost) -> None:
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


async def test_choices_are_leafed_through_and_escape_restores(host: BuildHost) -> None:
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


async def test_leafing_there_and_back_keeps_the_options(host: BuildHost) -> None:
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

        await press(pilot, "a")
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


async def test_mending_shows_the_difference_first(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await press(pilot, "end", "minus")
        assert verdict(host) == "wrong"
        assert "10 classes" in host.build.bar.readiness.message
        await pilot.press("m")
        await until(pilot, lambda: isinstance(host.screen, MendDialog))
        assert "8  →  10" in str(host.screen.query_one("#difference", Static).content)
        await pilot.press("escape")
        await until(pilot, lambda: host.screen is host.build)
        assert verdict(host) == "wrong"
        await pilot.press("m")
        await until(pilot, lambda: isinstance(host.screen, MendDialog))
        await pilot.press("y")
        await until(pilot, lambda: verdict(host) == "ready")
        assert host.draft["network"]["layers"][2]["units"] == 10
        await pilot.press("enter")
        await until(pilot, lambda: host.launched)


async def test_what_is_wrong_does_not_start_until_forced(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await press(pilot, "end", "right", "minus")
        assert verdict(host) == "ready"  # linear outputs are logits
        await press(pilot, "plus", "plus")
        assert verdict(host) == "wrong"
        assert host.build.bar.readiness.can_force
        await press(pilot, "t")
        assert host.launched == []
        await press(pilot, "f")
        assert verdict(host) == "forced"
        await pilot.press("t")
        await until(pilot, lambda: host.launched)
        assert host.launched[0].force


async def test_further_problems_are_counted(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await at_layers(pilot)
        await press(pilot, "enter", "0", "enter", "end", "minus")
        assert host.build.bar.readiness.more == 1
        assert "layers[0].units" in host.build.bar.readiness.message


# files and the command line


async def test_the_draft_is_saved_and_never_replaces_silently(
    host: BuildHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with host.run_test() as pilot:
        await taken(pilot)
        await pilot.press("w")
        await until(pilot, lambda: isinstance(host.screen, PathDialog))
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "mnist-mlp.toml").exists() and host.screen is host.build)
        (tmp_path / "mnist-mlp.toml").write_text("mine")
        await pilot.press("w")
        await until(pilot, lambda: isinstance(host.screen, PathDialog))
        await pilot.press("enter")
        complaint = host.screen.query_one("#complaint", Static)
        await until(pilot, lambda: "there already" in str(complaint.content))
        assert (tmp_path / "mnist-mlp.toml").read_text() == "mine"
        await pilot.press("enter")
        await until(pilot, lambda: host.screen is host.build)
        assert Experiment.load(tmp_path / "mnist-mlp.toml").name == "mnist-mlp"


async def test_a_wrong_file_is_said_at_the_field(host: BuildHost, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("name = ")
    async with host.run_test() as pilot:
        await taken(pilot)
        draft = host.draft
        await pilot.press("o")
        await until(pilot, lambda: isinstance(host.screen, PathDialog))
        host.screen.query_one(Input).value = str(tmp_path / "bad.toml")
        await pilot.press("enter")
        complaint = host.screen.query_one("#complaint", Static)
        await until(pilot, lambda: "TOML" in str(complaint.content))
        await pilot.press("escape")
        await until(pilot, lambda: host.screen is host.build)
        assert host.draft is draft


async def test_a_file_is_opened(host: BuildHost, tmp_path: Path) -> None:
    Experiment.quick("moons", [8]).save(tmp_path / "moons.toml")
    async with host.run_test() as pilot:
        await until(pilot, lambda: isinstance(host.focused, PresetList))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(host.screen, PathDialog))
        host.screen.query_one(Input).value = str(tmp_path / "moons.toml")
        await pilot.press("enter")
        await until(pilot, lambda: host.screen is host.build and not host.build.is_offering)
        assert host.draft["data"]["dataset"] == "moons"
        assert host.session.dataset == "moons"


async def test_the_command_line_is_copied_and_shown(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await taken(pilot)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(host.screen, CommandLineDialog))
        shown = str(host.screen.query_one("#line", Static).content)
        assert shown.startswith("nnterm train --dataset mnist --layers 128,64 ")
        assert host.clipboard == shown


async def test_gradients_are_proved_for_the_draft(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await taken(pilot)
        host.session.check_run = True
        await pilot.press("g")
        await until(pilot, lambda: host.current_mode == "gradients")
        assert host.session.draft is not None
        assert not host.session.check_run


# how it looks, and any keys at all


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (140, 45)])
async def test_everything_fits(host: BuildHost, size: tuple[int, int]) -> None:
    async with host.run_test(size=size) as pilot:
        await taken(pilot)
        screen = host.build
        for widget in (screen.query_one(LayerTable), *screen.query(TrainingForm), screen.bar):
            assert screen.region.contains_region(widget.region)
            assert widget.region.height >= 2
        assert screen.query_one("#drawing").region.width >= (40 if size[0] >= 120 else 0)
        for strip in screen.query_one(LayerTable).query_one("#lines", Static).render_lines(
            screen.query_one("#lines").region.reset_offset
        ):
            assert strip.cell_length <= size[0]


KEYS = [
    *("up", "down", "left", "right", "enter", "escape", "plus", "minus", "tab", "home", "end"),
    *("a", "d", "delete", "J", "K", "u", "U", "m", "y", "f", "t", "p", "5", "0", "x", "backspace", "w"),
]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_keys_keep_a_draft_that_can_be_shown(
    host: BuildHost, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    host.refusal = RunError("not in this test")
    rng = random.Random(seed)
    async with host.run_test() as pilot:
        await at_layers(pilot)
        for _ in range(60):
            await pilot.press(rng.choice(KEYS))
            draft = host.draft
            assert tables.complete(draft) == draft
            assert all(problem.message for problem in problems(draft))
        await pilot.press("escape", "escape")
        table = host.build.query_one(LayerTable)
        await until(pilot, lambda: len(table.rows) == len(host.draft["network"]["layers"]))
