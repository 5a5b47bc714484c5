"""The base of all top-level screens."""

import asyncio
from pathlib import Path

from tests.tui.hosts import make_host
from tui.shell.screen import LabScreen
from tui.shell.top_bar import TopBar


class Busy(LabScreen):
    """Writes to its widgets again and again."""

    def on_mount(self) -> None:
        self.run_worker(self._write())

    async def _write(self) -> None:
        while True:
            self.query_one(TopBar).refresh()
            await asyncio.sleep(0.001)


async def test_what_runs_in_the_background_ends_before_the_widgets_go(tmp_path: Path) -> None:
    async with make_host(tmp_path, "train", Busy).run_test() as pilot:
        await pilot.pause()
