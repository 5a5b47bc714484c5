"""A grid of fields edited in place by keys; its two subclasses draw the rows."""

from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input, Static

from tui.draft.field import Field

Rows = tuple[tuple[Field, ...], ...]


class FieldGrid(VerticalScroll, inherit_bindings=False):
    """Rows of fields with a cursor; shows `rows` and posts the changes that the user requests.

    Enter edits: a number or text in an `Input` over the cell, a choice by cycling through its list. There every
    step is posted at once, and escape posts that the steps are withdrawn.
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
        """The user requests the next value or choice up (`direction` 1) or down (-1).

        All steps within one opened list of choices carry the same `visit`.
        """

        def __init__(self, grid: "FieldGrid", field: Field, direction: int, visit: int) -> None:
            super().__init__(grid, field)
            self.direction = direction
            self.visit = visit

    class Abandoned(FieldMessage):
        """The user cancels the list of choices: the choice before this `visit` is to be restored."""

        def __init__(self, grid: "FieldGrid", field: Field, visit: int) -> None:
            super().__init__(grid, field)
            self.visit = visit

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
        self.border_title = title
        self.choosing = False
        self._visit = 0

    def compose(self) -> ComposeResult:
        yield Static(id="lines")
        yield Input(id="cell-editor", compact=True, select_on_focus=True)
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

    def accept(self) -> None:
        """Close the editor: the typed text was accepted."""
        self._close()

    def refuse(self, message: str) -> None:
        """Keep the editor open and show `message` beside it."""
        complaint = self.query_one("#complaint", Static)
        complaint.update(message)
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
        if not has_focus and self.choosing:
            self._close()
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
        """Enable escape only while something is being edited."""
        return self.is_editing if action == "cancel" else True

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor; while choosing, cycle through the choices."""
        if self._editor.display:
            return
        if self.choosing:
            self.action_step(down or right)
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
        """Edit the field under the cursor; while choosing, accept the choice."""
        if self.choosing:
            self._close()
        elif self.field and self.field.kind == "choice":
            self._visit += 1
            self.choosing = True
            self._redraw()
            self._announce()
        elif self.field and self.field.kind in ("number", "text"):
            self._open_editor(self.field)

    def action_cancel(self) -> None:
        """Close the editor or the list of choices without a change."""
        if self.choosing and self.field:
            self.post_message(self.Abandoned(self, self.field, self._visit))
        self._close()

    def action_step(self, direction: int) -> None:
        """Request the next value up or down, or the next choice."""
        if self.field is None or self._editor.display or self.field.kind in ("text", "fixed"):
            return
        if not self.choosing:
            self._visit += 1
        self.post_message(self.Stepped(self, self.field, direction, self._visit))

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
        self.choosing = False
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
