"""A horizontal bar for a share between 0 and 1, with a mark at chance level."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.charts.bars import bar

_FIGURE_WIDTH = 9


class Meter(Widget):
    """`label       ████████▋┃     97.12 %`; the mark shows the chance level.

    Args:
        label: at the left, cut to `label_width` cells.
        colour: of the bar, `#RRGGBB` or a theme variable.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "Meter { height: 1; }"

    share: reactive[float | None] = reactive(None)
    """0 to 1; None: not known yet."""
    chance: reactive[float | None] = reactive(None)
    """Accuracy of guessing, marked on the bar; None: no mark."""
    label: reactive[str] = reactive("")

    def __init__(
        self,
        label: str,
        colour: str,
        *,
        label_width: int = 11,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._colour, self._label_width = colour, label_width
        self.set_reactive(Meter.label, label)

    def render(self) -> Content:
        """Draw the bar in the width of the widget."""
        share = self.share
        width = max(0, self.size.width - self._label_width - _FIGURE_WIDTH)
        known = share is not None and share == share  # not NaN
        figure = f"{100 * share:.2f} %" if known and share is not None else "–"
        label = self.label[: self._label_width].ljust(self._label_width)
        cells = bar(share if known and share is not None else 0.0, width)
        return Content.assemble(label, *self._marked(cells), figure.rjust(_FIGURE_WIDTH))

    def _marked(self, cells: str) -> list[tuple[str, str]]:
        """The bar with its mark, as (text, style) parts."""
        if self.chance is None or not cells or self.chance != self.chance:
            return [(cells, self._colour)]
        at = min(len(cells) - 1, max(0, int(self.chance * len(cells))))
        over = f"$background on {self._colour}" if cells[at] == "█" else "dim"
        return [(cells[:at], self._colour), ("┃", over), (cells[at + 1 :], self._colour)]
