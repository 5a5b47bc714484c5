"""The confusion matrix view: the matrix with a cursor, a description of the cell, and the most confused pairs."""

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Static

from tui.actions import ARROWS
from tui.charts.confusion import Grid, confusion_strips
from tui.charts.tones import FAINT, MUTED
from tui.inspect.view import InspectView
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from engine.inspection.views.confusion import Confusion

WIDTH_OF_PAIRS = 44


class ConfusionMap(StripView, can_focus=True):
    """The matrix with a cursor."""

    HELP = (
        "Arrows or hjkl move over the cells, enter opens the samples of one, n turns from counts to shares."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *ARROWS,
        Binding("enter", "open", "samples", tooltip="open the samples of this cell"),
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

    def _drawn(self, width: int, height: int) -> list[Strip]:
        if self.grid is None:
            return []
        return confusion_strips(
            self.grid, self.cursor, width, height, as_shares=self.as_shares, colourless=self.colourless
        )

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
        self.post_message(self.GoTo("mistakes", {"truth": event.row, "predicted": event.column}))

    def _write(self) -> None:
        answer = self._answer
        if answer is None:
            return
        matrix = self.query_one(ConfusionMap)
        if answer.matrix is not None:
            words = cell_words(answer, *matrix.cursor)
            unit = "in percent of the true class" if matrix.as_shares else "samples"
            second = f"{answer.split} split, {unit}; n turns to {'counts' if matrix.as_shares else 'shares'}"
            if not self.has_class("-pairs") and answer.pairs:
                second = pairs_line(answer, max(20, self.size.width - 2))
            text = Content("\n").join([Content.styled(words, "bold"), Content.styled(second, MUTED)])
            self.query_one("#cell", Static).update(text, layout=False)
        pairs = self.query_one("#pairs", Static)
        pairs.update(Content("\n").join(pair_lines(answer, max(3, pairs.size.height - 2))), layout=False)


def cell_words(answer: "Confusion", row: int, column: int) -> str:
    """Return the description of a cell: `4 taken for 9: 23 of 982, 2.3 %`."""
    if answer.matrix is None:
        return ""
    count, support = answer.matrix[row][column], answer.support[row]
    name, other = answer.names[row], answer.names[column]
    head = f"{name} recognised" if row == column else f"{name} taken for {other}"
    if not support:
        return f"{head}: no samples of {name} here"
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
        return [*lines, Content.styled("nothing is confused", MUTED)]
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
