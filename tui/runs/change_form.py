"""The dialog that forks or resumes a run: a form as on Build, and what it changes, with a line to type changes."""

import asyncio
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Input, Static

from engine.errors import ExperimentError, NntermError
from engine.experiment.changes import changed, differences
from engine.experiment.overrides import apply_changes
from tui.charts.tones import MUTED
from tui.draft import tables
from tui.draft.assess import Assessment, assess
from tui.draft.edits import ChoiceMemory, next_value
from tui.draft.field import Field
from tui.draft.tables import Draft
from tui.runs.apply_line import ApplyLine
from tui.runs.changes import ForkPlace, parse_changes
from tui.runs.form_task import PLACE, FormTask, place_field
from tui.runs.typing_form import TypingForm
from tui.shell.dialogs import Dialog
from tui.widgets.difference import difference
from tui.widgets.field_grid import FieldGrid
from tui.words.errors import error_text

_OTHER_LINES = 14
"""Lines of the dialog besides the form: frame, words, changes, hint, line to type, and the margin to the screen."""


class ChangeForm(Dialog[Any]):
    """Edits the settings of a run; returns the result of applying them, None after escape.

    It stays open until applying succeeds. Every value is checked as it is typed.
    """

    DEFAULT_CSS = """
    ChangeForm > Vertical { width: 78; max-width: 100%; max-height: 100%; padding: 0 1; }
    ChangeForm Static { height: auto; }
    ChangeForm #words { color: $text-muted; margin-bottom: 1; }
    ChangeForm #form { background: $surface; scrollbar-size-vertical: 1; }
    ChangeForm #hint { color: $text-muted; height: 1; }
    ChangeForm #difference { max-height: 5; margin-top: 1; }
    ChangeForm #complaint { color: $text-error; display: none; max-height: 3; }
    ChangeForm #complaint.-shown { display: block; }
    ChangeForm #typed { background: $boost; border: none; height: 1; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "cancel")]

    chosen: reactive[int] = reactive(0, init=False)
    """Position of the chosen place."""

    def __init__(self, task: FormTask) -> None:
        super().__init__()
        self._job, self._draft = task, task.proposed
        self._memory = ChoiceMemory()
        self._assessment = Assessment()
        self._is_acting = False

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(self._job.title)
            box.border_subtitle = "enter edit · +/- step · tab next · esc cancel"
            yield Static(Content(self._job.words), id="words")
            yield TypingForm("", id="form")
            yield Static(id="hint")
            yield Static(id="difference")
            yield Static(id="complaint")
            yield ApplyLine(self._job.verb, id="apply")
            yield Input(
                placeholder="or type changes: lr=0.02 epochs=20",
                id="typed",
                compact=True,
                select_on_focus=False,
            )

    def on_mount(self) -> None:
        """Show the fields, with the cursor on the one that is most likely to change."""
        self.query_one("#words").display = bool(self._job.words)
        self._draft = self._job.adapt(self._draft, self._place)
        self._show()
        self._form.go_to(self._job.cursor)
        (self.query_one(ApplyLine) if self._job.is_ready else self._form).focus()
        self._assess()

    def on_resize(self) -> None:
        """Give the form the lines that are left."""
        room = max(3, self.app.size.height - _OTHER_LINES)
        self._form.styles.height = min(room, len(self._form.rows) or room)

    @property
    def _form(self) -> TypingForm:
        return self.query_one(TypingForm)

    @property
    def _place(self) -> ForkPlace | None:
        return self._job.places[self.chosen] if self._job.places else None

    # showing

    def _show(self) -> None:
        fields = self._job.fields(self._draft, self._assessment)
        place = [place_field(self._job.places, self.chosen)] if self._job.places else []
        self._form.rows = tuple((field,) for field in (*place, *fields))
        changes = changed(self._job.before, self._draft)
        self.query_one("#difference", Static).update(
            difference(changes) if changes else Content.styled("no changes yet", MUTED)
        )
        self.query_one(ApplyLine).changes = len(changes)
        self._show_error(self._job.check(self._draft, self._place) or self._problem())

    def _problem(self) -> str:
        fatal = self._assessment.fatal
        return f"{fatal[0].message}\n{fatal[0].hint}".strip() if fatal else ""

    def _show_error(self, message: str) -> None:
        line = self.query_one("#complaint", Static)
        line.update(Content(message))
        line.set_class(bool(message), "-shown")

    @work(exclusive=True, group="assess")
    async def _assess(self) -> None:
        draft = self._draft
        assessment = await asyncio.to_thread(assess, draft)
        if draft is self._draft and self.is_attached:
            self._assessment = assessment
            self._show()

    @on(FieldGrid.Highlighted)
    def _explain(self, event: FieldGrid.Highlighted) -> None:
        event.stop()
        self.query_one("#hint", Static).update(Content(event.field.help), layout=False)

    # editing

    def _change(self, draft: Draft) -> None:
        if draft != self._draft:
            self._draft = draft
            self._show()
            self._assess()

    @on(FieldGrid.Stepped)
    def _step(self, event: FieldGrid.Stepped) -> None:
        event.stop()
        field = event.field
        if field.key == PLACE:
            self.chosen = (self.chosen + event.direction) % len(self._job.places)
        elif field.kind == "choice":
            self._change(self._memory.next_choice(self._draft, field, event.direction))
        else:
            samples = self._assessment.info.samples if self._assessment.info else None
            try:
                self._change(next_value(self._draft, field, event.direction, samples))
            except ExperimentError:
                self.app.bell()  # the ladder exceeds the range allowed here

    @on(FieldGrid.Chosen)
    def _choose(self, event: FieldGrid.Chosen) -> None:
        event.stop()
        if event.field.key == PLACE:
            self.chosen = event.field.choices.index(event.choice)
        else:
            self._change(self._memory.chosen(self._draft, event.field, event.choice))

    def watch_chosen(self) -> None:
        """Adapt the settings to the chosen place."""
        self._change(self._job.adapt(self._draft, self._place))
        self._show()

    def _with_text(self, field: Field, text: str) -> Draft:
        """Return the draft with the typed text; raise ExperimentError if it is no value of the field."""
        draft = tables.with_text(self._draft, field.key, text)
        wrong = self._job.check(draft, self._place)
        if wrong and wrong != self._job.check(self._draft, self._place):
            raise _wrong(field.key, wrong)
        return draft

    @on(TypingForm.Typing)
    def _check_typed(self, event: TypingForm.Typing) -> None:
        event.stop()
        try:
            self._with_text(event.field, event.text)
        except ExperimentError as error:
            self._form.refuse(_short(error, event.field.key))

    @on(FieldGrid.Typed)
    def _type(self, event: FieldGrid.Typed) -> None:
        event.stop()
        try:
            draft = self._with_text(event.field, event.text)
        except ExperimentError as error:
            event.grid.refuse(_short(error, event.field.key))
            return
        event.grid.accept()
        self._change(draft)
        self.query_one(ApplyLine).focus()

    @on(Input.Changed, "#typed")
    def _check_line(self, event: Input.Changed) -> None:
        event.stop()
        try:
            self._with_line(event.value)
        except NntermError as error:
            self._show_error(error_text(error) if "=" in event.value else "")
        else:
            self._show_error(self._job.check(self._draft, self._place) or self._problem())

    @on(Input.Submitted, "#typed")
    def _submit_line(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            draft = self._with_line(event.value)
        except NntermError as error:
            self._show_error(error_text(error))
            return
        event.input.value = ""
        self._change(draft)
        self.query_one(ApplyLine).focus()

    def _with_line(self, text: str) -> Draft:
        return tables.complete(apply_changes(self._draft, parse_changes(text)))

    # applying

    @on(TypingForm.Finished)
    @on(ApplyLine.Left)
    def _go_on(self, event: TypingForm.Finished | ApplyLine.Left) -> None:
        event.stop()
        if isinstance(event, ApplyLine.Left):
            (self._form if event.direction < 0 else self.query_one("#typed")).focus()
        else:
            self.query_one(ApplyLine).focus()

    @on(ApplyLine.Typed)
    def _type_over(self, event: ApplyLine.Typed) -> None:
        event.stop()
        self._form.type_over(event.character)

    @on(ApplyLine.Applied)
    def _applied(self, event: ApplyLine.Applied) -> None:
        event.stop()
        if not self._is_acting:
            self._apply(differences(self._job.before, self._draft))

    @work(exclusive=True, group="act")
    async def _apply(self, changes: dict[str, Any]) -> None:
        wrong = self._job.check(self._draft, self._place)
        if wrong:
            self._show_error(wrong)
            return
        self._is_acting = True
        try:
            result = await asyncio.to_thread(self._job.act, changes, self._place)
        except NntermError as error:
            self._show_error(error_text(error))
        else:
            self.dismiss(result)
        finally:
            self._is_acting = False


def _wrong(key: str, message: str) -> ExperimentError:
    from engine.errors import Problem

    return ExperimentError([Problem(key, message)])


def _short(error: ExperimentError, key: str) -> str:
    """Return the message without the key, beside whose value it is shown."""
    return error.problems[0].message.removeprefix(f"{key} = ")
