"""The table of runs: draws only the visible rows, and repaints only those that have changed."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.actions import MOVE
from tui.runs.rows import STATES, Order, RunRow
from tui.words.column_widths import GAP, cell, fit, measure
from tui.words.run_columns import BY_KEY, columns_for

_MARK = "◆ "
_GAP = " " * GAP


class RunTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Lists rows; the cursor stays on its run. Reports the run under the cursor and the opened one."""

    HELP = (
        "One row per run, forks below their origin. best val acc: the best of all epochs on the validation split; "
        "final val acc: that of the last epoch. | chooses the columns."
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"runtable--{tone}"
        for tone in ("head", "cursor", "muted", "good", "warning", "error", "accent", "mark")
    }
    DEFAULT_CSS = """
    RunTable { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }
    .runtable--head, .runtable--muted { color: $foreground 60%; }
    .runtable--cursor { background: $block-cursor-blurred-background; text-style: bold; }
    RunTable:focus .runtable--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
    .runtable--good { color: $text-success; }
    .runtable--warning { color: $text-warning; }
    .runtable--error { color: $text-error; }
    .runtable--accent { color: $text-accent; }
    .runtable--mark { color: $text-accent; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor(-1)", "up", show=False, group=MOVE),
        Binding("down,j", "cursor(1)", "down", show=False, group=MOVE),
        Binding("pageup", "page(-1)", "page up", show=False, group=MOVE),
        Binding("pagedown", "page(1)", "page down", show=False, group=MOVE),
        Binding("home", "jump(0)", "first", show=False, group=MOVE),
        Binding("end", "jump(-1)", "last", show=False, group=MOVE),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)
    """Position of the row under the cursor, from 0."""
    order: reactive[Order] = reactive(Order())
    """The order that the head shows."""
    chosen: reactive[tuple[str, ...]] = reactive(())
    """The keys of the chosen columns; empty: those that the runs fill."""

    class Highlighted(Message):
        """The cursor is on another run, or its row has changed; without runs, `row` is empty (None)."""

        def __init__(self, row: RunRow | None) -> None:
            super().__init__()
            self.row = row

    class Opened(Message):
        """The user opens the run `name`."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class HeadPressed(Message):
        """The user clicks on the head of the column `key`."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        self._styles: dict[str, Style] = {}
        super().__init__(id=id, classes=classes)
        self._rows: list[RunRow] = []
        self._widths: dict[str, int] = {}

    # rows

    @property
    def rows(self) -> list[RunRow]:
        """The rows, from the top."""
        return self._rows

    @property
    def current(self) -> RunRow | None:
        """The row under the cursor; None without rows."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    def show(self, rows: Sequence[RunRow]) -> None:
        """Show these rows; the cursor stays on its run if that is still listed, else at its position."""
        before, looked_at = self._rows, self.current
        self._rows = list(rows)
        self._place_cursor(looked_at)
        is_as_long = len(before) == len(self._rows)
        changed = self._changed_lines(before) if is_as_long else []
        widths = self._widths
        if changed or not is_as_long:
            self._measure()
        if not is_as_long:
            self.refresh()
        elif widths == self._widths:
            for line in changed:
                self._refresh_row(line)
        if self.current != looked_at:
            self.post_message(self.Highlighted(self.current))

    def go_to(self, name: str) -> None:
        """Put the cursor on the run `name` if it is listed."""
        names = [row.name for row in self._rows]
        if name in names:
            self.cursor = names.index(name)

    def _place_cursor(self, looked_at: RunRow | None) -> None:
        place = min(self.cursor, max(0, len(self._rows) - 1))
        if looked_at is not None and not (self._rows and self._rows[place].name == looked_at.name):
            names = (i for i, row in enumerate(self._rows) if row.name == looked_at.name)
            place = next(names, place)
        self.set_reactive(RunTable.cursor, place)
        self._scroll_to_cursor()

    def _changed_lines(self, before: Sequence[RunRow]) -> list[int]:
        """Return the visible lines that differ from those of as many rows before."""
        top = self.scroll_offset.y
        visible = range(top, min(len(self._rows), top + self.size.height - 1))
        return [line for line in visible if before[line] != self._rows[line]]

    # cursor

    def watch_cursor(self, old: int, new: int) -> None:
        """Repaint both rows and report the new one."""
        self._refresh_row(old)
        self._refresh_row(new)
        self._scroll_to_cursor()
        self.post_message(self.Highlighted(self.current))

    def validate_cursor(self, place: int) -> int:
        """Keep the cursor within the rows."""
        return max(0, min(place, len(self._rows) - 1))

    def action_cursor(self, by: int) -> None:
        """Move the cursor."""
        self.cursor += by

    def action_page(self, by: int) -> None:
        """Move the cursor by a page."""
        self.cursor += by * max(1, self.size.height - 2)

    def action_jump(self, to: int) -> None:
        """Move the cursor to the first (0) or the last (-1) row."""
        self.cursor = 0 if to == 0 else len(self._rows) - 1

    def on_click(self, event: Click) -> None:
        """Move the cursor to the clicked row, open its run on a double click; sort on a click on the head."""
        place = event.get_content_offset(self)
        if place is None:
            return
        if place.y == 0:
            self._press_head(place.x)
        elif (line := place.y - 1 + self.scroll_offset.y) < len(self._rows):
            self.cursor = line
            if event.chain == 2:
                self.post_message(self.Opened(self._rows[line].name))

    def _press_head(self, x: int) -> None:
        end = len(_MARK)
        for key, width in self._widths.items():
            end += width + GAP
            if x < end:
                self.post_message(self.HeadPressed(key))
                return

    def _scroll_to_cursor(self) -> None:
        seen = max(1, self.size.height - 1)
        top = self.scroll_offset.y
        if not top <= self.cursor < top + seen:
            to = self.cursor if self.cursor < top else self.cursor - seen + 1
            self.scroll_to(y=to, animate=False, immediate=True)

    # drawing

    def on_resize(self) -> None:
        """Redraw for the new size."""
        self._measure()
        self._scroll_to_cursor()

    def _measure(self) -> None:
        """Compute the column widths; a scroll bar takes one cell."""
        self.virtual_size = Size(0, len(self._rows) + 1)
        room = self.scrollable_content_region
        has_bar = len(self._rows) + 1 > room.height and not self.show_vertical_scrollbar
        runs = [row.run for row in self._rows]
        columns = columns_for(runs, self.chosen)
        longest = measure(columns[1:] if columns[:1] == [BY_KEY["name"]] else columns, runs)
        longest["name"] = max((len(row.branch) + len(row.run.name) for row in self._rows), default=0)
        before, self._widths = self._widths, fit(columns, room.width - len(_MARK) - int(has_bar), longest)
        if before != self._widths:
            self.refresh()

    @property
    def shown(self) -> list[str]:
        """The keys of the visible columns, from the left."""
        return list(self._widths)

    def watch_chosen(self) -> None:
        """Show the chosen columns."""
        self._measure()

    def watch_order(self) -> None:
        """Repaint the head."""
        self.refresh(Region(0, 0, self.size.width, 1))

    def _refresh_row(self, line: int) -> None:
        y = line - self.scroll_offset.y + 1
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Return the head or a row."""
        width = self.size.width
        line = y - 1 + self.scroll_offset.y
        if y == 0:
            segments = self._head()
        elif line < len(self._rows):
            segments = self._line(self._rows[line], line == self.cursor)
        else:
            return Strip.blank(width, self._tone(""))
        base = self._tone("cursor" if y and line == self.cursor else "")
        return Strip(segments).adjust_cell_length(width, base)

    def _head(self) -> list[Segment]:
        style = self._tone("head")
        segments = [Segment(" " * len(_MARK), style)]
        for key, width in self._widths.items():
            column = BY_KEY[key]
            chosen = key == self.order.key
            arrow = ("▼" if self.order.descending else "▲") if chosen else ""
            text = cell(arrow + column.head if column.right else column.head + arrow, width, column.right)
            segments.append(Segment(text + _GAP, style + Style(bold=chosen)))
        return segments

    def _line(self, row: RunRow, is_current: bool) -> list[Segment]:
        base = self._tone("cursor" if is_current else "")

        def tone(name: str) -> Style:
            return base if is_current else self._tone(name)

        segments = [Segment(_MARK if row.is_marked else " " * len(_MARK), tone("mark"))]
        for key, width in self._widths.items():
            column = BY_KEY[key]
            style = tone(STATES[row.run.state][1]) if key == "state" else base
            style = tone("muted") if key in ("age", "host", "seconds", "parent") else style
            style = tone("accent") if key == "tag" else style
            segments.append(Segment(cell(row.cell(key), width, column.right) + _GAP, style))
        return segments

    def _tone(self, name: str) -> Style:
        """The style of a tone; "" is that of the table."""
        if name not in self._styles:
            style = self.get_component_rich_style(f"runtable--{name}") if name else self.rich_style
            self._styles[name] = style
        return self._styles[name]

    def notify_style_update(self) -> None:
        """Redraw in the colours of the new theme."""
        self._styles = {}
        super().notify_style_update()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Update the style of the cursor row for the focus."""
        self._styles = {}
        super().watch_has_focus(has_focus)
