"""The scores of several runs and the differences of their experiments, as two tables that scroll together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.actions import SCROLL_KEYS
from tui.charts.tones import FAINT, MUTED
from tui.follow.readings import Reading
from tui.runs.comparison import sign
from tui.runs.rows import STATES
from tui.widgets.difference import shown
from tui.widgets.set_text import set_text
from tui.words.figures import duration, figure, percent

if TYPE_CHECKING:
    from engine.runs import Comparison, RunSummary

NAME_WIDTH, NARROW_NAME_WIDTH = 22, 14
"""Columns of a run's name in a wide and in a narrow table."""
NARROW = 100
KEY_WIDTH = 30
_FIGURES = (
    ("train loss", 10),
    ("val loss", 9),
    ("train acc", 10),
    ("val acc", 10),
    ("best val loss", 13),
    ("best val acc", 12),
    ("test", 9),
    ("time", 8),
)
"""Head and width of each score; the last ones are dropped first if there is little room."""


class ComparisonTable(VerticalScroll, can_focus=True):
    """Shows the runs as a legend with their scores, and below them the keys whose values differ."""

    DEFAULT_CSS = """
    ComparisonTable { scrollbar-size-vertical: 1; }
    ComparisonTable Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*SCROLL_KEYS]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._figures, self._differences = Static(), Static()

    def compose(self) -> ComposeResult:
        yield self._figures
        yield self._differences

    def show(self, runs: "Sequence[RunSummary]", readings: Sequence[Reading], at: str) -> None:
        """Show the runs with their `readings`; `at` names the x value of these."""
        width = self.scrollable_content_region.width
        lines = [
            _head(width, at),
            *(_figures(i, *pair, width) for i, pair in enumerate(zip(runs, readings, strict=True))),
        ]
        set_text(self._figures, Content("\n").join(lines))

    def show_differences(self, comparison: "Comparison | None", trouble: str = "") -> None:
        """Show the differences of the experiments, or why they are not known."""
        width = self.scrollable_content_region.width
        if comparison is None:
            text = Content.styled(trouble, "$text-error")
        elif not comparison.differences:
            text = Content.styled("Their experiments are identical.", MUTED)
        else:
            text = Content("\n").join(_differences(comparison, width))
        set_text(self._differences, Content.assemble("\n", text))


def _name_width(width: int) -> int:
    return NAME_WIDTH if width >= NARROW else NARROW_NAME_WIDTH


def _columns(width: int) -> list[tuple[str, int]]:
    """The columns that fit."""
    room, found = width - _name_width(width) - 4, []
    for name, size in _FIGURES:
        room -= size + 1
        if room < 0:
            break
        found.append((name, size))
    return found


def _head(width: int, at: str) -> Content:
    cells = [name.rjust(size) for name, size in _columns(width)]
    return Content.styled(f"  {at.ljust(_name_width(width))}  {' '.join(cells)}", MUTED)


def _figures(i: int, run: "RunSummary", reading: Reading, width: int) -> Content:
    mark, colour = sign(i)
    state, tone = STATES[run.state]
    values = {
        "train loss": figure(reading.train_loss),
        "val loss": figure(reading.validation_loss),
        "train acc": percent(reading.train_accuracy),
        "val acc": percent(reading.validation_accuracy),
        "best val loss": figure(run.best_validation_loss),
        "best val acc": percent(run.best_validation_accuracy),
        "test": figure(run.test_loss) if run.test_accuracy is None else percent(run.test_accuracy),
        "time": duration(run.seconds),
    }
    style = {"good": "$text-success", "warning": "$text-warning", "error": "$text-error"}.get(tone, MUTED)
    cells = [values[name].rjust(size) for name, size in _columns(width)]
    name = Content(run.name).truncate(_name_width(width), ellipsis=True, pad=True)
    return Content.assemble((mark, colour), " ", name, (state, style), " ", " ".join(cells))


def _differences(comparison: "Comparison", width: int) -> list[Content]:
    """A line per key and a column per run, with mark and name as heads."""
    n = len(comparison.runs)
    column = max(6, min(24, (width - KEY_WIDTH) // n - 1))
    heads: list[Any] = ["differs".ljust(KEY_WIDTH)]
    for i, run in enumerate(comparison.runs):
        mark, colour = sign(i)
        name = Content(run.name).truncate(column - 2, ellipsis=True, pad=True)
        heads += [" ", (mark, colour), " ", name]
    lines = [Content.assemble(*heads)]
    for row in comparison.differences:
        common = max(set(map(str, row.values)), key=list(map(str, row.values)).count)
        parts: list[Any] = [Content(row.key).truncate(KEY_WIDTH, ellipsis=True, pad=True)]
        for value in row.values:
            cell = Content(shown(value)).truncate(column, ellipsis=True, pad=True)
            is_odd = n > 2 and str(value) != common
            parts += [
                " ",
                cell.stylize("bold $text-accent") if is_odd else cell.stylize(FAINT if value is None else ""),
            ]
        lines.append(Content.assemble(*parts))
    return lines
