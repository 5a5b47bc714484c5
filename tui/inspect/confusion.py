"""The confusion matrix view: the matrix with a cursor, a description of the cell, and the most confused pairs."""

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Static

from tui.actions import ARROWS
from tui.charts.bars import bar
from tui.charts.confusion import Grid, confusion_strips
from tui.charts.tones import FAINT, MUTED
from tui.inspect.view import InspectView
from tui.theme import BLUE
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from engine.inspection.views.confusion import Confusion

WIDTH_OF_PAIRS = 44


class ConfusionMap(StripView, can_focus=True):
    """The matrix with a cursor."""

    HELP = "Arrows or hjkl select a cell, enter lists its samples, n switches between counts and shares."
    BINDINGS: ClassVar[list[BindingType]] = [
        *ARROWS,
        Binding("enter", "open", "samples", tooltip="samples of the selected cell"),
        Binding("n", "shares", "shares", tooltip="counts, or shares of the true class"),
    ]

    class Moved(Message):
        """The cursor or the unit has changed."""

    class Opened(Message):
        """The user opens the samples of a cell."""

        def __init__(self, row: int, column: int) -> None:
            super().__init__()
            self.row = row
            self.column = column

    def __init__(self) -> None:
        super().__init__(id="matrix")
        self.grid: Grid | None = None
        self.cursor = (0, 0)
        self.as_shares = False
        self.colourless = False

    def show(self, grid: Grid, cursor: tuple[int, int] | None) -> None:
        """Draw a matrix; the cursor stays unless one is given."""
        last = len(grid.names) - 1
        row, column = cursor or self.cursor
        self.grid, self.cursor = grid, (min(row, last), min(column, last))
        self.draw_with(self._drawn)
        self.refresh_bindings()

    def _drawn(self, width: int, height: int) -> list[Strip]:
        if self.grid is None:
            return []
        return confusion_strips(
            self.grid, self.cursor, width, height, as_shares=self.as_shares, colourless=self.colourless
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if there is a matrix."""
        return self.grid is not None if action in ("open", "shares") else True

    def action_move(self, across: int, down: int) -> None:
        """Move the cursor within the matrix."""
        if self.grid is not None:
            last = len(self.grid.names) - 1
            row, column = self.cursor[0] + down, self.cursor[1] + across
            self.cursor = (max(0, min(last, row)), max(0, min(last, column)))
            self.draw_with(self._drawn)
            self.post_message(self.Moved())

    def action_open(self) -> None:
        """Open the samples of the cell under the cursor."""
        if self.grid is not None:
            self.post_message(self.Opened(*self.cursor))

    def action_shares(self) -> None:
        """Switch between counts and shares."""
        self.as_shares = not self.as_shares
        self.draw_with(self._drawn)
        self.post_message(self.Moved())


class ConfusionView(InspectView):
    """The matrix and, if they fit, the pairs beside it."""

    OWN_FOCUS = "#matrix"
    DEFAULT_CSS = """
    ConfusionView Horizontal { height: 1fr; }
    ConfusionView #map { width: 1fr; height: 1fr; padding: 0 1; }
    ConfusionView #matrix { height: 1fr; }
    ConfusionView #cell { height: 2; }
    ConfusionView #pairs { width: 46; height: 1fr; display: none; }
    ConfusionView.-pairs #pairs { display: block; }
    ConfusionView.-many #map { display: none; }
    ConfusionView.-many #pairs { display: block; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._answer: Confusion | None = None
        self._is_first = True

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="map"):
                yield ConfusionMap()
                yield Static(id="cell")
            yield Static(id="pairs", classes="panel")

    def on_mount(self) -> None:
        """Set the panel titles."""
        self.query_one("#pairs").border_title = "most confused"

    def on_resize(self) -> None:
        """Show the pairs if they fit."""
        self.set_class(self.size.width >= 80 + WIDTH_OF_PAIRS, "-pairs")
        self.call_after_refresh(self._write)

    def show(self, answer: "Confusion") -> None:
        """Show a matrix; at first the cursor is on the most frequent error."""
        self._answer = answer
        self.set_class(answer.matrix is None, "-many")
        if answer.matrix is not None:
            cursor = (answer.pairs[0].truth, answer.pairs[0].predicted) if answer.pairs else (0, 0)
            grid = Grid(answer.names, answer.matrix, answer.support)
            matrix = self.query_one(ConfusionMap)
            matrix.colourless = self.is_colourless
            matrix.show(grid, cursor if self._is_first else None)
            self._is_first = False
        self.call_after_refresh(self._write)

    def on_confusion_map_moved(self) -> None:
        """Describe the cell under the cursor."""
        self._write()

    def on_confusion_map_opened(self, event: ConfusionMap.Opened) -> None:
        """Open the samples of a cell in the Errors view."""
        given = {"truth": event.row, "predicted": event.column}
        self.post_message(self.GoTo("mistakes", given, "confusion"))

    def _write(self) -> None:
        answer = self._answer
        if answer is None:
            return
        matrix = self.query_one(ConfusionMap)
        if answer.matrix is not None:
            words = cell_words(answer, *matrix.cursor)
            unit = "percent of the true class" if matrix.as_shares else "counts"
            second = f"{answer.split} split, {unit}; n: {'counts' if matrix.as_shares else 'shares'}"
            if not self.has_class("-pairs") and answer.pairs:
                second = pairs_line(answer, max(20, self.size.width - 2))
            text = Content("\n").join([Content.styled(words, "bold"), Content.styled(second, MUTED)])
            self.query_one("#cell", Static).update(text, layout=False)
        pairs = self.query_one("#pairs", Static)
        room = max(3, self.size.height - 2)
        recalls = recall_lines(answer)
        lines = pair_lines(answer, max(3, room - len(recalls)))
        if len(lines) + len(recalls) <= room:
            lines += recalls
        pairs.update(Content("\n").join(lines), layout=False)


