"""The Build screen: start from a preset or one's own network, edit it, and train it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static
from textual.worker import get_current_worker

from engine.data import DATASETS
from engine.errors import NntermError
from engine.experiment import Experiment
from engine.oneline import command_line, mend
from tui.charts.network_map import sizes
from tui.draft import views
from tui.draft.assess import Assessment, assess
from tui.draft.files import open_draft, save_draft
from tui.draft.starts import starts_for
from tui.draft.tables import Draft, complete, with_value
from tui.screens.base import LabScreen
from tui.screens.draft_editor import DraftEditor
from tui.widgets.build_dialogs import CommandLineDialog, MendDialog, PathDialog
from tui.widgets.layer_table import LayerTable
from tui.widgets.network_drawing import NetworkDrawing
from tui.widgets.preset_list import PresetList, Start
from tui.widgets.readiness import Readiness, ReadinessBar

Launch = Callable[[Experiment, Path | None], Any]
"""Starts a run in a process of its own and returns it, with its `name`."""


def launch_run(experiment: Experiment, home: Path | None) -> Any:
    """Start a run as `engine.runs` does; imported where it is used."""
    from engine.runs import launch

    return launch(experiment, home)


class BuildScreen(LabScreen):
    """Shows the editor or the list of presets; the session holds the draft, so that other screens find it."""

    MODE = "build"
    PURPOSE = "the network and how it is trained; what is wrong with it is said at once"
    CSS_PATH = "build.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "train", "train", tooltip="start training this network"),
        Binding("m", "mend", "mend", tooltip="mend the first problem, after a look at the difference"),
        Binding("a", "add", "add layer", tooltip="add a layer after the selected one"),
        Binding("d", "duplicate", "duplicate", show=False, tooltip="duplicate the selected layer"),
        Binding("delete,backspace", "remove", "remove", show=False, tooltip="remove the selected layer"),
        Binding("K,shift+up", "shift(-1)", "move up", show=False, tooltip="move the selected layer up"),
        Binding("J,shift+down", "shift(1)", "move down", show=False, tooltip="move the selected layer down"),
        Binding("u", "undo", "undo", tooltip="undo the last change"),
        Binding("U", "redo", "redo", show=False, tooltip="make the change again that was undone"),
        Binding("p", "presets", "presets", tooltip="start from a preset or the dataset's own suggestion"),
        Binding("g", "gradients", "gradients", tooltip="prove the gradients of this network"),
        Binding("f", "force", "force", show=False, tooltip="train what makes no sense all the same, or no longer"),
        Binding("o", "open", "open", show=False, tooltip="open an experiment file (.toml)"),
        Binding("w", "save", "save", show=False, tooltip="save as an experiment file (.toml)"),
        Binding("y", "copy", "copy", show=False, tooltip="copy the nnterm train line that does the same"),
        Binding("escape", "back", "back", show=False),
    ]

    def __init__(self, launch: Launch = launch_run) -> None:
        super().__init__()
        self._launch = launch
        self._offered: str | None = None
        self._judged_draft: Draft | None = None
        self._judgement: Assessment | None = None
        self._train_when_judged = False

    def body(self) -> ComposeResult:
        """Yield the presets or the editor, the drawing with its figures, and the verdict."""
        with Horizontal(id="main"):
            with Vertical(id="left"):
                yield PresetList(id="presets")
                yield DraftEditor(id="editor")
            with Vertical(id="right"):
                yield NetworkDrawing(id="drawing")
                yield Static(id="figures")
        yield ReadinessBar(id="ready")

    # arriving and starting from something

    def on_screen_resume(self) -> None:
        """Offer presets for a dataset that was just chosen, else go on with the session's draft."""
        session = self.session
        if session.dataset and session.dataset != self._offered:
            self.offer(session.dataset)
        elif session.draft is not None and session.draft is not self._editor.draft:
            self._adopt(session.draft)
        elif self._editor.draft is None:
            self.offer(session.dataset or "mnist")

    def offer(self, dataset: str) -> None:
        """Show what one can start from with `dataset`; a file of one's own is described in a thread."""
        self._offered = dataset
        if dataset in DATASETS:
            self._show_starts(starts_for(dataset))
        else:
            self._find_starts(dataset)

    @work(thread=True, exclusive=True, group="starts")
    def _find_starts(self, dataset: str) -> None:
        starts = starts_for(dataset)
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._show_starts, starts)

    def _show_starts(self, starts: list[Start]) -> None:
        self.add_class("-offering")
        presets = self.query_one(PresetList)
        presets.border_title = f"start from · {str(self._offered).rsplit('/', 1)[-1]}"
        presets.offer(starts)
        presets.focus()

    @on(PresetList.Looked)
    def _look(self, event: PresetList.Looked) -> None:
        if self.is_offering:
            self._judge(event.start.draft)

    @on(PresetList.Taken)
    def _take(self, event: PresetList.Taken) -> None:
        self._begin(event.start.draft)
        self.query_one(ReadinessBar).focus()

    def _begin(self, draft: Draft) -> None:
        """Go on with another draft; its dataset is the app's from here on."""
        self.remove_class("-offering")
        self._editor.start(draft)
        self._offered = self.session.dataset = draft["data"]["dataset"]
        self._judge(draft)

    def _adopt(self, raw: Draft) -> None:
        """Take over a draft that another screen left in the session."""
        try:
            draft = complete(raw)
        except NntermError as error:
            self.notify(error.message, title="this experiment cannot be shown", severity="error")
            return
        self._begin(draft)
        self.query_one(LayerTable).focus()

    # judging

    @property
    def is_offering(self) -> bool:
        """Whether the list of presets is up."""
        return self.has_class("-offering")

    @property
    def _editor(self) -> DraftEditor:
        return self.query_one(DraftEditor)

    @on(DraftEditor.Changed)
    def _changed(self, event: DraftEditor.Changed) -> None:
        self.session.draft = self._editor.draft
        self._judge(event.draft)

    def _judge(self, draft: Draft) -> None:
        """Ask the engine about `draft`, or about a preset that is looked at; the last one asked wins."""
        if draft is self._judged_draft:
            if self._judgement is not None:
                self._show_judgement(draft, self._judgement)
            return
        self._judged_draft, self._judgement = draft, None
        self._train_when_judged = False
        self.query_one(ReadinessBar).readiness = Readiness("checking")
        self._judge_in_thread(draft)

    @work(thread=True, exclusive=True, group="judge")
    def _judge_in_thread(self, draft: Draft) -> None:
        assessment = assess(draft)
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._show_judgement, draft, assessment)

    def _show_judgement(self, draft: Draft, assessment: Assessment) -> None:
        if draft is not self._judged_draft:
            return
        self._judgement = assessment
        self.query_one(NetworkDrawing).columns = columns = views.columns_of(assessment)
        self.query_one("#right").border_title = f"network · {sizes(columns)}" if columns else "network"
        self.query_one("#figures", Static).update(_figures(assessment))
        self.query_one(ReadinessBar).readiness = views.readiness_of(assessment, self.is_offering)
        if draft is self._editor.draft:
            self._editor.assessment = assessment
            if self._train_when_judged:
                self.action_train()

    # editing

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a draft, only a start or a file can be chosen."""
        if action == "presets":
            return not self.is_offering
        if action == "back":
            return self.is_offering and self._editor.draft is not None
        return not self.is_offering if action in _NEEDS_DRAFT else True

    def action_add(self) -> None:
        """Add a layer after the selected one."""
        self._editor.add_layer()

    def action_duplicate(self) -> None:
        """Duplicate the selected layer."""
        self._editor.duplicate_layer()

    def action_remove(self) -> None:
        """Remove the selected layer."""
        self._editor.remove_layer()

    def action_shift(self, by: int) -> None:
        """Move the selected layer."""
        self._editor.move_layer(by)

    def action_undo(self) -> None:
        """Take back the last change."""
        if not self._editor.undo():
            self.notify("nothing to undo")

    def action_redo(self) -> None:
        """Make the change again that was undone."""
        if not self._editor.redo():
            self.notify("nothing to redo")

    def action_presets(self) -> None:
        """Show the presets again."""
        draft = self._editor.draft
        self.offer(draft["data"]["dataset"] if draft else self._offered or "mnist")

    def action_back(self) -> None:
        """Leave the presets for the draft as it was."""
        self.remove_class("-offering")
        if self._editor.draft is not None:
            self._judge(self._editor.draft)
        self.query_one(LayerTable).focus()

    def action_force(self) -> None:
        """Train what makes no sense all the same, or no longer."""
        draft = self._editor.draft
        if draft is not None:
            self._editor.change(with_value(draft, "force", not draft["force"]))

    @work(exclusive=True, group="mend")
    async def action_mend(self) -> None:
        """Show what would mend the first problem, and do it when asked to."""
        draft, fatal = self._editor.draft, self._editor.assessment.fatal
        if draft is None or not fatal or not fatal[0].remedy:
            self.notify("there is nothing to mend" if not fatal else fatal[0].hint or "no single change mends this")
            return
        mended, changes = mend(draft, fatal[0].remedy)
        if await self.app.push_screen_wait(MendDialog(fatal[0].message, changes)):
            self._editor.change(complete(mended))
            self.query_one(ReadinessBar).focus()

    # training and what else one does with a draft

    @on(ReadinessBar.TrainAsked)
    def action_train(self) -> None:
        """Start the training, as soon as the draft is judged; what stands in the way is said where it is."""
        bar, draft = self.query_one(ReadinessBar), self._editor.draft
        verdict = bar.readiness.verdict
        self._train_when_judged = verdict == "checking"
        if draft is not None and verdict in ("ready", "forced", "failed"):
            bar.readiness = Readiness("starting", "a process of its own for the training")
            self._start(draft)
        elif verdict == "wrong":
            self.app.bell()
            bar.focus()

    @work(thread=True, exclusive=True, group="start")
    def _start(self, draft: Draft) -> None:
        try:
            run = self._launch(Experiment.from_raw(draft), self.session.home)
        except NntermError as error:
            self.app.call_from_thread(self._not_started, error.message, error.hint)
        except OSError as error:
            self.app.call_from_thread(self._not_started, f"{error.strerror}: {error.filename or ''}".rstrip(": "), "")
        else:
            self.app.call_from_thread(self._started, run.name)

    def _started(self, name: str) -> None:
        self.session.run = name
        if self._editor.draft is not None:
            self.query_one(ReadinessBar).readiness = views.readiness_of(self._editor.assessment)
        self.app.switch_mode("train")

    def _not_started(self, message: str, hint: str) -> None:
        self.query_one(ReadinessBar).readiness = Readiness("failed", f"{message}. {hint}" if hint else message)

    def action_gradients(self) -> None:
        """Prove the gradients of this network."""
        self.session.check_run = False
        self.app.switch_mode("gradients")

    def action_open(self) -> None:
        """Start from an experiment file."""

        def attempt(path: Path, replace: bool) -> str:
            opened.append(open_draft(path))
            return ""

        def take(path: Path | None) -> None:
            if path is not None:
                self._adopt(opened[-1])

        opened: list[Draft] = []
        self.app.push_screen(PathDialog("open", "", _reporting(attempt)), take)

    def action_save(self) -> None:
        """Write the draft as an experiment file."""
        draft = self._editor.draft
        if draft is None:
            return

        def attempt(path: Path, replace: bool) -> str:
            if path.exists() and not replace:
                raise FileExistsError
            save_draft(draft, path)
            return ""

        def say(path: Path | None) -> None:
            if path is not None:
                self.notify(f"saved as {path}")

        name = draft["name"] or Path(draft["data"]["dataset"]).stem
        self.app.push_screen(PathDialog("save", f"{name}.toml", _reporting(attempt)), say)

    def action_copy(self) -> None:
        """Copy the one shell line that trains the same."""
        draft = self._editor.draft
        if draft is not None:
            self._copy(draft)

    @work(thread=True, exclusive=True, group="copy")
    def _copy(self, draft: Draft) -> None:
        try:
            line = command_line(Experiment.from_raw(draft))
        except NntermError as error:
            self.app.call_from_thread(self.notify, error.message, title="not ready", severity="error")
            return
        self.app.call_from_thread(self._show_line, line)

    def _show_line(self, line: str) -> None:
        self.app.copy_to_clipboard(line)
        self.app.push_screen(CommandLineDialog(line))

    @on(DraftEditor.Finished)
    @on(ReadinessBar.Left)
    def _go_round(self, event: DraftEditor.Finished | ReadinessBar.Left) -> None:
        """From the last panel down to the bar, from the bar back to the panels."""
        if isinstance(event, DraftEditor.Finished):
            self.query_one(ReadinessBar).focus()
        elif self.is_offering:
            self.query_one(PresetList).focus()
        else:
            self.query_one("#training" if event.direction < 0 else "#layers").focus()


_NEEDS_DRAFT = frozenset("train mend add duplicate remove shift undo redo force gradients save copy".split())


def _reporting(attempt: Callable[[Path, bool], str]) -> Callable[[Path, bool], str]:
    """Turn the engine's refusals into the message that the field shows."""

    def tried(path: Path, replace: bool) -> str:
        try:
            return attempt(path, replace)
        except NntermError as error:
            return f"{error.message}\n{error.hint}".strip()

    return tried


def _figures(assessment: Assessment) -> Content:
    rows = views.figures(assessment)
    width = max((len(name) for name, _ in rows), default=0) + 2
    return Content("\n").join(Content.assemble((name.ljust(width), "$text-muted"), value) for name, value in rows)
