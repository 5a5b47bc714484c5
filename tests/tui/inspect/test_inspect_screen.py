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
from tests.tui.sentences import BEFORE_TRAINING, CONFIDENT_GROUND, CONFUSION_AXES
from tui.app import NntermApp
from tui.inspect.checkpoint_slider import CheckpointSlider
from tui.inspect.client import Received
from tui.inspect.confusion import ConfusionMap
from tui.inspect.mistakes import MistakesView
from tui.inspect.registry import find_entry
from tui.inspect.sample_list import SampleList
from tui.inspect.screen import InspectScreen
from tui.inspect.view import InspectView
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
            await until(pilot, shows(app, "this network", "no hidden layer", "without hidden layers"))
            text = seen(app)
            assert "most frequent" in text, size
            assert "test samples correct" in text, size
            assert "95 % confidence" in " ".join(text.split()), size
            assert "spirals: test 60" in text, size
            assert "spirals · finished" in text or size == SMALL  # many moments may leave no room for it
            assert max(map(len, text.splitlines())) <= size[0], size


@pytest.mark.parametrize(
    ("run", "small", "large"),
    [
        (
            "spirals",
            {
                "M": (CONFUSION_AXES, "arm 1", "test split"),
                "C": ("precision", "mean", "Worst class", "most confused with"),
                "E": ("samples are wrong", "predicted", "✓ true arm"),
                "W": ("layers.0.weight", "8 × 2", "x₁", "x₂", "bars: one scale"),
                "B": ("arm 1", " wrong", CONFIDENT_GROUND),
            },
            {"M": (CONFUSION_AXES, "most confused", "recall", "test split"), "W": ("weight vectors",)},
        ),
        (
            "sine",
            {"F": ("R²", "MAE", "residuals")},
            {
                "F": ("R²", "MAE", "perfect prediction", "largest residuals"),
                "B": ("samples", "prediction", "one feature", "loss of the run"),
            },
        ),
        ("xor", {}, {"B": ("4 test samples", "x₁ →", "loss of the run")}),
        (
            "digits",
            {"E": ("samples are wrong", "→", "%", "test sample")},
            {"W": ("layers.0.weight", "6 × 784", "28 × 28 pixels", "one scale for all"), "C": ("errors of",)},
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
        ("digits", "B", "Boundary needs one or two features; this network has 784"),
        ("spirals", "F", "Fit is for regression; see Matrix (M) and Classes (C)"),
        ("sine", "M", "this network predicts values, not classes"),
    ],
)
async def test_a_view_with_nothing_to_show_gives_the_reason_and_others_work(
    home: Path, channels: Channels, run: str, key: str, reason: str
) -> None:
    app = host(home, run, channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, key, reason)
        await open_view(pilot, app, "W", "layers.0.weight")
        assert reason not in seen(app)


def moments_after(app: NntermApp, step: int) -> int:
    """Return how many moments with stored weights lie after `step`."""
    return sum(moment.step > step for moment in app.screen.query_one(CheckpointSlider).moments)


async def test_every_view_shows_earlier_moments_and_the_newest_is_last(
    home: Path, channels: Channels
) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "B", "epoch 3", " wrong")
        newest = seen(app)
        await pilot.press(*["left"] * moments_after(app, 7))
        await until(pilot, shows(app, "epoch 1, step 7"))
        await until(pilot, lambda: channels.opened[0].requests[-1].at == 7)
        assert seen(app) != newest
        await pilot.press("home")
        await until(pilot, shows(app, BEFORE_TRAINING))
        await pilot.press("M")
        await until(pilot, shows(app, "true ↓", BEFORE_TRAINING))
        await pilot.press("end")
        await until(pilot, lambda: channels.opened[0].requests[-1].at == "newest")
        await pilot.press("full_stop")
        await until(pilot, shows(app, "epoch 3"))
        await pilot.press("comma")
        await until(pilot, shows(app, "epoch 2, step 1"))


async def test_the_cursor_describes_a_cell_and_enter_opens_its_samples(
    home: Path, channels: Channels
) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "M", "true ↓", "predicted arm")
        matrix = app.screen.query_one(ConfusionMap)
        await until(pilot, lambda: matrix.has_focus and matrix.grid is not None)
        before = matrix.cursor
        assert matrix.grid is not None
        count = matrix.grid.counts[before[0]][before[1]]
        await until(
            pilot, shows(app, f"true arm {before[0] + 1}, predicted arm {before[1] + 1}: {count} of 2")
        )
        await pilot.press("n")
        await until(pilot, shows(app, "percent of the true class"))
        await pilot.press("enter")
        await until(pilot, shows(app, f"{count:,} wrong: arm {before[0] + 1} → arm {before[1] + 1}"))
        rows = app.screen.query_one(SampleList)
        assert rows.has_focus
        assert len(rows._lines) == count
        await pilot.press("escape")
        await until(pilot, shows(app, "percent of the true class"))  # where it came from
        await pilot.press("E")
        await until(pilot, shows(app, f"{count:,} wrong"))
        await pilot.press("E")
        await until(pilot, shows(app, "samples are wrong"))


