"""The units of a layer, page by page, with a cursor."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from tui.actions import ARROWS, MOVE
from tui.charts.bars import bar
from tui.inspect.rasters import pixels
from tui.widgets.strips import CURSOR_STYLE, StripView, text_strip
from tui.words.figures import figure

if TYPE_CHECKING:
    from engine.inspection.unit_summaries import UnitSummary
    from tui.charts.gallery import GalleryPlan

ENOUGH = 8
"""Images that should fit before they are drawn larger."""
BAR = 5
GUESS = 24
"""Units of the first page, before the capacity is known."""


class UnitStrip(StripView, can_focus=True):
    """Shows a page of units as images or lines; reports the unit that the user chooses."""

    HELP = "Arrows or hjkl select a unit, / finds one by its number, 0 disables it, tab goes to its weights."
    BINDINGS: ClassVar[list[BindingType]] = [
        *ARROWS,
        Binding("pageup", "page(-1)", "page up", group=MOVE, show=False),
        Binding("pagedown", "page(1)", "page down", group=MOVE, show=False),
    ]

    class Chosen(Message):
        """The user chooses a unit."""

        def __init__(self, unit: int) -> None:
            super().__init__()
            self.unit = unit

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._units: Sequence[UnitSummary] = ()
        self._total = 0
        self._unit = 0
        self._edited: frozenset[int] = frozenset()
        self._across = 1
        self._capacity = GUESS
        self._colourless = False

    @property
    def capacity(self) -> int:
        """Units per page."""
        return self._capacity

    def page_of(self, unit: int) -> int:
        """Return the first unit of the page with `unit`."""
        return unit // self._capacity * self._capacity

    def show(
        self,
        units: "Sequence[UnitSummary]",
        total: int,
        unit: int,
        edited: frozenset[int],
        *,
        colourless: bool,
    ) -> None:
        """Show a page of `total` units, with a mark on `unit` and on the edited ones."""
        self._units, self._total, self._unit = units, total, unit
        self._edited, self._colourless = edited, colourless
        self.draw_with(self._drawn)

    def mark(self, unit: int) -> None:
        """Move the mark before the answer arrives."""
        self._unit = unit
        self.draw_with(self._drawn)

    def _drawn(self, width: int, height: int) -> Sequence[Strip]:
        if not self._units:
            return []
        if self._units[0].picture is None:
            self._across, self._capacity = 1, max(1, height - 1)
            return self._lines(width)
        from tui.charts.gallery import plan_gallery

        picture = self._units[0].picture
        shape = (picture.height, picture.width)
        plan = plan_gallery(self._total, shape, width, height, ENOUGH)
        if plan.height // 2 >= height:  # not even one fits
            low = max(2, 2 * (height - 1))
            plan = plan_gallery(self._total, (low, max(1, low * shape[1] // shape[0])), width, height, ENOUGH)
        self._across, self._capacity = plan.across, plan.capacity
        return self._pictures(plan, width)

    def _pictures(self, plan: "GalleryPlan", width: int) -> list[Strip]:
        import numpy as np

        from tui.charts.gallery import gallery_strips
        from tui.charts.signed import signed_greys, signed_pixels

        paint = signed_greys if self._colourless else signed_pixels
        drawn = [
            paint(pixels(one.picture)) for one in self._units[: plan.capacity] if one.picture is not None
        ]
        labels = [f"{one.unit}{'*' if one.unit in self._edited else ''}" for one in self._units]
        marked = self._unit - self._units[0].unit
        shown = marked if 0 <= marked < plan.capacity else -1
        return gallery_strips(np.stack(drawn), labels, plan, width, shown, self._colourless)

    def _lines(self, width: int) -> list[Strip]:
        head = f" {'unit':>6} {'active':<{BAR + 7}}{'mean':>9}{'largest':>9}"
        return [text_strip(head, width, Style(dim=True)), *(self._line(one, width) for one in self._units)]

    def _line(self, one: "UnitSummary", width: int) -> Strip:
        sign = "*" if one.unit in self._edited else " "
        active = "NaN" if one.active is None else f"{bar(one.active, BAR)} {100 * one.active:>4.0f} %"
        text = f"{sign}{one.unit:>6,} {active:<{BAR + 7}}{figure(one.mean, 2):>9}{figure(one.highest, 3):>9}"
        return text_strip(text, width, CURSOR_STYLE if one.unit == self._unit else Style.null())

    def action_move(self, across: int, down: int) -> None:
        """Move the cursor to a neighbour."""
        self._go(self._unit + across + down * self._across)

    def action_page(self, by: int) -> None:
        """Move by a page."""
        self._go(max(0, min(self._total - 1, self._unit + by * self._capacity)))

    def _go(self, unit: int) -> None:
        if 0 <= unit < self._total and unit != self._unit:
            self.mark(unit)
            self.post_message(self.Chosen(unit))
