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
from tui.build.hints import hint_for
from tui.build.layer_table import LayerTable
from tui.draft import tables, views
from tui.draft.assess import Assessment
from tui.draft.edits import ChoiceMemory, next_value
from tui.draft.fields import FieldReader
from tui.draft.history import DraftHistory
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
        self._memory = ChoiceMemory()

    def compose(self) -> ComposeResult:
        yield LayerTable(id="layers", title="layers")
        with Horizontal(id="forms"):
            yield TrainingForm(id="learning", title="optimizer")
            yield TrainingForm(id="training", title="training")
        yield Static(id="command")
        yield Static(id="hint")

    # for the screen

    @property
    def draft(self) -> Draft | None:
        """The current draft; None before the first one."""
        return self._history.draft if self._history else None

    @property
    def is_on_layer(self) -> bool:
        """True if the cursor of the layers is on a single layer, not on the row for all hidden ones."""
        return not self.query_one(LayerTable).is_on_all

    @property
    def can_undo(self) -> bool:
        """True if there is a change to undo."""
        return self._history is not None and self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """True if there is an undone change to redo."""
        return self._history is not None and self._history.can_redo

    @property
    def is_editing(self) -> bool:
        """True while keys go to an editor or a list of choices."""
        return any(grid.is_editing for grid in self._grids)

    def change(self, draft: Draft) -> None:
        """Make `draft` the current one."""
        if self._history is None:
            self._history = DraftHistory(draft)
        elif not self._history.change(draft):
            return
        self._changed()

    def start(self, draft: Draft) -> None:
        """Start from another draft; undo returns to the previous one."""
        self._memory.clear()
        self._layer = 0
        self.assessment = Assessment()
        self.change(draft)
        self._select_layer()

    def go_to(self, key: str) -> bool:
        """Focus the field of a dotted key, or of the nearest table that holds it; return False if there is none."""
        while key and self.draft is not None:
            layer, _, rest = key.removeprefix("network.layers[").partition("].")
            if rest and layer.isdigit() and int(layer) < len(tables.layers_of(self.draft)):
                self._layer = int(layer)
                self._show()
            for grid in self._grids:
                place = grid.place_of(key)
                if place is not None:
                    grid.cursor = place
                    grid.focus()
                    return True
            key = key.rpartition(".")[0]
        return False

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

    def go_to_name(self, name: str) -> None:
        """Put the cursor on the first field whose key is `name` or ends in it."""
        for grid in self._grids:
            for y, row in enumerate(grid.rows):
                for x, field in enumerate(row):
                    if field.key == name or field.key.endswith(f".{name}"):
                        grid.cursor = (y, x)
                        grid.focus()
                        return

    # showing

    def watch_assessment(self) -> None:
        """Show the derived figures and the equivalent command."""
        self._show()
        command = self.query_one("#command", Static)
        command.border_title = "shell command · y copies"
        set_text(command, Content(self.assessment.command or "available once the network is valid"))

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
        layers, learning, training = self.query_one(LayerTable), *self._forms
        layers.input_text = views.input_text(draft, self.assessment)
        layers.figures = views.layer_figures(draft, self.assessment)
        layers.show(reader.all_hidden(), [reader.layer(i) for i in range(count)], self._layer)
        learning.rows = tuple((field,) for field in reader.learning(self._layer))
        training.rows = tuple((field,) for field in reader.training())
        self._show_hint()

    @property
    def _grids(self) -> list[FieldGrid]:
        return list(self.query(FieldGrid))

    @property
    def _forms(self) -> tuple[FieldGrid, FieldGrid]:
        return self.query_one("#learning", FieldGrid), self.query_one("#training", FieldGrid)

    def _show_hint(self) -> None:
        grid = next((grid for grid in self._grids if grid.has_focus_within), None)
        if grid is not None and grid.field is not None:
            hint = hint_for(grid.field, isinstance(grid, LayerTable), self.size.width - 2)
            self.query_one("#hint", Static).update(hint, layout=False)

    # editing

    def _change_layers(self, edit: Callable[[Draft], tuple[Draft, int]]) -> None:
        if self.draft is None:
            return
        draft, self._layer = edit(self.draft)
        self.change(draft)
        if self.is_on_layer:
            self._select_layer()

    def _select_layer(self) -> None:
        table = self.query_one(LayerTable)
        table.cursor = (self._layer + table.shift, table.cursor[1])

    def _travel(self, go: Callable[[DraftHistory], bool]) -> bool:
        if self._history is None or not go(self._history):
            return False
        self._changed()
        return True

    @on(FieldGrid.Highlighted)
    def _highlight(self, event: FieldGrid.Highlighted) -> None:
        event.stop()
        if isinstance(event.grid, LayerTable) and self.draft is not None:
            hidden = tables.hidden_layers(self.draft)
            layer = hidden[-1] if event.grid.is_on_all and hidden else event.grid.selected_layer
            if layer != self._layer:
                self._layer = layer
                self._show()
        self._show_hint()
        self.screen.refresh_bindings()

    @on(FieldGrid.Stepped)
    def _step(self, event: FieldGrid.Stepped) -> None:
        event.stop()
        if self.draft is None:
            return
        if event.field.kind == "choice":
            self.change(self._memory.next_choice(self.draft, event.field, event.direction))
            return
        samples = self.assessment.info.samples if self.assessment.info else None
        try:
            self.change(next_value(self.draft, event.field, event.direction, samples))
        except ExperimentError:
            self.app.bell()  # the ladder exceeds the range allowed here

    @on(FieldGrid.Chosen)
    def _choose(self, event: FieldGrid.Chosen) -> None:
        event.stop()
        if self.draft is not None:
            self.change(self._memory.chosen(self.draft, event.field, event.choice))

    @on(FieldGrid.Typed)
    def _type(self, event: FieldGrid.Typed) -> None:
        event.stop()
        if self.draft is None:
            return
        try:
            draft = tables.with_text(self.draft, event.field.key, event.text)
        except ExperimentError as error:
            event.grid.refuse(_reason(error))
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


def _reason(error: ExperimentError) -> str:
    """Return the problem without the key, which the cell itself shows."""
    message = error.problems[0].message
    return message.removeprefix(f"{error.problems[0].key} = ")
