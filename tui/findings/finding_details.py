"""The details of one finding: message, evidence and its picture, suggested fix, and explanation."""

from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine.events import Finding
from tui.charts.tones import FAINT, MUTED
from tui.findings.finding_list import code_words
from tui.findings.finding_strip import STYLES
from tui.follow.run_figures import RunFigures
from tui.follow.run_findings import MARKS
from tui.theme import BLUE
from tui.widgets.difference import difference, shown
from tui.widgets.loss_plot import LossPlot
from tui.widgets.set_text import set_text, set_title
from tui.words.changes import changes_of
from tui.words.figures import figure

if TYPE_CHECKING:
    from tui.findings.pictures import FindingCurves

NAMES = {
    "effective": "effective rate",
    "usual": "usual limit",
    "train_loss": "training loss",
    "baseline_share": "relative to constant prediction",
    "update_ratio": "update / weight",
    "rises": "updates that raise the loss",
    "fall": "relative fall",
    "reached": "reached in epoch",
    "guessed": "predictions",
    "dead": "dead units",
    "by_layer": "per layer",
    "by_column": "per column",
}
"""Names of the evidence where its key is not plain by itself."""
MOST_ITEMS = 8
"""Items shown of a list or a table in the evidence."""


class FindingDetails(Vertical):
    """Shows a finding with its evidence, or with its explanation if `is_explained`; with both where there is room.

    The CSS class `-roomy`, set by the screen, says that there is room.
    """

    DEFAULT_CSS = """
    FindingDetails { width: 1fr; height: 1fr; }
    FindingDetails VerticalScroll { height: auto; max-height: 70%; scrollbar-size-vertical: 1; }
    FindingDetails Static { height: auto; }
    FindingDetails #finding-picture { height: 1fr; min-height: 6; margin: 1 0 0 0; }
    FindingDetails LossPlot { height: 1fr; }
    FindingDetails.-explained VerticalScroll, FindingDetails.-bare VerticalScroll { height: 1fr; max-height: 100%; }
    FindingDetails.-explained #finding-picture, FindingDetails.-bare #finding-picture { display: none; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._words, self._title, self._bars = Static(), Static(), Static()
        self._plot = LossPlot()
        self._finding: Finding | None = None
        self._figures: RunFigures | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield self._words
        with Vertical(id="finding-picture"):
            yield self._title
            yield self._plot
            yield self._bars

    @property
    def is_explained(self) -> bool:
        """True if the explanation is shown instead of the evidence."""
        return self.has_class("-explained")

    def is_about(self, finding: Finding | None) -> bool:
        """Return True if this finding is shown, possibly an older version of it."""
        now = self._finding
        return (
            now is not None and finding is not None and (now.code, now.layer) == (finding.code, finding.layer)
        )

    def explain(self, *, explained: bool) -> None:
        """Show the explanation, or the evidence again."""
        self.set_class(explained, "-explained")
        self.write()

    def show(self, finding: Finding | None, figures: RunFigures) -> None:
        """Show a finding; one that is already shown is updated."""
        is_other = not self.is_about(finding)
        self._finding, self._figures = finding, figures
        if is_other:
            self.query_one(VerticalScroll).scroll_home(animate=False)
        self._draw()
        self.write()

    def on_resize(self) -> None:
        """Redraw for the new size."""
        self._draw()
        self.write()

    def action_scroll(self, lines: int) -> None:
        """Scroll the text by `lines`."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def write(self) -> None:
        """Write the text again, after a change of the CSS classes."""
        finding, figures = self._finding, self._figures
        if finding is None or figures is None:
            return
        set_title(self, code_words(finding))
        parts = _explanation(finding) if self.is_explained else _facts(finding, figures)
        if (self.has_class("-bare") or self.has_class("-roomy")) and not self.is_explained:
            parts += [Content(""), Content.styled("Why", "bold"), _why(finding)]
        set_text(self._words, Content("\n").join(parts))

    def _draw(self) -> None:
        from tui.findings.pictures import FindingBars, picture_of

        if self._finding is None or self._figures is None:
            return
        picture = picture_of(self._finding, self._figures)
        self.set_class(picture is None, "-bare")
        self._plot.display = not isinstance(picture, FindingBars)
        self._bars.display = isinstance(picture, FindingBars)
        if picture is not None:
            set_text(self._title, Content.styled(picture.title, MUTED))
        if isinstance(picture, FindingBars):
            lines = picture.lines(max(20, self.content_size.width))
            set_text(self._bars, Content.styled("\n".join(lines), BLUE))
        elif picture is not None:
            self._plot_curves(picture)

    def _plot_curves(self, picture: "FindingCurves") -> None:
        self._plot.log_scale, self._plot.cursor = picture.log, picture.at
        self._plot.grow, self._plot.x_label = not picture.x_label, picture.x_label
        self._plot.show(picture.series)


