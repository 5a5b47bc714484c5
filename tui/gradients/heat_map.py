"""The error map of one tensor's gradient: against finite differences, against PyTorch, or both."""

from rich.segment import Segment
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from engine.gradcheck.events import Grid, HeatMap
from tui.charts.heat import MARGIN, ErrorGrid, cell_words, heat_strips, legend
from tui.widgets.strips import StripView

GAP = 2
"""Cells between two maps."""
FEW_COLOURS = ("standard", "windows")
"""Colour systems for which shade characters are drawn."""
BESIDE = 26
"""Minimum cells of each map when both are shown side by side."""
REFERENCES = ("differences", "torch")
_WORDS = {"differences": "against differences", "torch": "against PyTorch"}


class HeatMapView(StripView):
    """Draws `heat` against both references side by side if they fit, else against `reference`."""

    heat: reactive[HeatMap | None] = reactive(None)
    reference: reactive[str] = reactive("torch")
    """The one of `REFERENCES` that is shown if only one fits."""

    def watch_heat(self) -> None:
        """Redraw."""
        self.draw_with(self._drawn)

    def watch_reference(self) -> None:
        """Redraw."""
        self.draw_with(self._drawn)

    @property
    def both_fit(self) -> bool:
        """True if the maps of both references fit side by side."""
        return len(_shown(self.heat, self.reference, self.size.width)) > 1

    def _drawn(self, width: int, height: int) -> list[Strip]:
        shaded = bool(self.app.no_color) or self.app.console.color_system in FEW_COLOURS
        return heat_panel(self.heat, self.reference, width, height, shaded)


def heat_panel(heat: HeatMap | None, reference: str, width: int, height: int, shaded: bool) -> list[Strip]:
    """Return strips with the map or maps, their heads, and the legend."""
    if heat is None or height < 4:
        return []
    shown = _shown(heat, reference, width)
    room = (width - GAP * (len(shown) - 1)) // len(shown)
    drawn = [_one_map(heat, name, room, height - 2, shaded) for name in shown]
    tallest = max(map(len, drawn))
    blank = Strip.blank(room, Style.null())
    lines = [
        Strip.join(
            [part for strips in drawn for part in (_at(strips, y, blank), Strip.blank(GAP, Style.null()))]
        )
        for y in range(tallest)
    ]
    return [*lines, Strip.blank(width, Style.null()), _legend(heat, shaded)][:height]


def grid_of(heat: HeatMap, reference: str) -> ErrorGrid:
    """Return the errors against one reference as a grid to draw."""
    rows: Grid = heat.torch if reference == "torch" and heat.torch is not None else heat.differences
    n = 1
    for size in heat.shape[1:]:
        n *= size
    matrix = (heat.shape[0], n) if len(heat.shape) > 1 else (1, heat.shape[0])
    return ErrorGrid(rows, heat.axes, heat.block, matrix, frozenset(heat.kinks))


def _shown(heat: HeatMap | None, reference: str, width: int) -> tuple[str, ...]:
    if heat is None or heat.torch is None:
        return ("differences",)
    needed = max(BESIDE, len(heat.torch[0]) + MARGIN)
    return REFERENCES if 2 * needed + GAP <= width else (reference,)


def _one_map(heat: HeatMap, reference: str, width: int, height: int, shaded: bool) -> list[Strip]:
    grid = grid_of(heat, reference)
    cells = cell_words(grid, width, height - 1, shaded)
    head = " " * MARGIN + _WORDS[reference] + (f"; {cells}" if cells else "")
    title = Strip([Segment(head[:width], Style(bold=True))]).adjust_cell_length(width, Style.null())
    return [title, *heat_strips(grid, width, height - 1, shaded)]


def _at(strips: list[Strip], y: int, blank: Strip) -> Strip:
    return strips[y] if y < len(strips) else blank


def _legend(heat: HeatMap, shaded: bool) -> Strip:
    parts = legend(shaded, bool(heat.kinks))
    return Strip([Segment(text, Style.parse(style) if style else Style.null()) for text, style in parts])
