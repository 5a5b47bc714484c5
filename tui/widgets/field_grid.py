"""A grid of fields edited in place by keys; its two subclasses draw the rows."""

from typing import Any, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input, Static

from tui.draft.field import Field
from tui.widgets.choice_menu import ChoiceMenu
from tui.widgets.plain_input import PlainInput

Rows = tuple[tuple[Field, ...], ...]


class FieldGrid(VerticalScroll, inherit_bindings=False):
    """Rows of fields with a cursor; shows `rows` and posts the changes that the user requests.

    Enter edits: a number or text in an `Input` over the cell, a choice in a list that opens at the cell.
    """

    DEFAULT_CSS = """
    FieldGrid {
        layers: base over;
        height: auto;
        scrollbar-size-vertical: 1;
        #lines { height: auto; width: 1fr; }
        #cell-editor { layer: over; position: absolute; height: 1; display: none; padding: 0; background: $boost; }
        #complaint {
            layer: over; position: absolute; display: none; width: auto; height: auto; max-width: 100%;
            color: $text-error; background: $error-muted; padding: 0 1;
        }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1, 0)", "up", show=False),
        Binding("down,j", "move(1, 0)", "down", show=False),
        Binding("left,h", "move(0, -1)", "left", show=False),
        Binding("right,l", "move(0, 1)", "right", show=False),
        Binding("home", "jump(0)", "first", show=False),
        Binding("end", "jump(-1)", "last", show=False),
        Binding("enter", "edit", "edit", show=False),
        Binding("escape", "cancel", "cancel", show=False),
        Binding("plus,equals_sign", "step(1)", "more", show=False),
        Binding("minus,underscore", "step(-1)", "less", show=False),
    ]

    rows: reactive[Rows] = reactive(())
    """The fields to show; each row has at least one."""
    cursor: reactive[tuple[int, int]] = reactive((0, 0))
    """Row and column."""

    class FieldMessage(Message):
        """A message about one field of `grid`."""

        def __init__(self, grid: "FieldGrid", field: Field) -> None:
            super().__init__()
            self.grid = grid
            self.field = field

        @property
        def control(self) -> "FieldGrid":
            return self.grid

    class Highlighted(FieldMessage):
        """The cursor moved to the field, or its grid received the focus."""

    class Stepped(FieldMessage):
        """The user requests the next value or choice up (`direction` 1) or down (-1)."""

        def __init__(self, grid: "FieldGrid", field: Field, direction: int) -> None:
            super().__init__(grid, field)
            self.direction = direction

    class Chosen(FieldMessage):
        """The user selected `choice` from the list."""

        def __init__(self, grid: "FieldGrid", field: Field, choice: str) -> None:
            super().__init__(grid, field)
            self.choice = choice

    class Typed(FieldMessage):
        """The user typed `text`; the receiver calls `accept` or `refuse`."""

        def __init__(self, grid: "FieldGrid", field: Field, text: str) -> None:
            super().__init__(grid, field)
            self.text = text

    class Left(Message):
        """The user moved beyond the first or last row (`down` -1 or 1), or the first or last column (`right`)."""

        def __init__(self, grid: "FieldGrid", down: int, right: int = 0) -> None:
            super().__init__()
            self.grid = grid
            self.down = down
            self.right = right

    def __init__(self, title: str, **options: Any) -> None:
        super().__init__(**options)
        self.border_title = Content(title)
        self.choosing = False
        """True while the list of choices is open."""

    def compose(self) -> ComposeResult:
        yield Static(id="lines")
        yield PlainInput(id="cell-editor", compact=True, select_on_focus=True)
        yield Static(id="complaint", markup=False)

    # implemented by the two subclasses

    def draw(self) -> list[Content]:
        """Return the lines to show."""
        raise NotImplementedError

    def cell_region(self, row: int, column: int) -> Region:
        """Return a cell's region, relative to the lines."""
        raise NotImplementedError

    # for the screen

    @property
    def field(self) -> Field | None:
        """The field under the cursor."""
        row, column = self.cursor
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return None

    @property
    def is_editing(self) -> bool:
        """True while keys go to an editor or a list of choices."""
        return self.choosing or bool(self._editor.display)

    @property
    def shows_cursor(self) -> bool:
        """True if the cell under the cursor is highlighted: the grid has the focus, and no list or editor is open."""
        return self.has_focus and not self.choosing

    def place_of(self, key: str) -> tuple[int, int] | None:
        """Return row and column of the field whose key is `key` or, dotted, ends in it; None if there is none."""
        places = [(row, i) for row, fields in enumerate(self.rows) for i in range(len(fields))]
        found = [place for place in places if f".{self.rows[place[0]][place[1]].key}".endswith(f".{key}")]
        return found[0] if found else None

    def accept(self) -> None:
        """Close the editor: the typed text was accepted."""
        self._close()

    def refuse(self, message: str) -> None:
        """Keep the editor open and show `message` beside it."""
        complaint = self.query_one("#complaint", Static)
        complaint.update(Content(message))
        complaint.display = True
        region = self._editor.region
        below = region.y + 1 < self.content_region.bottom
        x, y, _, height = self.cell_region(*self.cursor)
        left = max(0, min(x, self.content_size.width - len(message) - 2))
        complaint.styles.offset = (left, y + height if below else y - 1)

    # reactives and events

    def watch_rows(self) -> None:
        row, column = self.cursor
        row = max(0, min(row, len(self.rows) - 1))
        self.cursor = (row, max(0, min(column, len(self.rows[row]) - 1)) if self.rows else 0)
        self._redraw()

    def watch_cursor(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        self._redraw()
        if before != after:
            self._announce()

    def on_resize(self) -> None:
        self._redraw()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Redraw once the focus has come or gone: only the cell of the focused grid is highlighted."""
        super().watch_has_focus(has_focus)
        self._redraw()
        self._announce()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the mouse; a second click edits."""
        offset = event.get_content_offset(self)
        if offset is None or self.is_editing:
            return
        point = offset + self.scroll_offset
        for row, fields in enumerate(self.rows):
            for column in range(len(fields)):
                if self.cell_region(row, column).contains_point(point):
                    again = self.cursor == (row, column)
                    self.cursor = (row, column)
                    if again and event.chain > 1:
                        self.action_edit()

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable escape only while a value is typed."""
        return bool(self._editor.display) if action == "cancel" and self.is_mounted else action != "cancel"

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor."""
        if self._editor.display:
            return
        row, column = self.cursor
        if not 0 <= row + down < len(self.rows) or (right and not 0 <= column + right < len(self.rows[row])):
            self.post_message(self.Left(self, down, right))
            return
        row += down
        self.cursor = (row, min(column + right, len(self.rows[row]) - 1))

    def action_jump(self, row: int) -> None:
        """Go to the first (0) or the last (-1) row."""
        if self.rows and not self.is_editing:
            self.cursor = (row % len(self.rows), self.cursor[1])

    def action_edit(self) -> None:
        """Edit the field under the cursor."""
        if self.field and self.field.kind == "choice":
            self._choose(self.field)
        elif self.field and self.field.kind in ("number", "text"):
            self._open_editor(self.field)

    def action_cancel(self) -> None:
        """Close the editor without a change."""
        self._close()

    def action_step(self, direction: int) -> None:
        """Request the next value up or down, or the next choice."""
        if self.field is not None and not self.is_editing and self.field.kind not in ("text", "fixed"):
            self.post_message(self.Stepped(self, self.field, direction))

    @on(Input.Submitted, "#cell-editor")
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        if self.field:
            self.post_message(self.Typed(self, self.field, event.value))

    @on(Input.Changed, "#cell-editor")
    def _forget_complaint(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#complaint").display = False

    @on(Input.Blurred, "#cell-editor")
    def _editor_left(self, event: Input.Blurred) -> None:
        """Keep the value after a click elsewhere."""
        event.stop()
        self._hide_editor()

    # private

    @property
    def _editor(self) -> Input:
        return self.query_one("#cell-editor", Input)

    @work(exclusive=True, group="choose")
    async def _choose(self, field: Field) -> None:
        lines = self.query_one("#lines").region
        cell = self.cell_region(*self.cursor).translate(lines.offset)
        self.choosing = True
        self._redraw()
        try:
            choice = await self.app.push_screen_wait(ChoiceMenu(field, cell))
        finally:
            self.choosing = False
        self._redraw()
        if choice is not None:
            self.post_message(self.Chosen(self, field, choice))

    def _open_editor(self, field: Field) -> None:
        region = self.cell_region(*self.cursor)
        editor = self._editor
        editor.styles.offset = (region.x, region.y)
        editor.styles.width = region.width
        editor.value = field.edit_text
        editor.display = True
        editor.focus()

    def _close(self) -> None:
        had_editor = self._editor.display
        self._hide_editor()
        if had_editor:
            self.focus()
        self._redraw()
        self._announce()

    def _hide_editor(self) -> None:
        self._editor.display = False
        self.query_one("#complaint").display = False

    def _announce(self) -> None:
        if self.field and self.has_focus_within:
            self.post_message(self.Highlighted(self, self.field))

    def _redraw(self) -> None:
        if not self.is_mounted:
            return
        lines = self.draw()
        body = self.query_one("#lines", Static)
        body.update(Content("\n").join(lines), layout=len(lines) != body.size.height)
        if self.rows:
            here = self.cell_region(*self.cursor)
            top = here.y if self.cursor[0] else 0  # with the first row, the heading above it
            self.scroll_to_region(Region(0, top, 1, here.bottom - top), animate=False, force=True)