def _facts(finding: Finding, figures: RunFigures) -> list[Content]:
    """Message, evidence, suggested fix as a difference, source."""
    style = STYLES[finding.severity]
    where = f"{finding.layer} · " if finding.layer else ""
    head = Content.assemble(
        (f"{MARKS[finding.severity]} {finding.severity}", f"bold {style}"),
        (f"  {where}step {finding.step:,}", MUTED),
    )
    lines = [head, Content(sentence(finding.message))]
    if finding.cause and finding.cause != finding.code:
        lines.append(Content.styled(f"Caused by: {finding.cause.replace('-', ' ')}", MUTED))
    rows = _rows(finding.evidence)
    if rows:
        lines += [Content(""), *rows]
    return [*lines, Content(""), *_remedy(finding, figures), *_source(finding)]


def _rows(evidence: dict[str, Any]) -> list[Content]:
    """The evidence, one line per value."""
    named = {NAMES.get(name, name.replace("_", " ")): value for name, value in evidence.items()}
    width = max(map(len, named), default=0) + 2
    return [
        Content.assemble((name.ljust(width), MUTED), number(value))
        for name, value in named.items()
        if value is not None
    ]


def _remedy(finding: Finding, figures: RunFigures) -> list[Content]:
    if not finding.remedy:
        return [Content.styled("No automatic fix.", MUTED)]
    rate = None if figures.is_over else figures.base_rate
    changes = changes_of(figures.experiment, finding.remedy, rate)
    words = (
        difference(changes)
        if changes
        else Content(", ".join(f"{k} = {shown(v)}" for k, v in finding.remedy.items()))
    )
    return [Content.assemble(("m", "bold $text-accent"), ("  applies the suggested fix:", MUTED)), words]


def _source(finding: Finding) -> list[Content]:
    return [Content.styled(f"source: {finding.reference}", FAINT)] if finding.reference else []


def _explanation(finding: Finding) -> list[Content]:
    """Message, explanation, source."""
    return [Content(sentence(finding.message)), Content(""), _why(finding), Content(""), *_source(finding)]


def _why(finding: Finding) -> Content:
    """The doctor's explanation."""
    from engine.doctor import explain

    return Content(explain(finding.code))


def sentence(text: str) -> str:
    """Return a message as a sentence: with a full stop, and a capital unless it starts with a name such as layers.0."""
    is_name = "." in text.split(" ", 1)[0]
    begin = text[:1] if is_name else text[:1].upper()
    return f"{begin}{text[1:]}" + ("" if text.endswith((".", "?")) else ".")


def number(value: Any) -> str:
    """Return a value of the evidence as short text; long lists and tables are cut."""
    if isinstance(value, dict):
        items = [f"{key} {number(item)}" for key, item in value.items()]
    elif isinstance(value, list | tuple):
        items = [number(item) for item in value]
    elif isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    else:
        return figure(value) if isinstance(value, float) else shown(value)
    return ", ".join(items[:MOST_ITEMS]) + (", …" if len(items) > MOST_ITEMS else "")
