"""The editing half of the Build screen: layers, learning and training as fields, with undo."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from engine.errors import ExperimentError
from engine.experiment.overrides import value_at
from tui.build.hints import hint_for
from tui.build.layer_table import LayerTable
from tui.draft import tables, views
from tui.draft.assess import Assessment
from tui.draft.field import Field
from tui.draft.fields import FieldReader
from tui.draft.history import DraftHistory
from tui.draft.steps import stepped
from tui.draft.tables import Draft
from tui.widgets.field_grid import FieldGrid
from tui.widgets.set_text import set_text
from tui.widgets.training_form import TrainingForm


class DraftEditor(Vertical):
    """Owns the history of the draft; reports each change and shows `assessment`."""

    DEFAULT_CSS = """
    DraftEditor {
        FieldGrid { border: round $border; border-title-color: $text-muted; padding: 0 1; }
        FieldGrid:focus, FieldGrid:focus-within { border: round $accent; }
        LayerTable { max-height: 45%; min-height: 6; }
        #forms { height: 1fr; min-height: 4; }
        TrainingForm { width: 1fr; height: 1fr; }
        #command { display: none; border-title-color: $text-muted;
            height: auto; max-height: 7; border: round $border; padding: 0 1; color: $text-muted; }
        #hint { height: 2; padding: 0 1; }
    }
    """

    assessment: reactive[Assessment] = reactive(Assessment())
    """The last assessment; for a moment it may be that of the previous draft."""

    class Changed(Message):
        """The draft has changed."""

        def __init__(self, draft: Draft) -> None:
            super().__init__()
            self.draft = draft

    class Finished(Message):
        """The user moved down beyond the last panel."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._history: DraftHistory | None = None
        self._layer = 0
        self._remembered: dict[tuple[str, str], object] = {}

    def compose(self) -> ComposeResult:
        yield LayerTable(id="layers", title="layers")
        with Horizontal(id="forms"):
            yield TrainingForm(id="learning", title="learning")
            yield TrainingForm(id="training", title="training")
        yield Static(id="command")
        yield Static(id="hint")

    # for the screen

    @property
    def draft(self) -> Draft | None:
        """The current draft; None before the first one."""
        return self._history.draft if self._history else None

    @property
    def is_editing(self) -> bool:
        """True while keys go to an editor or a list of choices."""
        return any(grid.is_editing for grid in self._grids)

    def change(self, draft: Draft, tag: str = "") -> None:
        """Make `draft` the current one; consecutive changes of one tag are undone together."""
        if self._history is None:
            self._history = DraftHistory(draft)
        elif not self._history.change(draft, tag):
            return
        self._changed()

    def start(self, draft: Draft) -> None:
        """Start from another draft; undo returns to the previous one."""
        self._remembered.clear()
        self._layer = 0
        self.change(draft)
        self.query_one(LayerTable).cursor = (0, 0)

    def undo(self) -> bool:
        """Undo the last change; return False if there is nothing to undo."""
        return self._travel(lambda history: history.undo())

    def redo(self) -> bool:
        """Redo the last undone change; return False if there is nothing to redo."""
        return self._travel(lambda history: history.redo())

    def add_layer(self, kind: str = "dense") -> None:
        """Add a hidden layer of a kind after the selected one."""
        self._change_layers(lambda draft: tables.with_layer_added(draft, self._layer, kind))

    def duplicate_layer(self) -> None:
        """Add a copy of the selected layer after it."""
        self._change_layers(lambda draft: tables.with_layer_duplicated(draft, self._layer))

    def remove_layer(self) -> None:
        """Remove the selected layer; the only one is kept."""
        self._change_layers(lambda draft: tables.with_layer_removed(draft, self._layer))

    def move_layer(self, by: int) -> None:
        """Move the selected layer up (-1) or down (1)."""
        self._change_layers(lambda draft: tables.with_layer_moved(draft, self._layer, by))

    # showing

    def watch_assessment(self) -> None:
        """Show the derived figures and the equivalent command."""
        self._show()
        command = self.query_one("#command", Static)
        command.border_title = "the same on the command line · y copies"
        set_text(command, Content(self.assessment.command or "comes as soon as the network can be trained"))

    def _changed(self) -> None:
        self._show()
        if self.draft is not None:
            self.post_message(self.Changed(self.draft))

    def _show(self) -> None:
        draft = self.draft
        if draft is None or not self.is_mounted:
            return
        count = len(tables.layers_of(draft))
        self._layer = min(self._layer, count - 1)
        reader = FieldReader(draft, self.assessment)
        table, learning, training = self._grids
        if isinstance(table, LayerTable):
            table.input_text = views.input_text(draft, self.assessment)
            table.figures = views.layer_figures(draft, self.assessment)
        table.rows = tuple(reader.layer(i) for i in range(count))
        learning.rows = tuple((field,) for field in reader.learning(self._layer))
        training.rows = tuple((field,) for field in reader.training())
        self._show_hint()

    @property
    def _grids(self) -> list[FieldGrid]:
        return list(self.query(FieldGrid))

    def _show_hint(self) -> None:
        grid = next((grid for grid in self._grids if grid.has_focus_within), None)
        field = grid.field if grid else None
        hint = (
            Content("")
            if grid is None or field is None
            else hint_for(field, grid.choosing, self.size.width - 2)
        )
        self.query_one("#hint", Static).update(hint, layout=False)

    # editing

    def _change_layers(self, edit: Callable[[Draft], tuple[Draft, int]]) -> None:
        if self.draft is None:
            return
        draft, self._layer = edit(self.draft)
        self.change(draft)
        table = self.query_one(LayerTable)
        table.cursor = (self._layer, table.cursor[1])

    def _travel(self, go: Callable[[DraftHistory], bool]) -> bool:
        if self._history is None or not go(self._history):
            return False
        self._changed()
        return True

    @on(FieldGrid.Highlighted)
    def _highlight(self, event: FieldGrid.Highlighted) -> None:
        event.stop()
        if isinstance(event.grid, LayerTable) and event.grid.cursor[0] != self._layer:
            self._layer = event.grid.cursor[0]
            self._show()
        self._show_hint()

    @on(FieldGrid.Stepped)
    def _step(self, event: FieldGrid.Stepped) -> None:
        event.stop()
        if self.draft is None:
            return
        field = event.field
        if field.kind == "choice":
            self.change(self._leafed(self.draft, field, event.direction), _tag(field, event.visit))
            return
        value = _value_to_step(value_at(self.draft, field.key), field)
        samples = self.assessment.info.samples if self.assessment.info else None
        try:
            self.change(
                tables.with_value(self.draft, field.key, stepped(field.key, value, event.direction, samples))
            )
        except ExperimentError:
            self.app.bell()  # the ladder exceeds the range allowed here

    def _leafed(self, draft: Draft, field: Field, direction: int) -> Draft:
        """Return the draft with the next choice, with its options from when it was last chosen."""
        value = value_at(draft, field.key)
        now = _choice_of(value)
        index = field.choices.index(now) if now in field.choices else 0
        self._remembered[field.key, now] = value
        choice = field.choices[(index + direction) % len(field.choices)]
        if (field.key, choice) in self._remembered:
            return tables.with_value(draft, field.key, self._remembered[field.key, choice])
        return tables.with_name(draft, field.key, choice)

    @on(FieldGrid.Abandoned)
    def _abandon(self, event: FieldGrid.Abandoned) -> None:
        event.stop()
        if self._history and self._history.withdraw(_tag(event.field, event.visit)):
            self._changed()

    @on(FieldGrid.Typed)
    def _type(self, event: FieldGrid.Typed) -> None:
        event.stop()
        if self.draft is None:
            return
        try:
            draft = tables.with_text(self.draft, event.field.key, event.text)
        except ExperimentError as error:
            event.grid.refuse(error.problems[0].message.removeprefix(f"{event.field.key} = "))
            return
        event.grid.accept()
        self.change(draft)

    @on(FieldGrid.Left)
    def _leave(self, event: FieldGrid.Left) -> None:
        """Focus the panel above, below or beside."""
        event.stop()
        table, learning, training = self._grids
        ways = {
            table: {(1, 0): learning},
            learning: {(1, 0): training, (-1, 0): table, (0, 1): training},
            training: {(-1, 0): table, (0, -1): learning},
        }
        target = ways[event.grid].get((event.down, event.right))
        if target is not None:
            target.focus()
        elif event.down > 0:
            self.post_message(self.Finished())


def _tag(field: Field, visit: int) -> str:
    return f"{field.key} {visit}"


def _choice_of(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else tables.name_of(value)


def _value_to_step(value: object, field: Field) -> int | float:
    """Return the number that + and - start from; for "auto" the one that it stands for, 0 if that is a word."""
    if isinstance(value, int | float) and not (value == 0 and field.is_auto):
        return value
    digits = field.shown.replace(",", "")
    return int(digits) if digits.isdigit() else 0
