"""The layout of the Build screen: presets or editor, drawing, figures and verdict."""

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static
from textual.worker import get_current_worker

from engine.data import DATASETS
from engine.errors import NntermError
from tui.build.editor import DraftEditor
from tui.build.layer_table import LayerTable
from tui.build.preset_list import PresetList
from tui.build.readiness import ReadinessBar
from tui.charts.network_map import sizes
from tui.charts.tones import MUTED
from tui.draft import views
from tui.draft.assess import Assessment, assess
from tui.draft.presets import StartingPoint, starting_points_for
from tui.draft.tables import Draft, complete
from tui.draft.views import Readiness
from tui.shell.screen import LabScreen
from tui.shell.threads import call_in_app
from tui.widgets.network_drawing import NetworkDrawing
from tui.widgets.set_text import set_text, set_title

_PATIENCE_S = 0.2


class BuildPage(LabScreen):
    """Offers presets, shows the draft, and has the engine assess the one shown; the last draft wins.

    The session holds the draft for the other screens; the editor holds its history.
    """

    MODE = "build"
    PURPOSE = "Network and training settings; problems are shown as you edit."
    CSS_PATH = "screen.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._offered: str | None = None
        self._assessed_draft: Draft | None = None
        self._assessment: Assessment | None = None

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

    @property
    def editor(self) -> DraftEditor:
        """The editor of the draft."""
        return self.query_one(DraftEditor)

    @property
    def bar(self) -> ReadinessBar:
        """The bar with the verdict."""
        return self.query_one(ReadinessBar)

    @property
    def is_offering(self) -> bool:
        """True while the list of presets is shown."""
        return self.has_class("-offering")

    @property
    def is_assessed(self) -> bool:
        """True if the verdict in the bar is that of the draft or preset shown."""
        return self._assessment is not None

    # arriving

    def on_screen_resume(self) -> None:
        """Offer presets for a newly selected dataset, else show the session's draft."""
        session = self.session
        if session.draft is None or session.dataset not in (None, self._offered):
            self.offer(session.dataset or "mnist")
        elif session.draft is not self.editor.draft:
            self._adopt(session.draft)

    def offer(self, dataset: str) -> None:
        """Show the starting points for `dataset`; the user's own file is described in a thread."""
        self._offered = dataset
        if dataset in DATASETS:
            self._show_starts(starting_points_for(dataset))
        else:
            self._find_starts(dataset)

    @work(thread=True, exclusive=True, group="starts")
    def _find_starts(self, dataset: str) -> None:
        starts = starting_points_for(dataset)
        if not get_current_worker().is_cancelled:
            call_in_app(self, self._show_starts, starts)

    def _show_starts(self, starts: list[StartingPoint]) -> None:
        self.add_class("-offering")
        presets = self.query_one(PresetList)
        self.bar.found = ""
        set_title(presets, f"presets · {str(self._offered).rsplit('/', 1)[-1]}")
        presets.offer(starts)
        presets.focus()
        self.refresh_bindings()

    @on(PresetList.Looked)
    def _look(self, event: PresetList.Looked) -> None:
        if self.is_offering:
            self.assess(event.start.draft)

    @on(PresetList.Taken)
    def _take(self, event: PresetList.Taken) -> None:
        self.begin(event.start.draft)
        self.bar.focus()

    def begin(self, draft: Draft) -> None:
        """Edit another draft; its dataset becomes the session's."""
        self.editor.start(draft)
        self.show_editor(draft)

    def show_editor(self, draft: Draft) -> None:
        """Leave the presets for the editor with `draft` in it."""
        self.remove_class("-offering")
        self.session.draft = draft
        self._offered = self.session.dataset = draft["data"]["dataset"]
        self.assess(draft)
        self.refresh_bindings()

    def _adopt(self, raw: Draft) -> None:
        """Edit a draft that another screen left in the session."""
        try:
            draft = complete(raw)
        except NntermError as error:
            self.notify(
                error.message, title="this experiment cannot be shown", severity="error", markup=False
            )
            return
        self.begin(draft)
        self.query_one(LayerTable).focus()

    # assessing

    @on(DraftEditor.Changed)
    def _changed(self, event: DraftEditor.Changed) -> None:
        if event.draft is self.editor.draft and not self.is_offering:
            self.session.draft = event.draft
            self.assess(event.draft)

    def assess(self, draft: Draft) -> None:
        """Have the engine assess a draft or a preset, and show the result."""
        if draft is self._assessed_draft and self._assessment is not None:
            self._show_assessment(draft, self._assessment)
        elif draft is not self._assessed_draft:
            self._assessed_draft, self._assessment = draft, None
            self.set_timer(_PATIENCE_S, lambda: self._show_checking(draft))
            self._assess_in_thread(draft)

    def _show_checking(self, draft: Draft) -> None:
        """Show that the assessment takes long; a short one shows nothing, so that the bar does not flicker."""
        if draft is self._assessed_draft and not self.is_assessed:
            self.bar.readiness = Readiness("checking")

    @work(thread=True, exclusive=True, group="assess")
    def _assess_in_thread(self, draft: Draft) -> None:
        assessment = assess(draft)
        if not get_current_worker().is_cancelled:
            call_in_app(self, self._show_assessment, draft, assessment)

    def _show_assessment(self, draft: Draft, assessment: Assessment) -> None:
        if draft is not self._assessed_draft:
            return
        self._assessment = assessment
        columns = views.columns_of(assessment)
        self.query_one(NetworkDrawing).columns = columns
        self.query_one("#right").border_title = Content(
            f"network · {sizes(columns)}" if columns else "network"
        )
        set_text(self.query_one("#figures", Static), _figures(assessment))
        self.bar.readiness = views.readiness_of(assessment, self.is_offering)
        if draft is self.editor.draft and not self.is_offering:
            self.editor.assessment = assessment
            self.assessed()

    def assessed(self) -> None:
        """Called when the draft's assessment is known."""


def _figures(assessment: Assessment) -> Content:
    rows = views.figures(assessment)
    width = max((len(name) for name, _ in rows), default=0) + 2
    return Content("\n").join(Content.assemble((name.ljust(width), MUTED), value) for name, value in rows)
