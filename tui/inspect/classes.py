"""The per-class view: precision, recall and F1 of each class as a table, with an explanation."""

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.charts.bars import bar
from tui.charts.tones import FAINT, MUTED
from tui.inspect.view import InspectView
from tui.theme import MARKS, SERIES

if TYPE_CHECKING:
    from engine.inspection.views.classes import Classes, ClassScore

MOST_NAME = 14
BAR = 10
WITH_BARS = 120
"""Minimum columns for bars of F1."""
BEFORE_WORDS = 41
"""Columns of the mark and the scores, without the name."""
LEAST_WORDS = 60
"""Minimum columns for the long explanation."""


class ClassesView(InspectView):
    """A row per class, then the means; scrolls if the classes do not fit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "order", "order", tooltip="in the order of classes, or the hardest first"),
    ]
    DEFAULT_CSS = """
    ClassesView #class-head { height: 1; padding: 0 1; }
    ClassesView VerticalScroll { height: auto; max-height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    ClassesView #class-rows { height: auto; }
    ClassesView #class-foot { height: auto; padding: 1 1 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._answer: Classes | None = None
        self._hardest_first = False

    def compose(self) -> ComposeResult:
        yield Static(id="class-head")
        with VerticalScroll(id="scores", can_focus=False):
            yield Static(id="class-rows")
        yield Static(id="class-foot")

    def action_order(self) -> None:
        """Switch between the order of the classes and the hardest first."""
        self._hardest_first = not self._hardest_first
        self._write()

    def show(self, answer: "Classes") -> None:
        """Show the scores."""
        self._answer = answer
        self._write()

    def on_resize(self) -> None:
        """Redraw for the new size."""
        self._write()

    def _write(self) -> None:
        answer, width = self._answer, self.size.width - 3
        if answer is None or width < 20:
            return
        rows = list(answer.rows)
        if self._hardest_first:
            rows.sort(key=lambda row: 2.0 if row.f1 is None or not row.support else row.f1)
        name_width = min(MOST_NAME, max(5, *(cell_len(row.name) for row in rows)))
        lines = [row_line(row, name_width, width) for row in rows]
        self.query_one("#class-head", Static).update(head_line(name_width, width), layout=False)
        self.query_one("#class-rows", Static).update(Content("\n").join(lines))
        self.query_one("#class-foot", Static).update(foot(answer, name_width, width))


def head_line(name_width: int, width: int) -> Content:
    """Return the heads of the columns."""
    bars = " " * (BAR + 1) if width >= WITH_BARS else ""
    text = f"  {'class':<{name_width}}{'samples':>9}{'precision':>11}{'recall':>9}{'F1':>8}{bars}  in plain words"
    return Content.styled(text, FAINT).truncate(width)


def row_line(row: "ClassScore", name_width: int, width: int) -> Content:
    """Return the row of a class."""
    colour = SERIES[row.index % len(SERIES)]
    bars = [(f" {bar(row.f1 or 0.0, BAR)}", colour)] if width >= WITH_BARS else []
    tone = "$text-error" if row.never else MUTED
    words = row.words if width - name_width - BEFORE_WORDS >= LEAST_WORDS else row.brief
    sign = "! " if row.never else ""
    return Content.assemble(
        (f"{MARKS[row.index % len(MARKS)]} ", colour),
        set_cell_size(row.name, name_width),
        f"{row.support:>9,}{_three(row.precision):>11}{_three(row.recall):>9}",
        (f"{_three(row.f1):>8}", "bold"),
        *bars,
        (f"  {sign}{words}", tone),
    ).truncate(width, ellipsis=True)


def foot(answer: "Classes", name_width: int, width: int) -> Content:
    """Return the means, notes, and the meaning of the columns."""
    precision, recall, f1 = answer.macro
    means = f"  {'mean':<{name_width}}{'':>9}{_three(precision):>11}{_three(recall):>9}{_three(f1):>8}"
    lines = [Content.styled(means, "bold"), Content(answer.words)]
    lines += [Content.styled(answer.note, MUTED)] if answer.note else []
    lines.append(
        Content.styled(
            "precision: its calls of a class that are right; recall: samples of a class that it finds; F1: both in one",
            FAINT,
        )
    )
    return Content("\n").join(lines)


def _three(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"
