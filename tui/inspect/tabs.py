"""The views by name and key: in one row where there is room, else in two, how good it is above how it works."""

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.charts.tones import FAINT, MUTED
from tui.inspect.registry import ENTRIES, Entry

NO_BREAK = "\N{NO-BREAK SPACE}"
ROOMY, SNUG = 3, 1
"""Cells between two tabs, where there is room and at least."""
HEADS = ("how good", "how it works")
"""Before the two rows, where there is room."""


class ViewTabs(Widget):
    """Shows every view with `current` marked; dim are those of `unfit`. A click opens one."""

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
    """Names of views that have nothing to show."""

    def render(self) -> Content:
        """Return the tabs, as far apart as there is room for."""
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
        title = entry.title.replace(" ", NO_BREAK)
        if entry.name == self.current:
            return Content.styled(
                f"{NO_BREAK}{entry.key}{NO_BREAK}{title}{NO_BREAK}", "bold $background on $primary"
            )
        words = Content.from_markup(f"[@click=screen.view('{entry.name}')]{NO_BREAK}{title}[/]")
        tone = FAINT if entry.name in self.unfit else ""
        return Content.assemble((entry.key, f"bold {tone or '$accent'}"), words.stylize(tone))


def rows_of(entries: Sequence[Entry], width: int) -> list[list[Entry]]:
    """Return the tabs row by row: one row where all stand in it far apart, else two by what they look at."""
    if least_width(entries) + (ROOMY - SNUG) * len(entries) <= width:
        return [list(entries)]
    return [[entry for entry in entries if entry.is_inside is inside] for inside in (False, True)]


def least_width(entries: Sequence[Entry]) -> int:
    """Return the cells that tabs take side by side, the marked one two more than the others."""
    return sum(len(entry.key) + 1 + len(entry.title) + SNUG for entry in entries) - SNUG + 2
