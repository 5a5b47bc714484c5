"""The loss landscape view: a map of the loss around the weights, and cuts through its centre."""

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from engine.words import counted
from tui.charts.tones import FAINT, MUTED
from tui.inspect.rasters import pixels
from tui.inspect.view import InspectView
from tui.theme import BLUE, ORANGE, rgb
from tui.widgets.loss_plot import LossPlot
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from engine.inspection.views.landscape import Landscape
    from tui.charts.curves import Series

SIDE = 25
"""Points along each side of the map, assumed before the first answer."""
NEAREST, FARTHEST = 1 / 64, 16.0
"""Smallest and largest radius."""
LEAST_CUT = 26
"""Minimum columns of the cuts."""
MOST_DOWN = 2
"""Maximum half lines per point."""


class LandscapeView(InspectView):
    """A slice of the loss; requests more points until the map is complete."""

    LIVE_S = 5.0
    HELP = (
        "Loss around the weights, the mark in the middle, along two random directions: filter-normalised, so that a "
        "distance of 1 adds to each unit's weights a random vector of the same length; biases are fixed. + and - zoom in "
        "and out, n draws two other directions. A wide dark basin is a flat minimum."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "plus,equals_sign",
            "zoom(0.5)",
            "zoom in",
            key_display="+",
            tooltip="zoom in to half the distance",
        ),
        Binding(
            "minus,underscore",
            "zoom(2)",
            "zoom out",
            key_display="-",
            tooltip="zoom out to twice the distance",
        ),
        Binding("n", "directions", "directions", tooltip="two other random directions"),
    ]
    DEFAULT_CSS = """
    LandscapeView { padding: 0 1; }
    LandscapeView #walk { height: 2; }
    LandscapeView Horizontal { height: 1fr; }
    LandscapeView #ground { width: 50; height: 1fr; }
    LandscapeView #cut-panel { width: 1fr; height: 1fr; }
    LandscapeView #bar { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    LandscapeView #about { height: 2; }
    LandscapeView.-low #about { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._answer: Landscape | None = None
        self._seed = 0
        self._radius = 1.0
        self._after = 0

    def compose(self) -> ComposeResult:
        yield Static(id="walk")
        with Horizontal():
            yield StripView(id="ground")
            with Container(id="cut-panel"):
                yield LossPlot(id="cut")
        yield Static(id="bar")
        yield Static(id="about")

    def on_mount(self) -> None:
        """Set the axes of the cuts."""
        plot = self.query_one(LossPlot)
        plot.grow, plot.log_scale, plot.x_label = False, True, "distance from the weights"

    def on_resize(self) -> None:
        """Size the map, with the cuts beside it."""
        self.set_class(self.size.height < 22, "-low")
        height = self.size.height - (3 if self.has_class("-low") else 5)
        across, _ = scale(SIDE, self.size.width - 2 - LEAST_CUT, height)
        self.query_one("#ground").styles.width = SIDE * across + 1

    @property
    def options(self) -> dict[str, Any]:
        """The slice, and the number of points that are known."""
        return {"seed": self._seed, "radius": self._radius, "after": self._after}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a zoom only within its limits."""
        if action == "zoom" and isinstance(factor := parameters[0], int | float):
            return NEAREST <= self._radius * factor <= FARTHEST
        return True

    def action_zoom(self, by: float) -> None:
        """Zoom in or out."""
        radius = self._radius * by
        if NEAREST <= radius <= FARTHEST:
            self._radius, self._after = radius, 0
            self.request_answer()
            self.refresh_bindings()

    def action_directions(self) -> None:
        """Choose two other random directions."""
        self._seed, self._after = self._seed + 1, 0
        self.request_answer()

    def show(self, answer: "Landscape") -> None:
        """Show a slice, and request the rest of it."""
        self._answer = answer
        levels, colourless = pixels(answer.levels), self.is_colourless

        def draw(width: int, height: int) -> list[Strip]:
            from tui.charts.landscape import map_strips

            return map_strips(levels, *scale(len(levels), width, height), colourless)

        self.query_one("#ground", StripView).draw_with(draw)
        self.query_one(LossPlot).show(cut_series(answer))
        self._write(answer)
        if answer.computed < answer.total and (answer.seed, answer.radius) == (self._seed, self._radius):
            self._after = answer.computed
            self.request_answer()

    def _write(self, answer: "Landscape") -> None:
        from tui.charts.landscape import legend

        where = f"✚ {answer.centre:.4g}   ±{answer.radius:g}, directions {answer.seed}"
        part = (
            f"   {answer.computed} of {counted(answer.total, 'point')}"
            if answer.computed < answer.total
            else ""
        )
        head = Content.assemble((where, "bold"), (part, FAINT), "   ", answer.words)
        self.query_one("#walk", Static).update(head, layout=False)
        bar = legend(answer.low, answer.high, answer.broken > 0, self.is_colourless)
        about = (f"   {answer.split} loss of {answer.judged:,} of {counted(answer.samples, 'sample')}", MUTED)
        self.query_one("#bar", Static).update(Content.assemble(*bar, about), layout=False)
        self.query_one("#about", Static).update(Content.styled(answer.note, MUTED), layout=False)


def scale(side: int, width: int, height: int) -> tuple[int, int]:
    """Return the columns and half lines per point of a map of `side` x `side` points in a size, at least 1."""
    down = max(1, min(MOST_DOWN, 2 * height // side))
    return max(1, min(down + 1, width // side)), down


def cut_series(answer: "Landscape") -> "list[Series]":
    """Return the loss along each direction as a curve."""
    from tui.charts.curves import Series

    names = ("loss along →", "along ↑")
    return [
        Series(name, rgb(tone), cut.x, cut.y, smooth=False, valued=False)
        for name, tone, cut in zip(names, (BLUE, ORANGE), answer.cuts, strict=True)
    ]