async def test_escape_goes_back_from_view_to_view_and_then_to_the_screen_before(
    home: Path, channels: Channels
) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("6", "5")
        stack = app.screen.query_one(ViewStack)
        await open_view(pilot, app, "B", " wrong")
        await open_view(pilot, app, "M", CONFUSION_AXES)
        await open_view(pilot, app, "B", " wrong")
        for name in ("confusion", "overview"):
            await pilot.press("escape")
            await until(pilot, lambda name=name: stack.current_name == name)  # type: ignore[misc]
        await pilot.press("escape")
        await until(pilot, lambda: app.current_mode == "runs")


async def test_the_app_remembers_where_inspect_was_opened(
    home: Path, channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, went = host(home, "spirals", channels), list[str]()
    app.go_back = lambda: went.append("back")  # type: ignore[attr-defined]
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, shows(app, "this network"))
        app.screen.post_message(InspectView.GoTo("histograms", {"layer": "layers.1"}))  # as Train does
        await until(pilot, shows(app, "layers.1  dense, 3 units"))
        await pilot.press("escape")
        await until(pilot, lambda: went == ["back"])


async def test_the_palette_opens_a_view_by_its_name(home: Path, channels: Channels) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, shows(app, "this network"))
        screen = app.screen
        assert isinstance(screen, InspectScreen)
        screen.go_to("classes")
        await until(pilot, shows(app, "precision"))


async def test_a_replay_shows_every_moment_and_can_be_stopped(
    home: Path, channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.inspect.time_keys.FASTEST_S", 0.01)
    monkeypatch.setattr("tui.inspect.time_keys.REPLAY_S", 0.1)
    app = host(home, "spirals", channels)
    async with app.run_test(size=LARGE) as pilot:
        await open_view(pilot, app, "B", " wrong")
        await pilot.press("z")
        requests = channels.opened[0].requests
        steps = [moment.step for moment in app.screen.query_one(CheckpointSlider).moments[:-1]]
        assert len(steps) > 15
        await until(pilot, lambda: [one.at for one in requests if one.at != "newest"] == steps)
        await until(pilot, shows(app, "step 21 (best, newest)"))
        await until(pilot, lambda: not is_replaying(app))  # else the next key would end this replay
        monkeypatch.setattr("tui.inspect.time_keys.SLOWEST_S", 1000.0)
        monkeypatch.setattr("tui.inspect.time_keys.FASTEST_S", 1000.0)
        await pilot.press("z")
        await until(pilot, shows(app, BEFORE_TRAINING))
        await pilot.press("z")
        await until(pilot, lambda: not is_replaying(app))


def is_replaying(app: NntermApp) -> bool:
    return any(worker.group == "replay" and worker.is_running for worker in app.workers)


async def test_names_that_look_like_markup_are_text(tmp_path: Path, channels: Channels) -> None:
    names = np.array(["[b]bold[/]", "[/", "a\x1b[31m="])
    x = np.random.default_rng(0).normal(size=(90, 2))
    np.savez(tmp_path / "[a=.npz", x=x, y=names[np.arange(90) % 3])
    train(tmp_path, str(tmp_path / "[a=.npz"), [3], "odd", epochs=1)
    app = host(tmp_path, "odd", channels)
    async with app.run_test(size=LARGE) as pilot:
        await until(pilot, shows(app, "this network", "[a=", "[/"))
        for key, words in {
            "M": ("[b]bold[/]",),
            "C": ("[b]bold[/]", "errors of"),
            "E": ("samples are wrong",),
            "U": ("unit 0",),
            "B": ("[b]bold[/]",),
        }.items():
            text = await open_view(pilot, app, key, *words)
            assert "\x1b" not in text
        await open_view(pilot, app, "E", "samples are wrong")
        await pilot.press("slash", *"[/")
        await until(pilot, shows(app, " wrong: [/ → any"))
        await pilot.press(*"[b]")
        await until(pilot, shows(app, '"[/[b]": unknown class'))


async def test_space_pauses_a_run_that_trains(home: Path, tmp_path: Path, channels: Channels) -> None:
    shutil.copytree(home / "runs" / "xor", tmp_path / "runs" / "xor")
    run = Run(tmp_path / "runs" / "xor")
    begin_again(run)
    app = host(tmp_path, "xor", channels)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, shows(app, "this network", "space pause"))
        await pilot.press("space")
        commands = run.path / "commands.jsonl"
        await until(pilot, lambda: commands.exists() and "pause" in commands.read_text())


