"""The GPU meter: load, memory and temperature of each GPU, one line each; nothing without a GPU."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from textual import work
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from engine.devices.facts import Gpu, Nvidia
from engine.devices.host import has_nvidia_nodes
from engine.devices.nvidia import GpuReader
from tui.charts.bars import bar
from tui.charts.tones import MUTED
from tui.theme import BLUE, ORANGE, VERMILION
from tui.words.devices import gibibytes

POLL_S = 1.0
MAX_GPUS = 4
"""GPUs shown; of more than these, the busiest."""
HOT_C = 85
"""NVIDIA's GPUs throttle at 83 to 93 °C, depending on the model."""
NAME_WIDTH, BAR_WIDTH, MEMORY_WIDTH = 20, 8, 15


class Reader(Protocol):
    """Reads the GPUs repeatedly; a read takes milliseconds, so it is not for the event loop."""

    def read(self) -> Nvidia: ...

    def close(self) -> None: ...


class GpuMeter(Widget):
    """Reads the GPUs each second while its screen is visible; without a GPU it stops and is hidden.

    Args:
        may_have_gpu: a quick test; False skips the reader.
        make_reader: returns the reader.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    GpuMeter { height: auto; padding: 0 1; display: none; }
    GpuMeter.-shown { display: block; }
    """

    gpus: reactive[tuple[Gpu, ...]] = reactive((), layout=True)
    """The result of the newest read, in the order of the GPU indices."""

    def __init__(
        self,
        may_have_gpu: Callable[[], bool] = has_nvidia_nodes,
        make_reader: Callable[[], Reader] = GpuReader,
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._may_have_gpu, self._make_reader = may_have_gpu, make_reader

    def on_mount(self) -> None:
        """Start polling if there may be a GPU."""
        if self._may_have_gpu():
            self._poll()

    @work(exclusive=True)
    async def _poll(self) -> None:
        reader = self._make_reader()
        try:
            while True:
                if self.screen.is_current:
                    answer = await asyncio.to_thread(reader.read)
                    if not answer.gpus:
                        return
                    self.gpus = answer.gpus
                await asyncio.sleep(POLL_S)
        finally:
            self.gpus = ()
            reader.close()

    def watch_gpus(self, gpus: tuple[Gpu, ...]) -> None:
        """Show the widget only if there are GPUs."""
        self.set_class(bool(gpus), "-shown")

    def render(self) -> Content:
        """Return the lines."""
        return Content("\n").join(self._line(gpu) for gpu in busiest(self.gpus))

    def _line(self, gpu: Gpu) -> Content:
        name = f"GPU {gpu.index} {gpu.name.removeprefix('NVIDIA ')}"[:NAME_WIDTH].ljust(NAME_WIDTH)
        parts = [(f"{name} load ", MUTED), *_load(gpu), ("  mem ", MUTED), *_memory(gpu), _temperature(gpu)]
        line, power = Content.assemble(*parts), _power(gpu)
        if line.cell_length + power.cell_length <= self.size.width:
            line = Content.assemble(line, power)
        return line.truncate(self.size.width, ellipsis=True)


def busiest(gpus: tuple[Gpu, ...]) -> tuple[Gpu, ...]:
    """Return the GPUs to show, at most `MAX_GPUS`, in the order of their indices."""
    shown = sorted(gpus, key=lambda gpu: (-(gpu.load_percent or 0), gpu.index))[:MAX_GPUS]
    return tuple(sorted(shown, key=lambda gpu: gpu.index))


def _load(gpu: Gpu) -> list[tuple[str, str]]:
    if gpu.load_percent is None:
        return [("–".ljust(BAR_WIDTH + 6), MUTED)]
    return [(bar(gpu.load_percent / 100, BAR_WIDTH), BLUE), (f" {gpu.load_percent:3} %", "")]


def _memory(gpu: Gpu) -> list[tuple[str, str]]:
    total, used = gpu.memory_total_bytes, gpu.memory_used_bytes
    if not total or used is None:
        return [("–".ljust(BAR_WIDTH + 1 + MEMORY_WIDTH), MUTED)]
    return [(bar(used / total, BAR_WIDTH), ORANGE), (f" {gibibytes(used, total):>{MEMORY_WIDTH}}", "")]


def _temperature(gpu: Gpu) -> tuple[str, str]:
    if gpu.temperature_c is None:
        return "", ""
    is_hot = gpu.temperature_c >= HOT_C
    return f"  {gpu.temperature_c} °C{' hot' if is_hot else ''}", VERMILION if is_hot else ""


def _power(gpu: Gpu) -> Content:
    return Content("") if gpu.power_w is None else Content.styled(f"  {gpu.power_w:.0f} W", MUTED)
