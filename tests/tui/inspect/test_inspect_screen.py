"""The Inspect screen with real trained networks: views, moments, splits, live weights, missing files."""

import asyncio
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.inspection.messages import Notice
from engine.runs import Run
from engine.runs.checkpoints import LIVE_NAME, list_checkpoints
from engine.storage.weights import Snapshot, load_snapshot, write_snapshot
from tests.engine.inspection.trained import train
from tests.tui.hosts import LARGE, SMALL, each_size, make_host, seen, until
from tests.tui.inspect.channels import Channels, ThreadChannel
from tests.tui.inspect.inspect_app import host, open_view, shows
from tests.tui.sentences import BEFORE_TRAINING, COLUMN_IS_A_UNIT, CONFUSION_AXES, WRONG_SIDE
from tui.inspect.client import Received
from tui.inspect.confusion import ConfusionMap
from tui.inspect.mistakes import MistakesView
from tui.inspect.registry import find_entry
from tui.inspect.sample_list import SampleList
from tui.inspect.screen import InspectScreen
from tui.inspect.view_stack import ViewStack
from tui.widgets.filter_field import FilterField
from tui.widgets.strips import StripView


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with small trained networks on every kind of data."""
    folder = tmp_path_factory.mktemp("home")
    train(folder, "spirals", [8], "spirals", epochs=3, overrides=["data.samples=300"])
    train(folder, "sine", [8], "sine", epochs=4, overrides=["data.samples=300"])
    train(folder, "xor", [4], "xor", epochs=2)
    train(folder, "mnist", [6], "digits", epochs=1, overrides=["data.limit=400"])
    return folder


@pytest.fixture
def channels() -> Channels:
    return Channels()


async def test_overview_beside_chance_and_baseline(home: Path, channels: Channels) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=SMALL) as pilot:
        async for size in each_size(pilot):
            await until(pilot, shows(app, "this network", "no hidden layer", "Without hidden layers"))
            text = seen(app)
            assert "most frequent" in text, size
            assert "Right on" in text, size
            assert "confidence" in text, size
            assert "spirals: test 60" in text, size
            assert "spirals · finished" in text or size == SMALL  # many moments may leave no room for it
            assert max(map(len, text.splitlines())) <= size[0], size


@pytest.mark.parametrize(
    ("run", "small", "large"),
    [
        (
            "spirals",
            {
                "m": (CONFUSION_AXES, "arm 1", "test split"),
                "p": ("precision", "mean", "Hardest"),
                "e": ("samples are wrong", "taken for", "✓ is arm"),
                "w": ("layers.0.weight", "8 × 2", COLUMN_IS_A_UNIT),
                "b": ("arm 1", WRONG_SIDE, "surer than 75 %"),
            },
            {"m": (CONFUSION_AXES, "most confused", "test split")},
        ),
        (
            "sine",
            {"f": ("R²", "MAE", "residuals")},
            {
                "f": ("R²", "MAE", "where all", "largest residuals"),
                "b": ("samples", "prediction", "one feature"),
            },
        ),
        ("xor", {}, {"b": ("4 test samples", "x₁ →")}),
        (
            "digits",
            {"e": ("samples are wrong", "→", "%", "test sample")},
            {"w": ("layers.0.weight", "6 × 784", "28 × 28 pixels", "one scale for all")},
        ),
    ],
)
async def test_each_view_in_both_sizes(
    home: Path,
    channels: Channels,
    run: str,
    small: dict[str, tuple[str, ...]],
    large: dict[str, tuple[str, ...]],
) -> None:
    app = host(home, run, channels)
    async with app.run_test(size=SMALL if small else LARGE) as pilot:
        async for size in each_size(pilot, *([SMALL] if small else []), LARGE):
            for key, words in (small if size == SMALL else large).items():
                text = await open_view(pilot, app, key, *words)
                assert "Traceback" not in text, (size, key)


@pytest.mark.parametrize(
    ("run", "key", "reason"),
    [
        ("digits", "b", "this network takes 784 features, not one or two"),
        ("spirals", "f", "this network tells classes apart"),
        ("sine", "m", "this network predicts values, not classes"),
    ],
)
async def test_a_view_with_nothing_to_show_gives_the_reason_and_others_work(
    home: Path, channels: Channels, run: str, key: str, reason: str
) -> None:
    app = host(home, run, channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, key, reason)
        await open_view(pilot, app, "w", "layers.0.weight")
        assert reason not in seen(app)


async def test_every_view_shows_earlier_moments_and_the_newest_is_last(
    home: Path, channels: Channels
) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "b", "epoch 3", "wrong side")
        newest = seen(app)
        await pilot.press("left", "left")
        await until(pilot, shows(app, "epoch 1,"))
        await until(pilot, lambda: channels.opened[0].requests[-1].at == 7)
        assert seen(app) != newest
        await pilot.press("home")
        await until(pilot, shows(app, BEFORE_TRAINING))
        await pilot.press("m")
        await until(pilot, shows(app, "true ↓", BEFORE_TRAINING))
        await pilot.press("end")
        await until(pilot, lambda: channels.opened[0].requests[-1].at == "newest")
        await pilot.press("full_stop")
        await until(pilot, shows(app, "epoch 3"))
        await pilot.press("comma")
        await until(pilot, shows(app, "epoch 2"))


async def test_the_cursor_describes_a_cell_and_enter_opens_its_samples(
    home: Path, channels: Channels
) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "m", "true ↓", "taken for")
        matrix = app.screen.query_one(ConfusionMap)
        await until(pilot, lambda: matrix.has_focus and matrix.grid is not None)
        before = matrix.cursor
        assert matrix.grid is not None
        count = matrix.grid.counts[before[0]][before[1]]
        await until(pilot, shows(app, f"arm {before[0] + 1} taken for arm {before[1] + 1}: {count} of 2"))
        await pilot.press("n")
        await until(pilot, shows(app, "in percent of the true class"))
        await pilot.press("enter")
        await until(pilot, shows(app, f"{count:,} wrong: arm {before[0] + 1} → arm {before[1] + 1}"))
        rows = app.screen.query_one(SampleList)
        assert rows.has_focus
        assert len(rows._lines) == count
        await pilot.press("escape")
        await until(pilot, shows(app, "samples are wrong"))


async def test_a_filter_by_classes(home: Path, channels: Channels) -> None:
    app = host(home, "digits", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "e", "samples are wrong", "→")
        await pilot.press("slash", *">9")
        await until(pilot, lambda: channels.opened[0].requests[-1].options.get("predicted") == 9)
        await until(pilot, shows(app, " wrong:  → 9"))
        await pilot.press("9", "9")
        await until(pilot, shows(app, '"999": no class is called so'))
        await pilot.press("escape")
        await until(pilot, shows(app, "samples are wrong"))
        assert not app.screen.query_one(FilterField).is_open
        assert app.screen.query_one(MistakesView).query_one("#gallery").has_focus


async def test_arrows_move_in_the_gallery(home: Path, channels: Channels) -> None:
    app = host(home, "digits", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "e", "test sample")
        await until(pilot, lambda: app.screen.query("#sample"))  # the overview has the words, too
        panel = app.screen.query_one("#sample")
        await until(pilot, lambda: panel.border_title and app.screen.query_one("#gallery").has_focus)
        first = str(panel.border_title)
        await pilot.press("right")
        await until(pilot, lambda: str(panel.border_title) != first)
        await pilot.press("left")
        await until(pilot, lambda: str(panel.border_title) == first)


async def test_v_switches_to_another_split(home: Path, channels: Channels) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "m", "test split")
        await pilot.press("v")
        await until(pilot, shows(app, "train split", "spirals: train 216"))


async def test_bands_become_shades(home: Path, channels: Channels) -> None:
    app = host(home, "xor", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "b", "x₁ →")
        plane = app.screen.query_one("#plane", StripView)
        before = list(plane._strips)
        await pilot.press("n")
        await until(pilot, lambda: list(plane._strips) and list(plane._strips) != before)


async def test_tensors_in_turn(home: Path, channels: Channels) -> None:
    app = host(home, "digits", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "w", "layers.0.weight")
        await pilot.press("n")
        await until(pilot, shows(app, "a scale each"))
        await pilot.press("t", "t")
        await until(pilot, shows(app, "layers.1.weight", "10 × 6", COLUMN_IS_A_UNIT))


async def test_without_colours_characters_are_drawn(
    home: Path, channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = host(home, "spirals", channels)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await open_view(pilot, app, "b", "arm 1", "wrong")
        assert "▀" not in text
        assert any(sign * 5 in text for sign in ".:-")


def begin_again(run: Run) -> None:
    """Change a finished run so that it seems to be trained by this process."""
    import os
    import time

    from engine.runs.status import process_start, read_status, write_status

    status = msgspec.structs.replace(
        read_status(run.path),
        state="running",
        pid=os.getpid(),
        process_start=process_start(os.getpid()) or 0.0,
        heartbeat=time.time(),
    )
    write_status(run.path, status)


async def test_a_live_boundary_follows_the_newest_weights(
    home: Path, tmp_path: Path, channels: Channels
) -> None:
    shutil.copytree(home / "runs" / "xor", tmp_path / "runs" / "xor")
    run = Run(tmp_path / "runs" / "xor")
    begin_again(run)
    app = host(tmp_path, "xor", channels)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(pilot, app, "b", "x₁ →", "live")
        plane = app.screen.query_one("#plane", StripView)
        before = [strip.text for strip in plane._strips]
        newest = load_snapshot(list_checkpoints(run.path)[-1][1])
        assert newest.position is not None
        newest.network.theta[:] = np.linspace(-3, 3, len(newest.network.theta))
        position = msgspec.structs.replace(newest.position, step=77)
        write_snapshot(run.path / LIVE_NAME, Snapshot(newest.network, newest.experiment, position))
        await until(pilot, shows(app, "step 77"))
        await until(pilot, lambda: [strip.text for strip in plane._strips] != before)
        asked = [request for request in channels.opened[0].requests if request.view == "boundary"]
        assert all(request.at == "newest" for request in asked)


async def test_a_damaged_checkpoint_shows_an_error(home: Path, tmp_path: Path, channels: Channels) -> None:
    shutil.copytree(home / "runs" / "spirals", tmp_path / "runs" / "spirals")
    path = list_checkpoints(tmp_path / "runs" / "spirals")[-2][1]  # the one before the newest
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    app = host(tmp_path, "spirals", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "m", "true ↓")
        await pilot.press("comma")
        await until(pilot, lambda: "is damaged" in " ".join(seen(app).split()))  # a long path is wrapped


async def test_weights_can_be_inspected_without_the_data(
    home: Path, channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.errors import DataError

    def gone(spec: object) -> None:
        raise DataError("flowers.npz is not there")

    monkeypatch.setattr("engine.inspection.inspector.load_data", gone)
    app = host(home, "spirals", channels)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "the data cannot be read: flowers.npz is not there"))
        await open_view(pilot, app, "w", "layers.0.weight")


async def test_without_a_run_it_offers_the_newest(home: Path, channels: Channels) -> None:
    app = host(home, None, channels)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "Nothing to look into yet", "enter  look into digits"))
        await pilot.press("enter")
        await until(pilot, shows(app, "this network"))
        assert app.session.run == "digits"


async def test_another_run_of_the_session_is_shown_instead(home: Path, channels: Channels) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(pilot, app, "b", WRONG_SIDE)
        app.session.run = "xor"
        await until(pilot, shows(app, "xor: test 4", "x₁ →"))
        assert [channel.requests[-1].view for channel in channels.opened] == ["boundary", "boundary"]


async def test_a_crashed_process_shows_an_error(home: Path) -> None:
    from contextlib import asynccontextmanager

    from tui.inspect.client import ProcessChannel
    from tui.processes.child import child_process

    @asynccontextmanager
    async def broken(run: str, place: Path | None) -> Any:
        async with child_process("-c", "raise ValueError('no luck')", takes_input=True) as process:
            yield ProcessChannel(process)

    app = make_host(home, "inspect", lambda: InspectScreen(broken), run="xor")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "looking into the run broke down: ValueError: no luck"))


async def test_the_real_process_answers(home: Path) -> None:
    app = make_host(home, "inspect", InspectScreen, run="xor")
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(pilot, app, "m", "true ↓", "test split")


def test_a_thread_channel_has_the_methods_of_a_channel() -> None:
    from tui.inspect.client import Channel

    assert {"send", "received"} <= set(dir(ThreadChannel)) & set(dir(Channel))


async def test_messages_during_the_mounting_of_a_view_are_handled(home: Path, channels: Channels) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "this network"))
        stack = app.screen.query_one(ViewStack)
        screen = app.screen
        assert isinstance(screen, InspectScreen)
        await asyncio.to_thread(import_module, find_entry("units").module)
        view = find_entry("units").make()
        mounting = stack.mount(view)  # its children are not mounted yet
        stack.current_name = "units"
        screen._receive(Received(Notice("overview")))
        assert stack.current is None
        await mounting
        assert stack.current is view
