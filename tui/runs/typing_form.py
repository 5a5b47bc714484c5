"""A form in which a typed digit begins a new value, and which reports what is typed."""

from textual import on
from textual.events import Key
from textual.message import Message
from textual.widgets import Input

from tui.draft.field import Field
from tui.widgets.field_grid import FieldGrid
from tui.widgets.training_form import TrainingForm


class TypingForm(TrainingForm):
    """One field per line. Enter or a digit edits a number; below the last field, the form is left."""

    class Typing(FieldGrid.FieldMessage):
        """The text of the open editor is `text` now."""

        def __init__(self, grid: FieldGrid, field: Field, text: str) -> None:
            super().__init__(grid, field)
            self.text = text

    class Finished(Message):
        """The user moved down beyond the last field."""

    def go_to(self, key: str) -> None:
        """Put the cursor on the field with this key."""
        for row, fields in enumerate(self.rows):
            if fields[0].key == key:
                self.cursor = (row, 0)

    def type_over(self, character: str) -> None:
        """Open the editor of the number under the cursor with this first character."""
        if self.field is None or self.field.kind != "number" or self.is_editing:
            return
        editor = self.query_one("#cell-editor", Input)
        editor.select_on_focus = False  # the next character must not replace this one
        self.action_edit()
        editor.value = character
        editor.cursor_position = len(character)

    def accept(self) -> None:
        """Close the editor: the typed text was accepted."""
        super().accept()
        self.query_one("#cell-editor", Input).select_on_focus = True

    def on_key(self, event: Key) -> None:
        """Begin a new value with a digit or a point."""
        if self.has_focus and event.character and event.character in "0123456789.":
            event.stop()
            self.type_over(event.character)

    def action_cancel(self) -> None:
        """Close the editor without a change."""
        super().action_cancel()
        self.query_one("#cell-editor", Input).select_on_focus = True

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor; beyond the last field, report that the form is left."""
        if down > 0 and self.cursor[0] == len(self.rows) - 1 and not self.is_editing:
            self.post_message(self.Finished())
        elif right == 0 and self.cursor[0] + down >= 0:
            super().action_move(down, right)

    @on(Input.Changed, "#cell-editor")
    def _report_typing(self, event: Input.Changed) -> None:
        if self.field is not None and self.is_editing:
            self.post_message(self.Typing(self, self.field, event.value))