async def test_errors_of_a_class_and_a_unit_from_its_weights(home: Path, channels: Channels) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=LARGE) as pilot:
        await open_view(pilot, app, "C", "errors of", "bars: 0 … 1")
        await pilot.press("n", "home")
        await pilot.press(*["up"] * 3, "enter")
        await until(pilot, shows(app, " wrong: arm", "→ any"))
        await pilot.press("escape")
        await until(pilot, shows(app, "errors of", "most confused with"))
        await open_view(pilot, app, "W", "weight vectors")
        await pilot.press("right_curly_bracket", "right_curly_bracket")
        await until(pilot, shows(app, "layers.1.weight"))
        await pilot.press("enter")
        await until(pilot, shows(app, "units of layers.1"))


async def test_a_filter_by_classes(home: Path, channels: Channels) -> None:
    app = host(home, "digits", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "E", "samples are wrong", "→")
        await pilot.press("slash", *">9")
        await until(pilot, lambda: channels.opened[0].requests[-1].options.get("predicted") == 9)
        await until(pilot, shows(app, " wrong: any → 9"))
        await pilot.press("9", "9")
        await until(pilot, shows(app, '"999": unknown class'))
        await pilot.press("escape")
        await until(pilot, shows(app, "samples are wrong"))
        assert not app.screen.query_one(FilterField).is_open
        assert app.screen.query_one(MistakesView).query_one("#gallery").has_focus


async def test_arrows_move_in_the_gallery(home: Path, channels: Channels) -> None:
    app = host(home, "digits", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "E", "test sample")
        await until(pilot, lambda: app.screen.query("#sample"))  # the overview has the words, too
        panel = app.screen.query_one("#sample")
        await until(pilot, lambda: panel.border_title and app.screen.query_one("#gallery").has_focus)
        first = str(panel.border_title)
        await pilot.press("right")
        await until(pilot, lambda: str(panel.border_title) != first)
        await pilot.press("left")
        await until(pilot, lambda: str(panel.border_title) == first)


async def test_capital_s_switches_to_another_split(home: Path, channels: Channels) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "M", "test split")
        await pilot.press("S")
        await until(pilot, shows(app, "train split", "spirals: train 216"))


async def test_bands_become_shades(home: Path, channels: Channels) -> None:
    app = host(home, "xor", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "B", "x₁ →")
        plane = app.screen.query_one("#plane", StripView)
        before = list(plane._strips)
        await pilot.press("n")
        await until(pilot, lambda: list(plane._strips) and list(plane._strips) != before)


async def test_tensors_in_turn(home: Path, channels: Channels) -> None:
    app = host(home, "digits", channels)
    async with app.run_test(size=(140, 45)) as pilot:
        await open_view(pilot, app, "W", "layers.0.weight")
        await pilot.press("n")
        await until(pilot, shows(app, "one scale each"))
        await pilot.press("right_curly_bracket", "right_curly_bracket")
        await until(pilot, shows(app, "layers.1.weight", "10 × 6", "unit 0"))


async def test_without_colours_characters_are_drawn(
    home: Path, channels: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = host(home, "spirals", channels)
    async with app.run_test(size=(80, 24)) as pilot:
        text = await open_view(pilot, app, "B", "arm 1", "wrong")
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
        await open_view(pilot, app, "B", "x₁ →", "live")
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
        await open_view(pilot, app, "M", "true ↓")
        await pilot.press(*["comma"] * moments_after(app, 14))  # past the snapshots
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
        await open_view(pilot, app, "W", "layers.0.weight")


async def test_without_a_run_it_offers_the_newest(home: Path, channels: Channels) -> None:
    app = host(home, None, channels)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, shows(app, "enter  inspect digits"))
        await pilot.press("enter")
        await until(pilot, shows(app, "this network"))
        assert app.session.run == "digits"


async def test_another_run_of_the_session_is_shown_instead(home: Path, channels: Channels) -> None:
    app = host(home, "spirals", channels)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(pilot, app, "B", CONFIDENT_GROUND)
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
        await until(pilot, shows(app, "The inspection process failed: ValueError: no luck"))


async def test_the_real_process_answers(home: Path) -> None:
    app = make_host(home, "inspect", InspectScreen, run="xor")
    async with app.run_test(size=(80, 24)) as pilot:
        await open_view(pilot, app, "M", "true ↓", "test split")


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
