"""The drawings of a walk: the input, and the network at the current step."""

import numpy as np
from rich.style import Style
from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from engine.glassbox.steps import WalkFlow
from tui.charts.halfblock import picture_strips, resized
from tui.charts.scatter import scatter_strips
from tui.gradients.layer_blocks import draw_blocks, scale_words
from tui.gradients.small_network import draw_small_network, fits, number
from tui.gradients.walk_moment import WalkMoment
from tui.gradients.walk_steps import ARROWS, COLOURS
from tui.theme import SERIES
from tui.widgets.strips import StripView, text_strip

FEW_COLOURS = ("standard", "windows")
"""Colour systems for which characters are drawn."""
WHITE = "#ffffff"


class WalkDrawing(Widget):
    """Draws the network at `moment`: numbers on a small network, blocks of cells for a large one."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "WalkDrawing { height: 1fr; width: 1fr; }"

    moment: reactive[WalkMoment | None] = reactive(None)

    def render(self) -> Content:
        """Return the drawing."""
        moment, width, height = self.moment, self.size.width, self.size.height
        if moment is None or height < 4:
            return Content("")
        if fits(moment, width, height):
            return Content("\n").join(draw_small_network(moment, width, height))
        colourless = is_colourless(self)
        lines = draw_blocks(moment, width, height - 2, colourless)
        step = moment.step
        now = Content.styled(f"{ARROWS[step.kind]} {step.title}"[:width], f"bold {COLOURS[step.kind]}")
        return Content("\n").join([*lines, now, scale_words(colourless)])


class InputDrawing(StripView):
    """Draws the input of `flow`: a picture, a point in the plane, or a list of values."""

    flow: reactive[WalkFlow | None] = reactive(None)

    def watch_flow(self) -> None:
        """Redraw."""
        flow = self.flow
        colourless = is_colourless(self)
        self.draw_with(None if flow is None else lambda w, h: input_strips(flow, w, h, colourless))


def is_colourless(widget: Widget) -> bool:
    """Return True if the terminal has no colours, or too few for shades."""
    return bool(widget.app.no_color) or widget.app.console.color_system in FEW_COLOURS


def input_strips(flow: WalkFlow, width: int, height: int, colourless: bool) -> list[Strip]:
    """Return strips with the walk's first sample."""
    values = np.nan_to_num(np.array([value or 0.0 for value in flow.input]))
    shape = flow.input_shape
    if len(shape) >= 2 and len(values) == int(np.prod(shape)):
        channels = values.reshape((-1, *shape[-2:]))  # (C, H, W)
        return _picture(channels.mean(axis=0), width, height, colourless)
    if flow.points:
        points = np.array([point[:2] for point in flow.points])
        classes = np.array([point[2] for point in flow.points])
        both = np.vstack([points, values[:2]])
        mark = int(classes.max()) + 1
        marks = ["·"] * mark + ["◉"]
        colours = [SERIES[i % len(SERIES)] for i in range(mark)] + [WHITE]
        return _scatter_with_mark(both, np.append(classes, mark), width, height, marks, colours)
    return [
        text_strip(f"x[{i}] = {number(value)}", width, Style.null())
        for i, value in enumerate(flow.input[:height])
    ]


def _scatter_with_mark(
    points: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    classes: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    width: int,
    height: int,
    marks: list[str],
    colours: list[str],
) -> list[Strip]:
    """The last point stands alone in its cell: it is repeated until no other class has more points there."""
    repeated = np.vstack([points, np.repeat(points[-1:], len(points), axis=0)])
    labels = np.append(classes, np.repeat(classes[-1:], len(points)))
    return scatter_strips(repeated, labels, width, height, marks, colours)


def _picture(
    values: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", width: int, height: int, colourless: bool
) -> list[Strip]:
    low, high = float(values.min()), float(values.max())
    pixels = ((values - low) / ((high - low) or 1.0) * 255).astype(np.uint8)
    scale = min(width / pixels.shape[1], 2 * height / pixels.shape[0], 1.0)
    size = max(1, int(pixels.shape[0] * scale)), max(1, int(pixels.shape[1] * scale))
    strips = picture_strips(resized(pixels[None], *size)[0], colourless)
    margin = Strip.blank((width - size[1]) // 2, Style.null())
    return [Strip.join([margin, strip]) for strip in strips]
