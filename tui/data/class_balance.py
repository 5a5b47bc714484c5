"""Class balance: the number of samples of each class as bars or columns."""

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.charts.bars import bar, columns
from tui.theme import MARKS, SERIES

_MOST_NAME = 12
_ROOM_FOR_COUNTS = 44
"""Minimum cells for counts beside the shares."""


class ClassBalance(Widget):
    """A bar per class with its mark, count and share; a small column per class if there are few lines."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "ClassBalance { height: auto; }"

    counts: reactive[tuple[tuple[str, int], ...]] = reactive((), layout=True)
    """(name, samples) of each class; empty: nothing is shown."""
    compact: reactive[bool] = reactive(False, layout=True)
    """True to show columns instead of bars for more than two classes."""

    def watch_counts(self) -> None:
        """Hide the widget without classes."""
        self.display = bool(self.counts)

    def render(self) -> Content:
        """Return the bars, or the columns."""
        lines = self._columns() if self.compact and len(self.counts) > 2 else self._bars()
        return Content("\n").join(lines)

    def _bars(self) -> list[Content]:
        total, largest = sum(self._sizes), max(self._sizes, default=0)
        name_width = min(_MOST_NAME, max((cell_len(name) for name, _ in self.counts), default=0))
        with_counts = self.size.width >= _ROOM_FOR_COUNTS
        room = max(0, self.size.width - name_width - 3 - (17 if with_counts else 8))
        lines = []
        for i, (name, count) in enumerate(self.counts):
            colour = SERIES[i % len(SERIES)]
            head = f"{MARKS[i % len(MARKS)]} {set_cell_size(name, name_width)} "
            figures = f"{count:>9,}" if with_counts else ""
            cells = bar(count / max(1, largest), room)
            lines.append(
                Content.assemble((head, colour), (cells, colour), f"{figures}{share_text(count, total):>8}")
            )
        return lines

    def _columns(self) -> list[Content]:
        """Three lines: columns two cells apart, the initials of the classes, the smallest and the largest class."""
        shown = self.counts[: max(1, self.size.width // 2)]
        total, largest = sum(self._sizes), max(self._sizes)
        blocks = columns([count / max(1, largest) for _, count in shown])
        coloured = [(f"{block} ", SERIES[i % len(SERIES)]) for i, block in enumerate(blocks)]
        names = Content.styled("".join(f"{name[:1]} " for name, _ in shown), "dim")
        ends = (min(self.counts, key=_size), max(self.counts, key=_size))
        words = " … ".join(f"{name} {share_text(count, total)}" for name, count in ends)
        return [Content.assemble(*coloured), names, Content.styled(words, "dim")]

    @property
    def _sizes(self) -> list[int]:
        return [count for _, count in self.counts]


def _size(one: tuple[str, int]) -> int:
    return one[1]


def share_text(count: int, total: int) -> str:
    """Return a share such as `12.3 %`."""
    return f"{100 * count / total:.1f} %" if total else "–"
