"""The boundary view: the network's output over the plane or along the only feature, with the samples."""

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from tui.charts.tones import MUTED
from tui.inspect.checkpoint_slider import shown_step
from tui.inspect.loss_panel import LossPanel
from tui.inspect.territory_map import legend_words, map_strips
from tui.inspect.view import InspectView
from tui.theme import MARKS, SERIES, rgb
from tui.widgets.loss_plot import LossPlot
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from engine.inspection.views.boundary import Boundary
    from tui.charts.curves import Series

WITH_LOSS, LOSS_WIDTH = 118, 44
"""Minimum columns for the loss of the run beside the map, and its columns."""
FINEST = 160
"""Maximum columns that are computed."""


class BoundaryView(InspectView):
    """A map of the plane, or curves over the only feature."""

    LIVE_S = 0.5
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "smooth", "shades", tooltip="four bands of probability, or smooth shades"),
    ]
    DEFAULT_CSS = """
    BoundaryView { padding: 0 1; }
    BoundaryView Horizontal { height: 1fr; }
    BoundaryView #plane, BoundaryView #line { width: 1fr; height: 1fr; }
    BoundaryView #line { display: none; }
    BoundaryView LossPanel { width: 44; display: none; }
    BoundaryView.-wide LossPanel { display: block; }
    BoundaryView.-curve #plane { display: none; }
    BoundaryView.-curve #line { display: block; }
    BoundaryView #legend { height: 2; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._answer: Boundary | None = None
        self._smooth = False
        self._asked_size = (0, 0)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield StripView(id="plane")
            yield LossPlot(id="line")
            yield LossPanel(classes="panel")
        yield Static(id="legend")

    def on_resize(self) -> None:
        """Request a map of the new size; the loss stands beside it if there is room."""
        self.set_class(self.size.width >= WITH_LOSS, "-wide")
        self.call_after_refresh(self._update_size)

    def _update_size(self) -> None:
        size = (self._map_width, self._map_height)
        if size != self._asked_size:
            self.request_answer()

    @property
    def _map_width(self) -> int:
        beside = LOSS_WIDTH if self.size.width >= WITH_LOSS else 0
        return max(8, min(FINEST, self.size.width - 2 - beside))

    @property
    def _map_height(self) -> int:
        return max(4, self.size.height - 2)

    @property
    def options(self) -> dict[str, Any]:
        """The size of the map in pixels: one per cell across, two per cell down."""
        self._asked_size = (self._map_width, self._map_height)
        down = self._map_height if self.is_colourless else 2 * self._map_height
        return {"columns": self._map_width, "rows": down}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the key for shades only for a map."""
        return action != "smooth" or (self._answer is not None and self._answer.plane is not None)

    def action_smooth(self) -> None:
        """Switch between bands and smooth shades."""
        self._smooth = not self._smooth
        self._draw()

    def show(self, answer: "Boundary") -> None:
        """Show a map or curves."""
        self._answer = answer
        self.set_class(answer.curve is not None, "-curve")
        if answer.curve is not None:
            plot = self.query_one("#line", LossPlot)
            plot.grow, plot.x_label = False, "x₁"
            plot.show(curve_series(answer))
        else:
            self._draw()
        self.query_one(LossPanel).show(answer.losses, shown_step(self))
        self.refresh_bindings()
        self.query_one("#legend", Static).update(legend(answer, self.is_colourless), layout=False)

    def _draw(self) -> None:
        answer = self._answer
        if answer is None or answer.plane is None:
            return
        plane, smooth, colourless = answer.plane, self._smooth, self.is_colourless

        def draw(width: int, height: int) -> list[Strip]:
            return map_strips(answer, plane, smooth=smooth, colourless=colourless)

        self.query_one("#plane", StripView).draw_with(draw)


def curve_series(answer: "Boundary") -> "list[Series]":
    """Return the samples as points and the outputs of the network as curves."""
    from tui.charts.curves import Series

    curve = answer.curve
    if curve is None:
        return []
    xs, ys = [point.x for point in answer.points], [point.y for point in answer.points]
    series = [Series("samples", (110, 110, 110), xs, ys, line=False)]
    for i, line in enumerate(curve.lines):
        series.append(
            Series(line.name, rgb(SERIES[(i + 1) % len(SERIES)]), curve.x, line.y, smooth=False, valued=False)
        )
    return series


def legend(answer: "Boundary", plain: bool) -> Content:
    """Return the legend: the marks of the classes, the number of samples, and the axes."""
    shown = (
        f"{len(answer.points):,} of {answer.samples:,}"
        if len(answer.points) < answer.samples
        else f"{answer.samples:,}"
    )
    about = f"{shown} {answer.split} samples"
    if answer.words:
        about += f", {answer.words}"
    parts: list[Any] = []
    for i, name in enumerate(answer.names[:10]):
        parts += [(MARKS[i % len(MARKS)], SERIES[i % len(SERIES)]), f" {name}  "]
    if answer.names and answer.plane is not None:
        parts += [("✗", "bold"), " wrong  "]
    second = Content.styled("   ".join(legend_words(answer, plain)[-1:]), MUTED)
    return Content("\n").join([Content.assemble(*parts, (about, MUTED)), second])
