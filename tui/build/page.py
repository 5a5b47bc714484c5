"""What the Build screen shows: the presets or the editor, the drawing, the figures and the verdict."""

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
from tui.widgets.network_drawing import NetworkDrawing
from tui.widgets.set_text import set_text

_PATIENCE_S = 0.2


class BuildPage(LabScreen):
    """Offers presets, shows the draft, and has the engine judge what is shown; the last one asked about wins.

    The session holds the draft, so that other screens find it; the editor holds its history.
    """

    MODE = "build"
    PURPOSE = "the network and how it is trained; what is wrong with it is said at once"
    CSS_PATH = "screen.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._offered: str | None = None
        self._judged_draft: Draft | None = None
        self._judgement: Assessment | None = None

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
        """Where the draft is edited."""
        return self.query_one(DraftEditor)

    @property
    def bar(self) -> ReadinessBar:
        """Where the verdict stands."""
        return self.query_one(ReadinessBar)

    @property
    def is_offering(self) -> bool:
        """Whether the list of presets is up."""
        return self.has_class("-offering")

    @property
    def is_judged(self) -> bool:
        """Whether the verdict in the bar is that on what is shown."""
        return self._judgement is not None

    # arriving

    def on_screen_resume(self) -> None:
        """Offer presets for a dataset that was just chosen, else go on with the session's draft."""
        session = self.session
        if session.draft is None or session.dataset not in (None, self._offered):
            self.offer(session.dataset or "mnist")
        elif session.draft is not self.editor.draft:
            self._adopt(session.draft)

    def offer(self, dataset: str) -> None:
        """Show what one can start from with `dataset`; a file of one's own is described in a thread."""
        self._offered = dataset
        if dataset in DATASETS:
            self._show_starts(starting_points_for(dataset))
        else:
            self._find_starts(dataset)

    @work(thread=True, exclusive=True, group="starts")
    def _find_starts(self, dataset: str) -> None:
        starts = starting_points_for(dataset)
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._show_starts, starts)

    def _show_starts(self, starts: list[StartingPoint]) -> None:
        self.add_class("-offering")
        presets = self.query_one(PresetList)
        presets.border_title = f"start from · {str(self._offered).rsplit('/', 1)[-1]}"
        presets.offer(starts)
        presets.focus()
        self.refresh_bindings()

    @on(PresetList.Looked)
    def _look(self, event: PresetList.Looked) -> None:
        if self.is_offering:
            self.judge(event.start.draft)

    @on(PresetList.Taken)
    def _take(self, event: PresetList.Taken) -> None:
        self.begin(event.start.draft)
        self.bar.focus()

    def begin(self, draft: Draft) -> None:
        """Go on with another draft; its dataset is the app's from here on."""
        self.editor.start(draft)
        self.show_editor(draft)

    def show_editor(self, draft: Draft) -> None:
        """Leave the presets for the editor with `draft` in it."""
        self.remove_class("-offering")
        self.session.draft = draft
        self._offered = self.session.dataset = draft["data"]["dataset"]
        self.judge(draft)
        self.refresh_bindings()

    def _adopt(self, raw: Draft) -> None:
        """Take over a draft that another screen left in the session."""
        try:
            draft = complete(raw)
        except NntermError as error:
            self.notify(error.message, title="this experiment cannot be shown", severity="error")
            return
        self.begin(draft)
        self.query_one(LayerTable).focus()

    # judging

    @on(DraftEditor.Changed)
    def _changed(self, event: DraftEditor.Changed) -> None:
        if event.draft is self.editor.draft and not self.is_offering:
            self.session.draft = event.draft
            self.judge(event.draft)

    def judge(self, draft: Draft) -> None:
        """Ask the engine about a draft or a preset, and show what it says."""
        if draft is self._judged_draft and self._judgement is not None:
            self._show_judgement(draft, self._judgement)
        elif draft is not self._judged_draft:
            self._judged_draft, self._judgement = draft, None
            self.set_timer(_PATIENCE_S, lambda: self._say_checking(draft))
            self._judge_in_thread(draft)

    def _say_checking(self, draft: Draft) -> None:
        """Say so only where judging takes long: nothing is to flicker at each key."""
        if draft is self._judged_draft and not self.is_judged:
            self.bar.readiness = Readiness("checking")

    @work(thread=True, exclusive=True, group="judge")
    def _judge_in_thread(self, draft: Draft) -> None:
        assessment = assess(draft)
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._show_judgement, draft, assessment)

    def _show_judgement(self, draft: Draft, assessment: Assessment) -> None:
        if draft is not self._judged_draft:
            return
        self._judgement = assessment
        columns = views.columns_of(assessment)
        self.query_one(NetworkDrawing).columns = columns
        self.query_one("#right").border_title = f"network · {sizes(columns)}" if columns else "network"
        set_text(self.query_one("#figures", Static), _figures(assessment))
        self.bar.readiness = views.readiness_of(assessment, self.is_offering)
        if draft is self.editor.draft and not self.is_offering:
            self.editor.assessment = assessment
            self.judged()

    def judged(self) -> None:
        """Called when the draft's verdict is known."""


def _figures(assessment: Assessment) -> Content:
    rows = views.figures(assessment)
    width = max((len(name) for name, _ in rows), default=0) + 2
    return Content("\n").join(Content.assemble((name.ljust(width), MUTED), value) for name, value in rows)
