"""The Build screen by its keys: from a preset to a training, files, the command line."""

import threading
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, Static

from engine.errors import RunError
from engine.experiment.experiment import Experiment
from tests.tui.build_screen.host import BuildHost, at_layers, make_host, press, settled, taken, until, verdict
from tui.build.dialogs import CommandLineDialog
from tui.build.preset_list import PresetList
from tui.draft import tables
from tui.widgets.file_dialog import FileDialog

# from the preset to the training


async def test_enter_chooses_a_preset_and_enter_trains_it(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await until(pilot, lambda: isinstance(host.focused, PresetList))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: host.current_mode == "train")
        assert host.session.run == "run-1"
        assert [layer.units for layer in host.launched[0].network.layers] == [128, 64, 10]


async def test_enter_pressed_again_starts_no_second_run(
    host: BuildHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_finish, launch = threading.Event(), host.launch

    def slow(*arguments: Any) -> Any:
        run = launch(*arguments)
        may_finish.wait(10)
        return run

    monkeypatch.setattr(host, "launch", slow)
    async with host.run_test() as pilot:
        await taken(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: host.launched)
        await pilot.press("enter", "enter")
        may_finish.set()
        await until(pilot, lambda: host.current_mode == "train")
        assert len(host.launched) == 1


async def test_presets_for_the_dataset_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    host = make_host(monkeypatch, "xor")
    async with host.run_test() as pilot:
        await taken(pilot)
        assert host.draft["data"]["dataset"] == "xor"
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


async def test_a_draft_from_another_screen_is_adopted(host: BuildHost) -> None:
    async with host.run_test() as pilot:
        await taken(pilot)
        await host.switch_mode("data")
        host.session.draft = {"data": {"dataset": "mnist"}, "network": {"layers": [{"units": 10}]}}
        await host.switch_mode("build")
        await until(pilot, lambda: len(host.draft["network"]["layers"]) == 1)


async def test_a_missing_file_is_reported_in_the_bar(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    host = make_host(monkeypatch, str(tmp_path / "gone.npz"))
    async with host.run_test() as pilot:
        await taken(pilot)
        await press(pilot, "p", "escape")
        draft = tables.with_value(host.draft, "data.dataset", str(tmp_path / "gone.npz"))
        host.build.editor.change(draft)
        await until(pilot, lambda: verdict(host) == "wrong")
        assert "gone.npz" in host.build.bar.readiness.message


async def test_a_failed_start_is_reported_and_can_be_retried(host: BuildHost) -> None:
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


# files and the command line


async def test_the_draft_is_saved_and_never_replaces_silently(
    host: BuildHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with host.run_test() as pilot:
        await taken(pilot)
        await pilot.press("w")
        await until(pilot, lambda: isinstance(host.screen, FileDialog))
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "mnist-mlp.toml").exists() and host.screen is host.build)
        (tmp_path / "mnist-mlp.toml").write_text("mine")
        await pilot.press("w")
        await until(pilot, lambda: isinstance(host.screen, FileDialog))
        await pilot.press("enter")
        complaint = host.screen.query_one("#complaint", Static)
        await until(pilot, lambda: "exists. Enter again" in str(complaint.content))
        assert (tmp_path / "mnist-mlp.toml").read_text() == "mine"
        await pilot.press("enter")
        await until(pilot, lambda: host.screen is host.build)
        assert Experiment.load(tmp_path / "mnist-mlp.toml").name == "mnist-mlp"


async def test_a_wrong_file_is_reported_at_the_field(host: BuildHost, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("name = ")
    async with host.run_test() as pilot:
        await taken(pilot)
        draft = host.draft
        await pilot.press("o")
        await until(pilot, lambda: isinstance(host.screen, FileDialog))
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
        await until(pilot, lambda: isinstance(host.screen, FileDialog))
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
