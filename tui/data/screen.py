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
    PURPOSE = "Choose a dataset."
    HELP = "Your own data: an .npz file with arrays x (samples first) and y, as numpy.savez(path, x=x, y=y) writes it."
    DEFAULT_CSS = "DataScreen #data { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._wanted = ""

    def body(self) -> ComposeResult:
        """Yield a container for the browser."""
        yield Container(id="data")

    def on_mount(self) -> None:
        """Mount the browser once the app has started and the frame is painted."""
        self.app.call_later(self.call_after_refresh, self._furnish)

    def _furnish(self) -> None:
        from tui.data.dataset_browser import DatasetBrowser

        self.query_one("#data").mount(DatasetBrowser(self._wanted))

    def show_target(self, target: str) -> None:
        """Put the cursor on the dataset `target`, as soon as the list has been read."""
        self.go_to(target)

    def go_to(self, dataset: str) -> None:
        """Move the cursor to a dataset, a registered name or a path."""
        from tui.data.dataset_browser import DatasetBrowser

        self._wanted = dataset
        for browser in self.query(DatasetBrowser):
            browser.go_to(dataset)

    async def on_dataset_browser_selected(self, event: "DatasetBrowser.Selected") -> None:
        """Go to Build with the selected dataset."""
        self.session.dataset = event.name
        self.session.draft = None
        await self.app.switch_mode("build")
