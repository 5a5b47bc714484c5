"""The Build screen: start from a preset or a suggested network, edit it, and train it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from engine.errors import NntermError
from engine.experiment.changes import with_fix
from engine.experiment.command_line import command_line
from engine.experiment.experiment import Experiment
from tui.build.dialogs import CommandLineDialog
from tui.build.doctor import DraftDoctor
from tui.build.draft_case import Diagnose, diagnose
from tui.build.editor import DraftEditor
from tui.build.layer_dialog import LayerDialog
from tui.build.layer_table import LayerTable
from tui.build.preset_list import PresetList
from tui.build.readiness import ReadinessBar
from tui.draft import views
from tui.draft.files import open_draft, save_draft
from tui.draft.presets import starting_points_for
from tui.draft.tables import Draft, complete, with_value
from tui.draft.views import Readiness
from tui.processes.check_subject import CheckSubject
from tui.shell.threads import call_in_app
from tui.trials.key import TRY_OUT, TrialKey
from tui.widgets.file_dialog import FileDialog
from tui.widgets.fix_dialog import FixDialog

Launch = Callable[[Experiment, Path | None, bool], Any]
"""Starts a run in a separate process, with or without measuring its layers, and returns it, with its `name`."""


def launch_run(experiment: Experiment, home: Path | None, measure: bool) -> Any:
    """Start a run with `engine.runs`, which is imported here on first use."""
    from engine.runs import launch

    return launch(experiment, home, measure=measure)


class BuildScreen(TrialKey, DraftDoctor):
    """The Build screen with its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "train", "train", tooltip="train this network"),
        Binding(
            "m", "fix", "fix", tooltip="apply the suggested fix of the first problem, after a look at it"
        ),
        Binding("d", "doctor", "findings", tooltip="findings of the doctor on this network before training"),
        TRY_OUT,
        Binding("a", "add", "add layer", tooltip="add a layer after the selected one"),
        Binding("ctrl+d", "duplicate", "duplicate", tooltip="duplicate the selected layer"),
        Binding("delete,backspace", "remove", "remove", show=False, tooltip="remove the selected layer"),
        Binding("K,shift+up", "shift(-1)", "move up", show=False, tooltip="move the selected layer up"),
        Binding("J,shift+down", "shift(1)", "move down", show=False, tooltip="move the selected layer down"),
        Binding("u", "undo", "undo", tooltip="undo the last change"),
        Binding("ctrl+r", "redo", "redo", show=False, tooltip="redo the change that was undone"),
        Binding("p", "presets", "presets", tooltip="start from a preset"),
        Binding("w", "save", "save", tooltip="save as an experiment file (.toml)"),
        Binding("o", "open", "open", tooltip="open an experiment file (.toml)"),
        Binding("g", "gradients", "gradients", tooltip="check the gradients of this network"),
        Binding("y", "copy", "copy", tooltip="copy the shell command that trains this network"),
        Binding(
            "exclamation_mark",
            "force",
            "train anyway",
            key_display="!",
            show=False,
            tooltip="train despite the problems, or no longer",
        ),
        Binding("escape", "back", "back", tooltip="back to the network"),
    ]

    def __init__(self, launch: Launch = launch_run, diagnose: Diagnose = diagnose) -> None:
        super().__init__(diagnose)
        self._launch = launch
        self._train_when_assessed: Draft | None = None
        self._wanted = ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable the keys that work now: a fix needs a problem, undo a change, most of them the editor."""
        if not self.is_mounted or action not in _CONDITIONS:
            return True
        return self._can(action)

    def _can(self, action: str) -> bool:
        editor, verdict = self.editor, self.bar.readiness.verdict
        if self.is_offering or editor.draft is None:
            return action == "back" and editor.draft is not None
        return {
            "back": False,
            "doctor": self.has_findings,
            "train": verdict not in ("wrong", "starting"),
            "fix": bool(editor.assessment.fatal and editor.assessment.fatal[0].remedy),
            "force": self.bar.readiness.can_force or bool(editor.draft["force"]),
            "remove": editor.is_on_layer and len(editor.draft["network"]["layers"]) > 1,
            "shift": editor.is_on_layer and len(editor.draft["network"]["layers"]) > 1,
            "undo": editor.can_undo,
            "redo": editor.can_redo,
        }.get(action, True)

    def show_target(self, target: str) -> None:
        """Put the cursor on a setting that was chosen in the palette."""
        self.go_to(target)

    def go_to(self, path: str) -> None:
        """Focus the setting of a dotted path such as "training.optimizer.lr"; without a draft, of the first preset."""
        if not self.is_mounted:
            self._wanted = path
            return
        if self.editor.draft is None:
            self.begin(starting_points_for(self.session.dataset or "mnist")[0].draft)
        elif self.is_offering:
            self.show_editor(self.editor.draft)
        self.call_after_refresh(self.editor.go_to, path)

    def on_screen_resume(self) -> None:
        """Go to the setting that was requested before the screen was shown."""
        super().on_screen_resume()
        if self._wanted:
            wanted, self._wanted = self._wanted, ""
            self.go_to(wanted)

    # editing

    @work(exclusive=True, group="add")
    async def action_add(self) -> None:
        """Ask for a kind, and add a layer of it after the selected one."""
        kind = await self.app.push_screen_wait(LayerDialog())
        if kind is not None:
            self.editor.add_layer(kind)

    def action_duplicate(self) -> None:
        """Duplicate the selected layer."""
        self.editor.duplicate_layer()

    def action_remove(self) -> None:
        """Remove the selected layer."""
        self.editor.remove_layer()

    def action_shift(self, by: int) -> None:
        """Move the selected layer."""
        self.editor.move_layer(by)

    def action_undo(self) -> None:
        """Undo the last change."""
        self.editor.undo()

    def action_redo(self) -> None:
        """Redo the last undone change."""
        self.editor.redo()

    def action_presets(self) -> None:
        """Show the presets again."""
        draft = self.editor.draft
        self.offer(draft["data"]["dataset"] if draft else "mnist")

    def action_back(self) -> None:
        """Leave the presets for the draft as it was."""
        if self.editor.draft is not None:
            self.show_editor(self.editor.draft)
            self.query_one(LayerTable).focus()

    def action_force(self) -> None:
        """Toggle training despite problems."""
        draft = self.editor.draft
        if draft is not None:
            self.editor.change(with_value(draft, "force", not draft["force"]))

    @work(exclusive=True, group="fix")
    async def action_fix(self) -> None:
        """Show the suggested fix of the first problem, and apply it if the user accepts."""
        draft, fatal = self.editor.draft, self.editor.assessment.fatal
        if draft is None or not fatal or not fatal[0].remedy:
            return
        fixed, changes = with_fix(draft, fatal[0].remedy)
        if await self.app.push_screen_wait(FixDialog(fatal[0].message, changes)):
            self.editor.change(complete(fixed))
            self.bar.focus()

    @on(DraftEditor.Finished)
    def _focus_bar(self) -> None:
        self.bar.focus()

    @on(ReadinessBar.Left)
    def _leave_bar(self, event: ReadinessBar.Left) -> None:
        if self.is_offering:
            self.query_one(PresetList).focus()
        else:
            self.query_one("#training" if event.direction < 0 else "#layers").focus()

    # training

    @on(ReadinessBar.TrainRequested)
    def action_train(self) -> None:
        """Start the training as soon as the draft is assessed; the bar shows the problems that prevent it."""
        draft, verdict = self.editor.draft, self.bar.readiness.verdict
        self._train_when_assessed = None if self.is_assessed else draft
        if not self.is_assessed or draft is None:
            return
        if verdict in ("ready", "forced", "failed"):
            self.bar.readiness = Readiness("starting", "in a separate process")
            self._start(draft)
        elif verdict == "wrong":
            self.app.bell()
            self.bar.focus()

    def assessed(self) -> None:
        """Start a training that was requested before the verdict was known."""
        super().assessed()
        if self._train_when_assessed is not None and self._train_when_assessed is self.editor.draft:
            self.action_train()

    @work(thread=True, exclusive=True, group="start")
    def _start(self, draft: Draft) -> None:
        try:
            run = self._launch(Experiment.from_raw(draft), self.session.home, self.session.measures)
        except NntermError as error:
            call_in_app(self, self._not_started, error.message, error.hint)
        except OSError as error:
            where = f": {error.filename}" if error.filename else ""
            call_in_app(self, self._not_started, f"{error.strerror or error}{where}", "")
        else:
            call_in_app(self, self._started, run.name)

    def _started(self, name: str) -> None:
        self.session.run = name
        self.bar.readiness = views.readiness_of(self.editor.assessment)
        self.app.switch_mode("train")

    def _not_started(self, message: str, hint: str) -> None:
        self.bar.readiness = Readiness("failed", f"{message}; {hint}" if hint else message)

    def action_gradients(self) -> None:
        """Open the Gradients screen for this network."""
        self.session.check_run = False
        self.app.switch_mode("gradients")

    # trials

    @property
    def trial_subject(self) -> tuple[CheckSubject, Draft] | None:
        """The draft, None before the first one."""
        draft = self.editor.draft
        return None if draft is None else (CheckSubject(None, draft), draft)

    def take_setting(self, draft: Draft) -> None:
        """Apply a trial's suggested setting to the draft; undo reverts it."""
        self._apply_fix(draft)

    # files and the command line

    @work(exclusive=True, group="file")
    async def action_open(self) -> None:
        """Start from an experiment file."""
        draft = await self.app.push_screen_wait(
            FileDialog("open an experiment", (".toml",), lambda path, _: open_draft(path))
        )
        if draft is not None:
            self.begin(draft)
            self.query_one(LayerTable).focus()

    @work(exclusive=True, group="file")
    async def action_save(self) -> None:
        """Write the draft as an experiment file."""
        draft = self.editor.draft
        if draft is None:
            return
        name = draft["name"] or Path(draft["data"]["dataset"]).stem
        dialog = FileDialog(
            "save the experiment", (".toml",), partial(save_draft, draft), f"{name}.toml", verb="save"
        )
        path = await self.app.push_screen_wait(dialog)
        if path is not None:
            self.notify(f"Saved {path}", markup=False)

    @work(thread=True, exclusive=True, group="copy")
    def action_copy(self) -> None:
        """Copy the equivalent shell command and show it."""
        draft = self.editor.draft
        if draft is None:
            return
        try:
            line = command_line(Experiment.from_raw(draft))
        except NntermError as error:
            call_in_app(self, self.notify, error.message, title="not ready", severity="error", markup=False)
        else:
            call_in_app(self, self._show_line, line)

    def _show_line(self, line: str) -> None:
        self.app.copy_to_clipboard(line)
        self.app.push_screen(CommandLineDialog(line))


_CONDITIONS = frozenset(
    {"train", "fix", "doctor", "trials", "add", "duplicate", "remove", "shift", "undo", "redo", "presets"}
    | {"gradients", "force", "save", "copy", "back"}
)
"""The actions that work only in some states; `open` always does."""
