"""A horizontal bar for a share of 1, with a mark at chance level."""

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.charts.bars import bar


class Meter(Widget):
    """`label  ████████▋|   97.12 %`; the mark stands where guessing the commonest class would."""

    DEFAULT_CSS = "Meter { height: 1; }"

    share: reactive[float | None] = reactive(None)
    """0 to 1; None: no figure yet."""
    chance: reactive[float | None] = reactive(None)
    """Share that guessing reaches, marked on the bar."""

    def __init__(self, label: str, colour: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._label, self._colour = label, colour

    def render(self) -> Text:
        """Draw the bar in whatever width there is."""
        width = max(4, self.size.width - 11 - 9)
        figure = "    –    " if self.share is None else f"{100 * self.share:7.2f} %"
        cells = bar(self.share or 0.0, width)
        line = Text(f"{self._label:<11}")
        mark = None if self.chance is None else min(width - 1, int(self.chance * width))
        for i, cell in enumerate(cells):
            if i == mark:
                over = f"black on {self._colour}" if cell == "█" else "bold"
                line.append("┃", over)
            else:
                line.append(cell, self._colour)
        return line.append(figure)