def cell_words(answer: "Confusion", row: int, column: int) -> str:
    """Return the description of a cell: `true 4, predicted 9: 23 of 982, 2.3 %`."""
    if answer.matrix is None:
        return ""
    count, support = answer.matrix[row][column], answer.support[row]
    name, other = answer.names[row], answer.names[column]
    head = f"{name} correct" if row == column else f"true {name}, predicted {other}"
    if not support:
        return f"{head}: no samples of {name} in this split"
    return f"{head}: {count:,} of {support:,}, {100 * count / support:.1f} %"


def pairs_line(answer: "Confusion", width: int) -> str:
    """Return `test split; most confused: 4 → 9 (23), 3 → 5 (19)` with as many pairs as fit, at least one."""
    line = ""
    for pair in answer.pairs:
        text = f"{answer.names[pair.truth]} → {answer.names[pair.predicted]} ({pair.count:,})"
        longer = f"{line}, {text}" if line else f"{answer.split} split; most confused: {text}"
        if line and cell_len(longer) > width:
            break
        line = longer
    return line


def pair_lines(answer: "Confusion", most: int) -> list[Content]:
    """Return the most confused pairs, a line each."""
    lines = [Content.styled(answer.note, MUTED), Content("")] if answer.note else []
    if not answer.pairs:
        return [*lines, Content.styled("no errors", MUTED)]
    for pair in answer.pairs[: max(1, most - len(lines))]:
        name, other = answer.names[pair.truth], answer.names[pair.predicted]
        lines.append(
            Content.assemble(
                f"{name[:12]} → {other[:12]}".ljust(20),
                (f"{pair.count:>6,}", "bold"),
                (f"{100 * pair.share:>7.1f} %", FAINT),
            )
        )
    return lines


def recall_lines(answer: "Confusion") -> list[Content]:
    """Return a line per class with the share of its samples that are predicted correctly, as a bar from 0 to 100 %."""
    if answer.matrix is None:
        return []
    lines = [Content(""), Content.styled("recall, 0 to 100 %", MUTED)]
    for i, (name, support) in enumerate(zip(answer.names, answer.support, strict=True)):
        share = answer.matrix[i][i] / support if support else 0.0
        figures = f"{100 * share:>7.1f} %" if support else f"{'-':>9}"
        lines.append(
            Content.assemble(set_cell_size(name[:12], 13), (bar(share, 20), BLUE), (figures, "bold"))
        )
    return lines
