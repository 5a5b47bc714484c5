"""The errors of one tensor's gradient as a picture: against finite differences, against PyTorch, or both."""

from rich.segment import Segment
from rich.style import Style
from textual.reactive import reactive
from textual.strip import Strip

from tui.charts.heat import MARGIN, ErrorGrid, cell_words, heat_strips, legend
from tui.processes.check_stream import CheckHeat, Grid
from tui.widgets.strips import StripView

GAP = 2
"""Cells between two maps."""
FEW_COLOURS = ("standard", "windows")
"""Colour systems in which shades carry the picture."""
BESIDE = 26
"""Cells that each of two maps beside each other has at least."""
REFERENCES = ("differences", "torch")
_WORDS = {"differences": "against differences", "torch": "against PyTorch"}


class HeatMapView(StripView):
    """Draws `heat`; both truths where they have room side by side, else the one of `truth`."""

    heat: reactive[CheckHeat | None] = reactive(None)
    reference: reactive[str] = reactive("torch")
    """Which of `TRUTHS` is shown where only one has room."""

    def watch_heat(self) -> None:
        """Draw anew."""
        self.draw_with(self._drawn)

    def watch_reference(self) -> None:
        """Draw anew."""
        self.draw_with(self._drawn)

    @property
    def both_fit(self) -> bool:
        """Whether both truths stand side by side."""
        return len(_shown(self.heat, self.reference, self.size.width)) > 1

    def _drawn(self, width: int, height: int) -> list[Strip]:
        shaded = bool(self.app.no_color) or self.app.console.color_system in FEW_COLOURS
        return heat_panel(self.heat, self.reference, width, height, shaded)


def heat_panel(heat: CheckHeat | None, reference: str, width: int, height: int, shaded: bool) -> list[Strip]:
    """Return strips with the map or maps, what a cell is, and the legend."""
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


def grid_of(heat: CheckHeat, reference: str) -> ErrorGrid:
    """Return one truth's errors for the drawing."""
    rows: Grid = heat.torch if reference == "torch" and heat.torch is not None else heat.differences
    n = 1
    for size in heat.shape[1:]:
        n *= size
    matrix = (heat.shape[0], n) if len(heat.shape) > 1 else (1, heat.shape[0])
    return ErrorGrid(rows, heat.axes, heat.block, matrix, frozenset(heat.kinks))


def _shown(heat: CheckHeat | None, reference: str, width: int) -> tuple[str, ...]:
    if heat is None or heat.torch is None:
        return ("differences",)
    needed = max(BESIDE, len(heat.torch[0]) + MARGIN)
    return REFERENCES if 2 * needed + GAP <= width else (reference,)


def _one_map(heat: CheckHeat, reference: str, width: int, height: int, shaded: bool) -> list[Strip]:
    grid = grid_of(heat, reference)
    cells = cell_words(grid, width, height - 1, shaded)
    head = " " * MARGIN + _WORDS[reference] + (f"; {cells}" if cells else "")
    title = Strip([Segment(head[:width], Style(bold=True))]).adjust_cell_length(width, Style.null())
    return [title, *heat_strips(grid, width, height - 1, shaded)]


def _at(strips: list[Strip], y: int, blank: Strip) -> Strip:
    return strips[y] if y < len(strips) else blank


def _legend(heat: CheckHeat, shaded: bool) -> Strip:
    parts = legend(shaded, bool(heat.kinks))
    return Strip([Segment(text, Style.parse(style) if style else Style.null()) for text, style in parts])
