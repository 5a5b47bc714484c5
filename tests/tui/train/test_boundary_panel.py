"""The decision boundary on the Train screen: drawn from the newest weights, beside the loss."""

from pathlib import Path

import msgspec
import pytest

from tests.tui.fake_runs import FakeRun, epoch, finished, started, steps
from tests.tui.hosts import each_size, make_host, seen, until, until_steady
from tests.tui.inspect.channels import Channels
from tui.app import NntermApp
from tui.train import boundary_panel
from tui.train import screen as train
from tui.train.boundary_panel import BoundaryPanel
from tui.train.neighbours import compared_with
from tui.train.screen import TrainScreen
from tui.widgets.loss_plot import LossPlot


@pytest.fixture(autouse=True)
def _quick_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "FRAME_S", 0.05)
    monkeypatch.setattr(train, "REST_S", 0.05)
    monkeypatch.setattr(boundary_panel, "REDRAW_S", 0.05)


@pytest.fixture
def channels() -> Channels:
    return Channels()


@pytest.fixture
def fake(tmp_path: Path) -> FakeRun:
    return FakeRun(tmp_path)


def host(home: Path, channels: Channels) -> NntermApp:
    return make_host(home, "train", lambda: TrainScreen(open_channel=channels.open), run="xor-1")


async def test_it_is_drawn_beside_the_loss_in_each_size_and_hidden_with_a_key(
    fake: FakeRun, tmp_path: Path, channels: Channels
) -> None:
    fake.begin()
    app = host(tmp_path, channels)
    async with app.run_test() as pilot:
        async for size in each_size(pilot):
            await until(pilot, lambda: "decision boundary · step 0" in seen(app))
            assert "loss · logarithmic" in seen(app), size
            assert "● false" in seen(app)
            panel = app.screen.query_one(BoundaryPanel)
            asked = channels.opened[-1].requests
            await until(
                pilot,
                lambda p=panel, a=asked: a[-1].options["columns"] == p.content_size.width,  # type: ignore[misc]
            )
            await pilot.press("B")
            await until(pilot, lambda: "decision boundary" not in seen(app))
            await pilot.press("B")


async def test_it_asks_for_newer_weights_while_the_run_trains_and_not_after_its_end(
    fake: FakeRun, tmp_path: Path, channels: Channels
) -> None:
    fake.begin()
    app = host(tmp_path, channels)
    async with app.run_test() as pilot:
        await until(pilot, lambda: channels.opened and len(channels.opened[0].requests) > 3)
        requests = channels.opened[0].requests
        assert requests[-1].unless  # the same weights are not computed and sent again
        assert requests[-1].at == "newest"
        fake.write(finished())
        fake.set_status("finished")
        await until(pilot, lambda: "✓ finished" in seen(app))
        await until_steady(pilot, lambda: len(requests))
        await app.switch_mode("data")
        await until(pilot, lambda: not channels.opened[0]._thread.is_alive())  # its process would have ended
        await app.switch_mode("train")
        await until(pilot, lambda: len(channels.opened) == 2)


async def test_one_feature_gives_a_curve(tmp_path: Path, channels: Channels) -> None:
    from engine.experiment.experiment import Experiment
    from engine.runs import Run

    run = Run.create(Experiment.quick("sine", [4]), tmp_path, "xor-1")
    fake = FakeRun.__new__(FakeRun)
    fake.run, fake.name = run, run.name
    raw = run.experiment().to_raw()
    fake.write(msgspec.structs.replace(started(chance=None), experiment=raw), steps(0, [1.0] * 10))
    fake.set_status("running")
    app = host(tmp_path, channels)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "fitted curve · step 0" in seen(app))
        assert app.screen.query_one("#curves", LossPlot).display


async def test_many_features_have_no_boundary_and_the_key_says_why(
    fake: FakeRun, tmp_path: Path, channels: Channels
) -> None:
    experiment = {"data": {"dataset": "mnist"}, "network": {"layers": [{"type": "dense"}]}}
    fake.write(msgspec.structs.replace(started(), experiment=experiment), steps(0, [1.0] * 10), epoch(1, 10))
    fake.set_status("running")
    app = host(tmp_path, channels)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "● running" in seen(app))
        await until(pilot, lambda: app.screen._dataset is not None)  # type: ignore[attr-defined]
        await pilot.press("B")
        assert "one or two features; mnist has 784" in list(app._notifications)[-1].message
        assert channels.opened == []


def test_a_run_is_compared_with_its_parent_or_the_one_before(tmp_path: Path) -> None:
    from engine.runs.listing import RunSummary

    def run(name: str, created: float, parent: str = "") -> RunSummary:
        return RunSummary(name=name, path="", state="finished", created=created, parent=parent)

    a, b, c = run("a", 1.0), run("b", 2.0), run("c", 3.0, parent="a")
    assert compared_with("c", [c, b, a]) == "a"
    assert compared_with("b", [c, b, a]) == "a"
    assert compared_with("a", [c, b, a]) == "c"
    assert compared_with("a", [a]) is None
