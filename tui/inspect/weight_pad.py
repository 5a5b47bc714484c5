"""The incoming weights of a unit, with a cursor and keys to edit them."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.actions import ARROWS, MOVE
from tui.charts.signed_bars import signed_bar
from tui.widgets.strips import CURSOR_STYLE, StripView

EDITED = Style(color="#d75fd7", bold=True)
NAME = 14
MOST_HALF = 10
"""Cells of a bar on either side of its axis."""
STEPS = 10
"""Key presses from 0 to the largest weight of the unit."""


class WeightPad(StripView, can_focus=True):
    """Shows weights as an image or as lines, the bias last; reports edits."""

    HELP = (
        "Arrows or hjkl select a weight; the bias is the last one. + and - change it by a tenth of the unit's largest "
        "weight, enter opens a field for its value, 0 sets it to 0. On the list of units 0 disables a whole unit. u "
        "undoes the newest edit, ctrl+u all. Edits apply to a copy and are never written to the run; they last while "
        "you go from unit to unit, and are dropped when you go to another checkpoint or the training continues."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *ARROWS,
        Binding("pageup", "move(0, -10)", "page up", group=MOVE, show=False),
        Binding("pagedown", "move(0, 10)", "page down", group=MOVE, show=False),
        Binding("plus,equals_sign", "change(1)", "more", key_display="+", tooltip="increase the weight"),
        Binding("minus,underscore", "change(-1)", "less", key_display="-", tooltip="decrease the weight"),
        Binding("enter", "ask", "type", tooltip="type the value of the weight"),
        Binding("0", "zero", "zero", tooltip="set the weight to 0"),
    ]

    cursor: reactive[int] = reactive(0)
    """Position of the marked weight; the bias is last."""

    class Moved(Message):
        """Another weight is marked."""

    class ValueRequested(Message):
        """The user wants to type a value."""

    class Changed(Message):
        """The user sets the marked weight to `value`."""

        def __init__(self, value: float) -> None:
            super().__init__()
            self.value = value

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._weights: Sequence[float | None] = ()
        self._shape: tuple[int, int] | None = None
        self._edited: frozenset[int] = frozenset()
        self._names: Sequence[str] = ()
        self._colourless = False

    @property
    def value(self) -> float | None:
        """The marked weight; None if it is not finite."""
        return self._weights[self.cursor] if self.cursor < len(self._weights) else None

    @property
    def is_picture(self) -> bool:
        """True if the weights are shown as an image."""
        return self._shape is not None

    def show(
        self,
        weights: Sequence[float | None],
        shape: tuple[int, int] | None,
        edited: frozenset[int],
        names: Sequence[str],
        *,
        colourless: bool,
    ) -> None:
        """Show weights, the bias last; the cursor keeps its position if it exists.

        Args:
            shape: height and width of the weights, without the bias, as an image; None: show lines.
            names: of the inputs, such as x₁.
        """
        self._weights, self._shape, self._edited, self._names = weights, shape, edited, names
        self._colourless = colourless
        self.cursor = max(0, min(len(weights) - 1, self.cursor))
        self.draw_with(self._drawn)

    def _drawn(self, width: int, height: int) -> Sequence[Strip]:
        if not self._weights:
            return []
        if self._shape is None:
            return self._lines(width, height)
        from tui.charts.weight_picture import weight_strips

        picture = weight_strips(
            self._weights[:-1], self._shape, self.cursor, self._edited, width, height - 1, self._colourless
        )
        return [*picture, self._line(len(self._weights) - 1, width)]

    def _lines(self, width: int, height: int) -> list[Strip]:
        count = len(self._weights)
        first = max(0, min(count - height, self.cursor - height // 2))
        return [self._line(i, width) for i in range(first, min(count, first + height))]

    def _line(self, i: int, width: int) -> Strip:
        value, is_edited = self._weights[i], i in self._edited
        reach = max((abs(one) for one in self._weights if one is not None), default=0.0) or 1.0
        name = "bias" if i == len(self._weights) - 1 else self._names[i]
        figures = "NaN" if value is None else f"{value:+.4g}"
        sign = "*" if is_edited else " "
        half = max(3, min(MOST_HALF, (width - NAME - 13) // 2))
        text = f"{sign}{set_cell_size(name, NAME)}{figures:>11} "
        style = CURSOR_STYLE if i == self.cursor else EDITED if is_edited else Style.null()
        bars = signed_bar(value, reach, half, colourless=self._colourless)
        return Strip([Segment(text, style), *bars]).adjust_cell_length(width, Style.null())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys of an edit only if there is a weight to edit."""
        return bool(self._weights) if action in ("change", "ask", "zero") else True

    def watch_cursor(self) -> None:
        """Mark the weight."""
        if self._weights:
            self.draw_with(self._drawn)
            self.post_message(self.Moved())

    def action_move(self, across: int, down: int) -> None:
        """Move the cursor to a neighbour; the bias is below the last row."""
        last = len(self._weights) - 1
        if self._shape is None:
            wanted = self.cursor + across + down
        elif self.cursor == last:
            wanted = last - 1 if across < 0 or down < 0 else last
        else:
            wanted = self.cursor + across + down * self._shape[1]
            wanted = last if down > 0 and wanted >= last else wanted
        if wanted >= 0 or self._shape is None:
            self.cursor = max(0, min(last, wanted))

    def action_change(self, sign: int) -> None:
        """Change the marked weight by one step."""
        if self._weights:
            self.post_message(self.Changed(float(f"{(self.value or 0.0) + sign * self._step:.6g}")))

    @property
    def _step(self) -> float:
        """A tenth of the largest unedited weight, rounded to one significant digit."""
        own = [abs(one) for i, one in enumerate(self._weights) if one is not None and i not in self._edited]
        return float(f"{(max(own, default=0.0) or 1.0) / STEPS:.1g}")

    def action_zero(self) -> None:
        """Set the marked weight to 0."""
        if self._weights:
            self.post_message(self.Changed(0.0))

    def action_ask(self) -> None:
        """Request a typed value."""
        if self._weights:
            self.post_message(self.ValueRequested())
