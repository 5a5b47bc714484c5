"""The Data screen: choose a dataset, with a preview of its samples."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container

from tui.shell.screen import LabScreen

if TYPE_CHECKING:
    from tui.data.dataset_browser import DatasetBrowser


class DataScreen(LabScreen):
    """The app's first screen: its frame is painted first, the browser is mounted right after."""

    MODE = "data"
    PURPOSE = "What should the network learn? Look at the data, take a set with enter."
    HELP = "A file of your own is an .npz with arrays x (samples first) and y, as numpy.savez(path, x=x, y=y) writes it."
    DEFAULT_CSS = "DataScreen #data { height: 1fr; }"

    _sought = ""
    """The dataset to go to when the browser is mounted."""

    def body(self) -> ComposeResult:
        """Yield a container for the browser."""
        yield Container(id="data")

    def on_mount(self) -> None:
        """Mount the browser once the app has started and the frame is painted."""
        self.app.call_later(self.call_after_refresh, self._furnish)

    def _furnish(self) -> None:
        from tui.data.dataset_browser import DatasetBrowser

        self.query_one("#data").mount(DatasetBrowser())
        if self._sought:
            self.call_after_refresh(self.show_target, self._sought)

    def show_target(self, target: str) -> None:
        """Put the cursor on the dataset `target`, as soon as the list has been read."""
        from tui.data.dataset_browser import DatasetBrowser

        self._sought = target
        for browser in self.query(DatasetBrowser):
            browser.go_to(target)

    async def on_dataset_browser_selected(self, event: "DatasetBrowser.Selected") -> None:
        """Go to Build with the selected dataset."""
        self.session.dataset = event.name
        self.session.draft = None
        await self.app.switch_mode("build")
