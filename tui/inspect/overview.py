"""The overview: scores beside chance and baseline, the splits, the layers, the loss of the run, and the worst errors."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from tui.inspect.checkpoint_slider import shown_step
from tui.inspect.loss_panel import LossPanel
from tui.inspect.overview_lines import class_lines, layer_lines, score_lines
from tui.inspect.rasters import pixels
from tui.inspect.view import InspectView
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from engine.inspection.views.overview import Overview

WIDE, TALL = 118, 26
"""Minimum columns and lines for the panels at the right."""
BESIDE = 3
"""Best and worst classes beside the scores, and confused pairs plus one."""
WITH_WORST = 34
"""Minimum lines for the worst errors below."""


class OverviewView(InspectView):
    """Scores, bars and sentences; more panels if there is room, else their lines below the others."""

    DEFAULT_CSS = """
    OverviewView #overview-top { height: 1fr; }
    OverviewView VerticalScroll { width: 1fr; padding: 1 2 0 2; scrollbar-size-vertical: 1; }
    OverviewView Static { height: auto; }
    OverviewView #overview-right, OverviewView #overview-worst { display: none; }
    OverviewView.-panels #overview-right { display: block; width: 58; height: 1fr; }
    OverviewView #overview-classes { height: auto; }
    OverviewView.-worst #overview-worst { display: block; height: 13; }
    OverviewView.-no-pictures #overview-classes { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._answer: Overview | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="overview-top"):
            with VerticalScroll(can_focus=False):
                yield Static(id="overview")
            with Vertical(id="overview-right"):
                yield LossPanel(classes="panel")
                yield Static(id="overview-classes", classes="panel")
        yield StripView(id="overview-worst", classes="panel")

    def on_mount(self) -> None:
        """Set the panel titles."""
        self.query_one("#overview-classes").border_title = "classes"
        self.query_one("#overview-worst").border_title = "most confident errors: true → predicted, confidence"

    def show(self, answer: "Overview") -> None:
        """Show the scores."""
        self._answer = answer
        self._write()

    def on_resize(self) -> None:
        """Redraw for the new size."""
        self._write()

    def _write(self) -> None:
        answer, (width, height) = self._answer, self.size
        if answer is None or not width:
            return
        has_panels = width >= WIDE and height >= TALL
        has_pictures = bool(answer.worst) and answer.worst[0].picture is not None
        self.set_class(has_panels, "-panels")
        self.set_class(not has_pictures, "-no-pictures")
        self.set_class(has_panels and has_pictures and height >= WITH_WORST, "-worst")
        room = width - (58 if has_panels else 0) - 5
        lines = [*score_lines(answer, room), Content(""), *layer_lines(answer, room)]
        beside = has_panels and has_pictures
        classes = class_lines(answer, 52, BESIDE) if beside else class_lines(answer, room)
        if has_panels:
            self.query_one(LossPanel).show(answer.losses, shown_step(self))
        if beside:
            self.query_one("#overview-classes", Static).update(Content("\n").join(classes))
        elif classes:
            lines += [Content(""), *classes]
        self.query_one("#overview", Static).update(Content("\n").join(lines))
        self._draw_worst(answer)

    def _draw_worst(self, answer: "Overview") -> None:
        """Draw the errors that are images."""
        from tui.inspect.labels import mistake_label

        some = [one for one in answer.worst if one.picture is not None]
        colourless = bool(self.app.no_color)

        def draw(width: int, height: int) -> Sequence[Strip]:
            import numpy as np

            from tui.charts.gallery import gallery_strips, plan_gallery

            images = np.stack([pixels(one.picture) for one in some if one.picture is not None])
            plan = plan_gallery(len(some), images.shape[1:3], width, height, len(some))
            shown = plan.capacity
            labels = [mistake_label(one, answer.names) for one in some[:shown]]
            return gallery_strips(images[:shown], labels, plan, width, -1, colourless)

        self.query_one("#overview-worst", StripView).draw_with(draw if some else None)
