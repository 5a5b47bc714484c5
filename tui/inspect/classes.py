"""The view of the classes: precision, recall and F1 of each one as a table, and the errors of the selected one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from tui.actions import MOVE
from tui.charts.tones import FAINT, MUTED
from tui.inspect.score_axis import axis_start, axis_words, score_bar
from tui.inspect.view import InspectView
from tui.theme import MARKS, SERIES
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from engine.inspection.views.classes import Classes, ClassScore

MOST_NAME = 14
BAR = 10
WITH_BARS = 118
"""Minimum columns for bars of precision and recall too."""
WITH_ERRORS = 26
"""Minimum lines for the errors of the selected class."""


class ClassesView(InspectView):
    """A row per class with a cursor, the means, and the errors of the selected class."""

    HELP = (
        "Up and down select a class, whose most confident errors are shown below; enter opens all of them in Errors. n "
        "sorts by F1. Precision: share of the predictions of a class that are right. Recall: share of its samples that "
        "are predicted as this class. F1: the harmonic mean of both."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "choose(-1)", "up", group=MOVE, show=False),
        Binding("down,j", "choose(1)", "down", group=MOVE, show=False),
        Binding("pageup", "choose(-10)", "page up", group=MOVE, show=False),
        Binding("pagedown", "choose(10)", "page down", group=MOVE, show=False),
        Binding("enter", "open", "errors", tooltip="errors of the selected class"),
        Binding("n", "order", "order", tooltip="in the order of the classes, or by F1"),
    ]
    DEFAULT_CSS = """
    ClassesView #class-head { height: 1; padding: 0 1; }
    ClassesView VerticalScroll { height: auto; max-height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    ClassesView #class-rows { height: auto; }
    ClassesView #class-foot { height: auto; padding: 0 1; }
    ClassesView #class-errors { display: none; height: 1fr; min-height: 8; margin-top: 1; }
    ClassesView.-errors #class-errors { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._answer: Classes | None = None
        self._by_score = False
        self._chosen: int | None = None
        """Index of the selected class; None: the worst one."""

    def compose(self) -> ComposeResult:
        yield Static(id="class-head")
        with VerticalScroll(id="scores", can_focus=False):
            yield Static(id="class-rows")
        yield Static(id="class-foot")
        yield StripView(id="class-errors", classes="panel")

    @property
    def options(self) -> dict[str, Any]:
        """The selected class."""
        return {"chosen": self._chosen}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        return self._answer is not None if action in ("open", "order", "choose") else True

    def action_order(self) -> None:
        """Switch between the order of the classes and the lowest F1 first."""
        self._by_score = not self._by_score
        self._write()

    def action_choose(self, by: int) -> None:
        """Select another class."""
        rows = self._rows
        names = [row.index for row in rows]
        if names:
            now = names.index(self._chosen) if self._chosen in names else 0
            self._chosen = names[max(0, min(len(names) - 1, now + by))]
            self._write()
            self.request_answer()

    def action_open(self) -> None:
        """Open the errors of the selected class."""
        if self._chosen is not None:
            self.post_message(self.GoTo("mistakes", {"truth": self._chosen}, "classes"))

    def show(self, answer: "Classes") -> None:
        """Show the scores."""
        self._answer = answer
        if self._chosen is None and answer.rows:
            self._chosen = min(answer.rows, key=_rank).index
            self.request_answer()  # with its errors
        self._write()
        self.refresh_bindings()

    def on_resize(self) -> None:
        """Redraw for the new size."""
        self._write()

    @property
    def _rows(self) -> "list[ClassScore]":
        """The classes in the chosen order."""
        rows = list(self._answer.rows) if self._answer is not None else []
        return sorted(rows, key=_rank) if self._by_score else rows

    def _write(self) -> None:
        answer, width = self._answer, self.size.width - 3
        if answer is None or width < 20:
            return
        rows = self._rows
        name_width = min(MOST_NAME, max(5, *(cell_len(row.name) for row in rows)))
        start = axis_start(
            score for row in rows if row.support for score in (row.precision, row.recall, row.f1)
        )
        lines = [row_line(row, name_width, width, start, row.index == self._chosen) for row in rows]
        self.query_one("#class-head", Static).update(head_line(name_width, width), layout=False)
        self.query_one("#class-rows", Static).update(Content("\n").join(lines))
        self.query_one("#class-foot", Static).update(foot(answer, name_width, width, start))
        place = next((i for i, row in enumerate(rows) if row.index == self._chosen), 0)
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_to(y=max(0, place - scroll.size.height // 2), animate=False)
        self._show_errors(answer)

    def _show_errors(self, answer: "Classes") -> None:
        """Show the errors of the selected class if there is room."""
        examples = answer.examples
        self.set_class(self.size.height >= WITH_ERRORS and examples is not None, "-errors")
        name = next((row.name for row in answer.rows if row.index == self._chosen), "")
        panel = self.query_one("#class-errors", StripView)
        total = examples.matching if examples else 0
        panel.border_title = Content(
            f"errors of {name}: {total:,}, most confident first" if total else f"{name}: no errors"
        )
        colourless = bool(self.app.no_color)

        def draw(width: int, height: int) -> Sequence[Strip]:
            from tui.inspect.error_strips import error_strips

            return error_strips(examples, width, height, colourless) if examples is not None else []

        panel.draw_with(draw)


def _rank(row: "ClassScore") -> float:
    """The F1 of a class; classes without samples come last."""
    return 2.0 if row.f1 is None or not row.support else row.f1


def head_line(name_width: int, width: int) -> Content:
    """Return the heads of the columns."""
    bars = " " * (BAR + 1)
    all_bars = bars if width >= WITH_BARS else ""
    text = f"    {'class':<{name_width}}{'samples':>9}{'precision':>11}{all_bars}{'recall':>9}{all_bars}{'F1':>8}{bars}"
    return Content.styled(f"{text}  most confused with", FAINT).truncate(width)


def row_line(row: "ClassScore", name_width: int, width: int, start: float, marked: bool) -> Content:
    """Return the row of a class.

    Args:
        start: of the axis of the bars.
    """
    colour = SERIES[row.index % len(SERIES)]
    figures: list[tuple[str, str]] = []
    for score, columns in ((row.precision, 11), (row.recall, 9), (row.f1, 8)):
        is_f1 = columns == 8
        figures.append((f"{_three(score):>{columns}}", "bold" if is_f1 else ""))
        if is_f1 or width >= WITH_BARS:
            figures.append((f" {score_bar(score, start, BAR)}", colour))
    never = ("  never predicted", "$text-error") if row.never else ("", "")
    confused = f"  {row.confused} ({row.confused_count:,})" if row.confused else "  -"
    return Content.assemble(
        ("▸ " if marked else "  ", "bold $accent"),
        (f"{MARKS[row.index % len(MARKS)]} ", colour),
        (set_cell_size(row.name, name_width), "bold" if marked else ""),
        f"{row.support:>9,}",
        *figures,
        never,
        (confused if row.support else "  no samples", MUTED),
    ).truncate(width, ellipsis=True)


def foot(answer: "Classes", name_width: int, width: int, start: float) -> Content:
    """Return the means, notes, and the axis of the bars."""
    precision, recall, f1 = answer.macro
    gap = " " * (BAR + 1) if width >= WITH_BARS else ""
    means = f"    {'mean':<{name_width}}{'':>9}{_three(precision):>11}{gap}{_three(recall):>9}{gap}{_three(f1):>8}"
    lines = [Content.styled(means, "bold"), Content(answer.words)]
    lines += [Content.styled(answer.note, MUTED)] if answer.note else []
    lines.append(Content.styled(f"bars: {axis_words(start)}; {answer.split} split", FAINT))
    return Content("\n").join(lines)


def _three(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"
