"""The overview: scores with chance level and baseline as bars, a table of the splits, and an explanation."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.charts.bars import bar
from tui.charts.tones import FAINT, MUTED
from tui.inspect.view import InspectView
from tui.theme import BLUE, ORANGE
from tui.words.figures import figure, percent

if TYPE_CHECKING:
    from engine.inspection.views.overview import Overview, SplitFigures

NAME_WIDTH = 18
FIGURES = 30
MOST_BAR = 70
GREY = "#999999"


class OverviewView(InspectView):
    """Scores, bars and sentences."""

    DEFAULT_CSS = """
    OverviewView VerticalScroll { padding: 1 2; scrollbar-size-vertical: 1; }
    OverviewView Static { height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._answer: Overview | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static(id="overview")

    def show(self, answer: "Overview") -> None:
        """Show the scores."""
        self._answer = answer
        self._write()

    def on_resize(self) -> None:
        """Redraw for the new size."""
        self._write()

    def _write(self) -> None:
        if self._answer is not None and self.size.width:
            lines = overview_lines(self._answer, self.size.width - 5)
            self.query_one("#overview", Static).update(Content("\n").join(lines))


def overview_lines(answer: "Overview", width: int) -> list[Content]:
    """Return the overview as lines; sentences are not wrapped."""
    head = "accuracy" if answer.chance is not None else "R²: the share of the variance that is explained"
    lines = [Content.styled(f"{head}, {answer.judged} split", "bold")]
    lines += _bars(answer, width)
    lines += [Content(""), *_table(answer), Content("")]
    lines += [Content(f"{sentence}") for sentence in answer.words]
    if answer.baseline is not None:
        lines.append(Content.styled(f"Without hidden layers: {answer.baseline.method}.", MUTED))
    return lines


def _bars(answer: "Overview", width: int) -> list[Content]:
    judged = next(one for one in answer.splits if one.split == answer.judged)
    baseline, room = answer.baseline, max(8, min(MOST_BAR, width - NAME_WIDTH - FIGURES))
    own = judged.accuracy if answer.chance is not None else judged.r_squared
    other = None
    if baseline is not None:
        other = baseline.accuracy if answer.chance is not None else baseline.r_squared
    lines = [_bar("this network", own, BLUE, room, _interval(judged))]
    if baseline is None:
        lines.append(Content.styled(f"{'no hidden layer':<{NAME_WIDTH}}is being trained …", MUTED))
    else:
        lines.append(_bar("no hidden layer", other, ORANGE, room))
    if answer.chance is not None:
        lines.append(_bar("most frequent", answer.chance, GREY, room))
    else:
        lines.append(_bar("always the mean", 0.0, GREY, room))
    return lines


def _bar(name: str, share: float | None, colour: str, room: int, more: str = "") -> Content:
    cells = bar(share or 0.0, room)
    return Content.assemble(
        f"{name:<{NAME_WIDTH}}", (cells, colour), (f"{percent(share):>10}", "bold"), (f"  {more}", MUTED)
    )


def _interval(figures: "SplitFigures") -> str:
    if figures.low is None or figures.high is None:
        return ""
    return f"{100 * figures.low:.2f} … {100 * figures.high:.2f} %"


def _table(answer: "Overview") -> list[Content]:
    classifies = answer.chance is not None
    heads = ("accuracy", "95 % interval") if classifies else ("R²", "")
    lines = [Content.styled(f"{'split':<12}{'samples':>9}{'loss':>11}{heads[0]:>11}{heads[1]:>20}", FAINT)]
    for one in answer.splits:
        share = percent(one.accuracy) if classifies else figure(one.r_squared)
        row = f"{one.split:<12}{one.samples:>9,}{figure(one.loss):>11}{share:>11}{_interval(one):>20}"
        lines.append(Content.styled(row, "bold" if one.split == answer.judged else ""))
    return lines
