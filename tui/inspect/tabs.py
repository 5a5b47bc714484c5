"""The tabs of the views, in one row if they fit, else in two: performance above internals."""

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from tui.charts.tones import FAINT, MUTED
from tui.inspect.registry import ENTRIES, Entry

NO_BREAK = "\N{NO-BREAK SPACE}"
ROOMY, SNUG = 3, 1
"""Preferred and minimum cells between two tabs."""
HEADS = ("performance", "internals")
"""Heads of the two rows, if they fit."""


class ViewTabs(Widget):
    """Shows every view with `current` marked and those of `unfit` dimmed. A click opens a view."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ViewTabs {
        height: auto; padding: 0 1;
        link-color: $text; link-background: $background; link-style: none;
        link-color-hover: $text; link-background-hover: $boost; link-style-hover: none;
    }
    """

    current: reactive[str] = reactive("")
    unfit: reactive[frozenset[str]] = reactive(frozenset())
    """Names of the views that have nothing to show."""

    def render(self) -> Content:
        """Return the tabs, spaced to the width."""
        width = self.size.width
        rows = rows_of(ENTRIES, width)
        if len(rows) == 1:
            return self._row(rows[0], ROOMY)
        head = max(map(len, HEADS)) + ROOMY
        room = width - max(map(least_width, rows))
        gap = min(ROOMY, SNUG + max(0, room - head) // max(map(len, rows)))
        heads = [Content.styled(words.ljust(head), MUTED) if room >= head else Content("") for words in HEADS]
        return Content("\n").join(
            Content.assemble(start, self._row(row, gap)) for start, row in zip(heads, rows, strict=True)
        )

    def _row(self, entries: Sequence[Entry], gap: int) -> Content:
        return Content(NO_BREAK * (gap - 1) + " ").join(map(self._tab, entries))

    def _tab(self, entry: Entry) -> Content:
        """The title, a link, with its first letter in the colour of keys; another key stands before it."""
        title = entry.title.replace(" ", NO_BREAK)
        text = title if title.startswith(entry.key) else f"{entry.key}{NO_BREAK}{title}"
        if entry.name == self.current:
            return Content.styled(f"{NO_BREAK}{text}{NO_BREAK}", "bold $background on $primary")
        words = Content(text).stylize(Style.from_meta({"@click": f"screen.view('{entry.name}')"}))
        tone = FAINT if entry.name in self.unfit else ""
        key = len(entry.key)
        return words.stylize(tone).stylize(f"bold {tone or '$accent'}", 0, key)


def rows_of(entries: Sequence[Entry], width: int) -> list[list[Entry]]:
    """Return the tabs by row: one row if they fit with the preferred spacing, else two by their topic."""
    if least_width(entries) + (ROOMY - SNUG) * len(entries) <= width:
        return [list(entries)]
    return [[entry for entry in entries if entry.is_inside is inside] for inside in (False, True)]


def least_width(entries: Sequence[Entry]) -> int:
    """Return the minimum width of tabs side by side; the marked one takes two cells more."""
    return sum(_width(entry) + SNUG for entry in entries) - SNUG + 2


def _width(entry: Entry) -> int:
    return len(entry.title) + (0 if entry.title.startswith(entry.key) else len(entry.key) + 1)
