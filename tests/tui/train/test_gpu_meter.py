"""The GPU meter: its lines, its absence without a GPU, and that it closes its reader."""

import threading
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.screen import Screen

from engine.devices import Gpu, Nvidia
from tests.tui.fake_runs import FakeRun
from tests.tui.hosts import LARGE, SMALL, each_size, make_host, seen, until, until_steady
from tui.train import gpu_meter
from tui.train import screen as train
from tui.train.gpu_meter import GpuMeter, busiest
from tui.train.screen import TrainScreen
from tui.widgets.curve_panel import CurvePanel

GIB = 2**30
BUSY = Gpu(
    index=0,
    name="NVIDIA A100-SXM4-80GB",
    memory_total_bytes=80 * GIB,
    memory_used_bytes=20 * GIB,
    load_percent=50,
    temperature_c=61,
    power_w=251.3,
)
SILENT = Gpu(index=1, name="NVIDIA GeForce GT 710")


class FakeReader:
    """Returns its answers in turn, then the last one again."""

    def __init__(self, *answers: Nvidia) -> None:
        self._answers = list(answers)
        self.threads: set[int] = set()
        self.reads = 0
        self.closed = False

    def read(self) -> Nvidia:
        self.threads.add(threading.get_ident())
        self.reads += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def close(self) -> None:
        self.closed = True


class Host(App[None]):
    """The smallest app with a meter."""

    def __init__(self, reader: FakeReader, may_have_gpu: bool = True) -> None:
        super().__init__()
        self._meter = GpuMeter(lambda: may_have_gpu, lambda: reader)

    def compose(self) -> ComposeResult:
        yield self._meter


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_meter, "POLL_S", 0.01)


def words(app: Host) -> list[str]:
    return str(app.query_one(GpuMeter).render()).splitlines()


async def test_a_line_per_gpu_read_in_a_thread() -> None:
    reader = FakeReader(Nvidia(gpus=(BUSY, SILENT)))
    app = Host(reader)
    async with app.run_test(size=(120, 10)) as pilot:
        meter = app.query_one(GpuMeter)
        await until(pilot, lambda: meter.size.height == 2)
        first, second = words(app)
        assert first.startswith("GPU 0 A100-SXM4-80GB")
        assert "load ████      50 %" in first
        assert "20.0 / 80.0 GiB" in first
        assert "61 °C" in first
        assert "251 W" in first
        assert "load – " in second
        assert "mem – " in second
        assert threading.get_ident() not in reader.threads
    assert reader.closed


async def test_figures_are_updated() -> None:
    hot = Gpu(index=0, name="NVIDIA A10", load_percent=100, temperature_c=91)
    app = Host(FakeReader(Nvidia(gpus=(BUSY,)), Nvidia(gpus=(hot,))))
    async with app.run_test(size=(120, 10)) as pilot:
        await until(pilot, lambda: "91 °C hot" in "".join(words(app)))


async def test_without_a_gpu_it_is_hidden_and_reads_once() -> None:
    reader = FakeReader(Nvidia(state="no_library"))
    app = Host(reader)
    async with app.run_test(size=(80, 10)) as pilot:
        await until(pilot, lambda: reader.closed)
        assert reader.reads == 1
        assert not app.query_one(GpuMeter).display


async def test_without_device_nodes_nothing_is_read() -> None:
    reader = FakeReader(Nvidia(gpus=(BUSY,)))
    app = Host(reader, may_have_gpu=False)
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        assert reader.reads == 0


async def test_it_is_hidden_when_the_gpu_disappears() -> None:
    reader = FakeReader(Nvidia(gpus=(BUSY,)), Nvidia(state="failed"))
    app = Host(reader)
    async with app.run_test(size=(80, 10)) as pilot:
        await until(pilot, lambda: reader.closed)
        await until(pilot, lambda: not app.query_one(GpuMeter).display)


async def test_it_does_not_read_while_another_mode_is_shown() -> None:
    reader = FakeReader(Nvidia(gpus=(BUSY,)))

    class Metered(Screen[None]):
        def compose(self) -> ComposeResult:
            yield GpuMeter(lambda: True, lambda: reader)

    class Modes(App[None]):
        MODES = {"meter": Metered, "other": Screen}  # noqa: RUF012
        DEFAULT_MODE = "meter"

    app = Modes()
    async with app.run_test(size=(80, 10)) as pilot:
        await until(pilot, lambda: reader.reads > 1)
        metered = app.screen
        await app.switch_mode("other")
        await until(pilot, lambda: not metered.is_current)
        before = await until_steady(pilot, lambda: reader.reads)
        await app.switch_mode("meter")
        await until(pilot, lambda: reader.reads > before)


def test_of_many_gpus_the_busiest_are_shown_in_order() -> None:
    many = tuple(Gpu(index=i, name="x", load_percent=load) for i, load in enumerate([0, 90, 10, 80, 70, 20]))
    assert [gpu.index for gpu in busiest(many)] == [1, 3, 4, 5]


async def test_on_the_train_screen_it_is_between_header_and_curve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = FakeReader(Nvidia(gpus=(BUSY, SILENT)))
    monkeypatch.setattr(
        train, "GpuMeter", lambda **options: GpuMeter(lambda: True, lambda: reader, **options)
    )
    fake = FakeRun(tmp_path)
    fake.begin()
    app = make_host(tmp_path, "train", TrainScreen, run=fake.name)
    async with app.run_test(size=SMALL) as pilot:
        async for size in each_size(pilot):
            await until(pilot, lambda: "● running" in seen(app) and "A100-SXM4-80GB" in seen(app))
            meter, curve = app.screen.query_one(GpuMeter), app.screen.query_one(CurvePanel)
            assert meter.region.bottom == curve.region.y, size
            assert "61 °C" in seen(app), size
            assert ("251 W" in seen(app)) == (size == LARGE), size
            assert "75.00 %" in seen(app), size
            assert curve.size.height >= 5, size


async def test_a_train_screen_without_a_gpu_has_no_meter(tmp_path: Path) -> None:
    fake = FakeRun(tmp_path)
    fake.begin()
    app = make_host(tmp_path, "train", TrainScreen, run=fake.name)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "● running" in seen(app))
        assert not app.screen.query_one(GpuMeter).display
