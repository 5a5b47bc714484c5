"""The decision boundary of a network of two features, or the fitted curve of one, while it trains."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from engine.inspection.messages import Failure, Reply, Request, Unseen
from tui.charts.tones import MUTED
from tui.inspect.boundary import curve_series
from tui.inspect.client import Channel, OpenChannel, open_channel
from tui.inspect.territory_map import map_strips
from tui.theme import MARKS, SERIES
from tui.widgets.loss_plot import LossPlot
from tui.widgets.set_text import set_text
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from engine.inspection.messages import Moment
    from engine.inspection.views.boundary import Boundary

VIEW = "boundary"
"""The view of `engine.inspection` that answers."""
REDRAW_S = 0.5
"""Minimum seconds between two redraws."""
FINEST = 120
"""Maximum columns that are computed."""


class BoundaryPanel(Vertical):
    """Follows one run: a map of the plane, or curves over the only feature, at its newest weights.

    Args:
        open_channel: connects with a process that computes the view.
    """

    DEFAULT_CSS = """
    BoundaryPanel { padding: 0; }
    BoundaryPanel #map { height: 1fr; }
    BoundaryPanel #curves { height: 1fr; display: none; }
    BoundaryPanel #reason { height: 1fr; display: none; padding: 0 1; }
    BoundaryPanel.-curve #map, BoundaryPanel.-failed #map, BoundaryPanel.-failed #curves { display: none; }
    BoundaryPanel.-curve #curves, BoundaryPanel.-failed #reason { display: block; }
    """

    def __init__(
        self,
        open_channel: OpenChannel = open_channel,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._open_channel = open_channel
        self._run: str | None = None
        self._answer: Boundary | None = None
        self._token = ""
        self._is_over = False
        self._news = asyncio.Event()
        self._sent = 0
        self._asked: dict[str, object] = {}
        self._names: tuple[str, ...] | None = None

    def compose(self) -> ComposeResult:
        yield StripView(id="map")
        yield LossPlot(id="curves")
        yield Static(id="reason")

    def on_mount(self) -> None:
        """Set the title."""
        self.border_title = "decision boundary"

    # following a run

    def follow(self, run: str, home: Path | None) -> None:
        """Show the newest weights of a run until `leave`; the first picture takes a moment."""
        if self._run != run:
            self._run, self._answer, self._token = run, None, ""
            self.query_one("#map", StripView).draw_with(None)
            self._fail("loading …")
            self._follow(run, home)

    def leave(self) -> None:
        """Stop following; the last picture stays until another run is followed."""
        self._run = None
        self.workers.cancel_group(self, "boundary")

    def run_changed(self, *, is_over: bool) -> None:
        """Take note that the run has other figures; after its end the newest weights are requested only then."""
        self._is_over = is_over
        self._news.set()

    def on_resize(self) -> None:
        """Request a map of the new size."""
        self._news.set()

    @work(exclusive=True, group="boundary")
    async def _follow(self, run: str, home: Path | None) -> None:
        async with self._open_channel(run, home) as channel:
            await self._request(channel)
            async for received in channel.received():
                match received.message:
                    case Reply(moment=moment, token=token):
                        self._token = token
                        self._show(received.answer, moment)
                        await self._wait()
                        await self._request(channel)
                    case Failure(message=message, id=number):
                        self._fail(message)
                        if number is None:
                            return
                        await self._wait()
                        await self._request(channel)

    async def _request(self, channel: Channel) -> None:
        self._sent += 1
        down = self._rows if self._is_colourless else 2 * self._rows
        options: dict[str, object] = {"columns": self._columns, "rows": down, "split": "train"}
        known = self._token if options == self._asked else ""
        self._asked = options
        await channel.send(Request(self._sent, VIEW, "newest", options, known))

    async def _wait(self) -> None:
        """Wait until there may be newer weights: for a moment, after the end of the run for a change."""
        self._news.clear()
        await asyncio.sleep(REDRAW_S)
        if self._is_over:
            await self._news.wait()

    @property
    def _columns(self) -> int:
        return max(8, min(FINEST, self.content_size.width))

    @property
    def _rows(self) -> int:
        return max(4, self.content_size.height)

    @property
    def _is_colourless(self) -> bool:
        """True if characters must be drawn instead of colours."""
        return bool(self.app.no_color) or self.app.console.color_system in ("standard", "windows")

    # drawing

    def _show(self, answer: object, moment: "Moment | None") -> None:
        if isinstance(answer, Unseen):
            self._fail(answer.reason)
            return
        if answer is not None:
            self._answer = answer  # type: ignore[assignment]
        shown = self._answer
        if shown is None:
            return
        self.remove_class("-failed")
        self.set_class(shown.curve is not None, "-curve")
        head = "decision boundary" if shown.names else "fitted curve" if shown.curve else "predicted value"
        step = f" · step {moment.step:,}" if moment else ""
        if self.border_title != f"{head}{step}":
            self.border_title = f"{head}{step}"
        if shown.names != self._names:
            self._names, self.border_subtitle = shown.names, _legend(shown)
        if answer is not None:
            self._draw(shown)

    def _draw(self, answer: "Boundary") -> None:
        plane, colourless = answer.plane, self._is_colourless
        if plane is None:
            plot = self.query_one("#curves", LossPlot)
            plot.grow, plot.x_label = False, ""
            plot.show(curve_series(answer))
            return

        def draw(width: int, height: int) -> list[Strip]:
            return map_strips(answer, plane, smooth=False, colourless=colourless)

        self.query_one("#map", StripView).draw_with(draw)

    def _fail(self, reason: str) -> None:
        self.add_class("-failed")
        set_text(self.query_one("#reason", Static), Content.styled(reason, MUTED))


def _legend(answer: "Boundary") -> Content:
    """The marks of the classes."""
    if answer.plane is None or not answer.names:
        return Content("")
    parts = [
        Content.assemble((MARKS[i % len(MARKS)], SERIES[i % len(SERIES)]), f" {name}")
        for i, name in enumerate(answer.names[:4])
    ]
    return Content("  ").join([*parts, Content("✗ wrong")])
