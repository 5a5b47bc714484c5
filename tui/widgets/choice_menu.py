"""The list of a field's choices, opened at its cell, with a note on the highlighted one beside it."""

from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Offset, Region, Size
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import OptionList, Static

from tui.charts.tones import MUTED
from tui.draft.choices import CURVE_ENDS, note_on
from tui.draft.field import Field
from tui.theme import BLUE
from tui.widgets.menu_list import MenuList
from tui.widgets.strips import StripView

_NOTE = 38
"""Width of the note, in cells."""
_CURVE = 6
"""Height of an activation's curve, in cells."""
_LEAST = 4
"""Minimum height of the note."""
_FRAME = 2


class ChoiceMenu(ModalScreen[str | None]):
    """Shows all choices of `field` at the cell of `region`; returns the selected one, None after escape.

    Letters jump to a choice that starts with them.
    """

    DEFAULT_CSS = """
    ChoiceMenu { align: left top; }
    ChoiceMenu > Horizontal {
        position: absolute; border: round $accent; background: $surface; border-subtitle-color: $text-muted;
    }
    ChoiceMenu MenuList, ChoiceMenu MenuList:focus { height: 1fr; scrollbar-size-vertical: 1; }
    ChoiceMenu #note { width: 1fr; height: 1fr; padding: 0 1; }
    ChoiceMenu #words { height: auto; }
    ChoiceMenu #curve { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "cancel"),
    ]

    def __init__(self, field: Field, region: Region) -> None:
        super().__init__()
        self._field = field
        self._region = region
        self._typed = ""
        self._has_curves = any(note_on(field, choice).curve for choice in field.choices)
        self._size_at_first: Size | None = None

    def compose(self) -> ComposeResult:
        with Horizontal() as box:
            box.border_subtitle = "enter select · esc cancel"
            yield MenuList(id="choices")
            with Vertical(id="note"):
                yield Static(id="words")
                yield StripView(id="curve")

    def on_mount(self) -> None:
        """Place the list at its cell, with the cursor on the current choice."""
        self.styles.background = "transparent"
        choices = self._field.choices
        menu = self.query_one(MenuList)
        menu.show([Content(f" {choice} ") for choice in choices], self._current())
        menu.focus()
        self._place()

    def _current(self) -> int:
        choices = self._field.choices
        return choices.index(self._field.choice) if self._field.choice in choices else 0

    def _place(self) -> None:
        """Put the box below the cell, or above it where there is more room, within the screen."""
        room, cell = self.app.size, self._region
        list_width = max(len(choice) for choice in self._field.choices) + 3
        width = list_width + _NOTE + _FRAME
        wanted = max(len(self._field.choices), _LEAST + (_CURVE if self._has_curves else 0)) + _FRAME
        below, above = room.height - cell.bottom, cell.y
        is_below = wanted <= below or below >= above
        height = min(wanted, max(below if is_below else above, min(wanted, _LEAST + _FRAME)))
        note_at_the_left = cell.x - 2 + width > room.width
        x = cell.x - 2 - (_NOTE if note_at_the_left else 0)
        y = cell.bottom if is_below else cell.y - height
        box = self.query_one(Horizontal)
        box.styles.width, box.styles.height = width, height
        box.styles.offset = Offset(max(0, min(x, room.width - width)), max(0, min(y, room.height - height)))
        menu = self.query_one(MenuList)
        menu.styles.width = list_width
        if note_at_the_left:
            box.move_child(menu, after=1)

    def on_resize(self, event: events.Resize) -> None:
        """Close if the terminal's size changes: the cell is elsewhere then."""
        if self._size_at_first not in (None, event.size):
            self.dismiss(None)
        self._size_at_first = event.size

    def on_click(self, event: events.Click) -> None:
        """Close without a choice after a click outside."""
        if not self.query_one(Horizontal).region.contains(event.screen_x, event.screen_y):
            self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        """Jump to the next choice that starts with the typed letters."""
        letter = event.character or ""
        if letter not in "jk" and (letter.isalnum() or letter == "_"):
            event.stop()
            self._jump(letter.lower())

    def _jump(self, letter: str) -> None:
        menu, choices = self.query_one(MenuList), self._field.choices
        here = menu.highlighted or 0
        for typed, first in ((self._typed + letter, here), (letter, here + 1)):
            order = [(first + step) % len(choices) for step in range(len(choices))]
            found = next((index for index in order if choices[index].startswith(typed)), None)
            if found is not None:
                self._typed, menu.highlighted = typed, found
                return

    @on(OptionList.OptionHighlighted)
    def _explain(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        note = note_on(self._field, self._field.choices[event.option_index])
        lines = [
            *([Content.styled(note.formula, "bold")] if note.formula else []),
            *([Content.styled(note.words, MUTED)] if note.words else []),
        ]
        self.query_one("#words", Static).update(Content("\n").join(lines))
        self.query_one("#curve", StripView).draw_with(_curve(note.curve) if note.curve else None)

    @on(OptionList.OptionSelected)
    def _select(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._field.choices[event.option_index])


def _curve(values: tuple[float, ...]) -> Any:
    def draw(width: int, height: int) -> list[Strip]:
        from tui.charts.function_plot import function_strips

        return function_strips(values, CURVE_ENDS, width, height, BLUE, shown=(0.0,))

    return draw
