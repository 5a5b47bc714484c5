"""The Errors view: wrong predictions as a gallery or a list, and the marked one with its probabilities."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from engine.words import counted
from tui.charts.bars import bar
from tui.charts.tones import FAINT, MUTED
from tui.inspect.class_filter import ClassFilter, UnknownClassError, parse_classes
from tui.inspect.labels import mistake_label
from tui.inspect.picture_grid import PictureGrid
from tui.inspect.rasters import pixels
from tui.inspect.sample_list import SampleList
from tui.inspect.view import InspectView
from tui.theme import GREEN, MARKS, SERIES, VERMILION
from tui.widgets.filter_field import FilterField
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from engine.inspection.views.mistakes import Mistake, Mistakes

MOST_BARS = 10
NAME = 10
WRONG_MARK = "✗"


class MistakesView(InspectView):
    """The gallery or list, the marked sample, and a filter by classes."""

    OWN_FOCUS = "#gallery"
    HELP = (
        "The most confident errors come first. / filters by class: 4 for the true class, >9 for the predicted class, "
        "4>9 for both; E shows all errors again."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/", tooltip="filter by class: 4, >9 or 4>9"),
        Binding("escape", "all", "all errors", show=False, tooltip="close the filter, or show all errors"),
    ]
    DEFAULT_CSS = """
    MistakesView Horizontal { height: 1fr; }
    MistakesView #left { width: 1fr; height: 1fr; padding: 0 1; }
    MistakesView #mistake-words { height: auto; max-height: 2; }
    MistakesView #gallery { height: 1fr; }
    MistakesView #rows { height: 1fr; display: none; }
    MistakesView.-rows #gallery { display: none; }
    MistakesView.-rows #rows { display: block; }
    MistakesView #sample { width: 36; height: 1fr; padding: 0 1; }
    MistakesView #sample-picture { height: 14; }
    MistakesView #sample-bars { height: auto; }
    MistakesView.-large #sample { width: 62; }
    MistakesView.-large #sample-picture { height: 28; }
    MistakesView.-low #sample-picture { height: 7; }
    MistakesView.-none #sample { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._answer: Mistakes | None = None
        self._class_filter = ClassFilter()
        self._is_typed = False
        """True if the filter was typed here: escape clears it; else escape goes back to the view that gave it."""

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="left"):
                yield Static(id="mistake-words")
                yield PictureGrid(id="gallery")
                yield SampleList(id="rows")
                yield FilterField("4, >9 or 4>9", keys="enter apply · esc clear")
            with Vertical(id="sample", classes="panel"):
                yield StripView(id="sample-picture")
                yield Static(id="sample-bars")

    def on_resize(self) -> None:
        """Size the marked sample."""
        width, height = self.size
        self.set_class(width >= 130 and height >= 42, "-large")
        self.set_class(height < 22, "-low")

    @property
    def options(self) -> dict[str, Any]:
        """The class filter."""
        return {"truth": self._class_filter.truth, "predicted": self._class_filter.predicted}

    def accept(self, given: dict[str, Any]) -> None:
        """Show the samples of a cell of the confusion matrix, or of a class."""
        self._is_typed = False
        self._class_filter = ClassFilter(given.get("truth"), given.get("predicted"))
        self.query_one(PictureGrid).cursor = self.query_one(SampleList).cursor = 0

    # showing an answer

    def show(self, answer: "Mistakes") -> None:
        """Show errors."""
        self._answer = answer
        has_pictures = bool(answer.shown) and answer.shown[0].picture is not None
        had_focus = self.query_one(PictureGrid).has_focus or self.query_one(SampleList).has_focus
        self.set_class(not has_pictures, "-rows")
        self.set_class(not answer.shown, "-none")
        if has_pictures:
            self._show_pictures(answer)
        else:
            head, lines = sample_rows(answer)
            self.query_one(SampleList).show(head if lines else "", lines)
        if had_focus:
            (self.query_one(PictureGrid) if has_pictures else self.query_one(SampleList)).focus()
        self.query_one("#mistake-words", Static).update(self._words(answer))
        self._show_marked()
        self.refresh_bindings()

    def _show_pictures(self, answer: "Mistakes") -> None:
        import numpy as np

        images = np.stack([pixels(one.picture) for one in answer.shown if one.picture is not None])
        labels = [mistake_label(one, answer.names) for one in answer.shown]
        self.query_one(PictureGrid).show(images, labels, bool(self.app.no_color))

    def _words(self, answer: "Mistakes") -> Content:
        if self._class_filter == ClassFilter():
            return Content(answer.words)
        truth, predicted = self._class_filter
        names = answer.names
        if truth is not None and truth == predicted:
            return Content.styled(f"{answer.matching:,} correct: {names[truth]}   E: all errors", "bold")
        pair = (
            f"{'any' if truth is None else names[truth]} → {'any' if predicted is None else names[predicted]}"
        )
        head = f"{answer.matching:,} wrong: {pair}"
        return Content.assemble(
            (head, "bold"), (f"   of {counted(answer.wrong, 'error')}; E: all errors", MUTED)
        )

    def on_picture_grid_moved(self) -> None:
        """Show the marked sample."""
        self._show_marked()

    def on_sample_list_moved(self) -> None:
        """Show the marked sample."""
        self._show_marked()

    @property
    def _marked(self) -> "Mistake | None":
        answer = self._answer
        if answer is None or not answer.shown:
            return None
        cursor = (
            self.query_one(SampleList) if self.has_class("-rows") else self.query_one(PictureGrid)
        ).cursor
        return answer.shown[min(cursor, len(answer.shown) - 1)]

    def _show_marked(self) -> None:
        answer, marked = self._answer, self._marked
        if answer is None or marked is None:
            return
        panel = self.query_one("#sample")
        panel.border_title = f"{answer.split} sample {marked.index:,}"
        colourless = bool(self.app.no_color)

        def draw(width: int, height: int) -> Sequence[Strip]:
            return sample_strips(answer, marked, width, height, colourless)

        self.query_one("#sample-picture", StripView).draw_with(draw)
        width = max(20, panel.content_size.width)
        self.query_one("#sample-bars", Static).update(Content("\n").join(bar_lines(answer, marked, width)))

    # filter

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        if action == "all":
            return self._is_typed or self.query_one(FilterField).is_open
        return self._answer is not None if action == "filter" else True

    def action_filter(self) -> None:
        """Open the filter field."""
        if self._answer is not None:
            self.query_one(FilterField).open(self._class_filter.words(self._answer.names))
            self.refresh_bindings()

    def action_all(self) -> None:
        """Clear the filter."""
        self._close_filter()
        self._set_class_filter(ClassFilter())

    def on_filter_field_typed(self, event: FilterField.Typed) -> None:
        """Apply the typed filter."""
        if self._answer is None:
            return
        try:
            wanted = parse_classes(event.text, self._answer.names)
        except UnknownClassError as error:
            self.query_one(FilterField).show_error(str(error))
            return
        self.query_one(FilterField).show_error("")
        self._set_class_filter(wanted)

    def on_filter_field_done(self) -> None:
        """Close the field unless the text is invalid."""
        if not self.query_one(FilterField).is_wrong:
            self._close_filter()

    def _close_filter(self) -> None:
        self.query_one(FilterField).close()
        (self.query_one(SampleList) if self.has_class("-rows") else self.query_one(PictureGrid)).focus()
        self.refresh_bindings()

    def _set_class_filter(self, wanted: ClassFilter) -> None:
        if wanted != self._class_filter:
            self.accept({"truth": wanted.truth, "predicted": wanted.predicted})
            self._is_typed = wanted != ClassFilter()
            self.request_answer()
            self.refresh_bindings()


def sample_rows(answer: "Mistakes") -> tuple[str, list[str]]:
    """Return the head and the lines of samples that are not images."""
    wide = max([NAME, *(len(name) for name in answer.names)]) if len(answer.names) <= 20 else NAME
    wide = min(wide, 14)
    head = f"{'sample':>8}  {'true':<{wide}}  {'predicted':<{wide}}  {'conf.':>7}  features"
    lines = []
    for one in answer.shown:
        features = "  ".join("NaN" if value is None else f"{value:.3g}" for value in one.features[:8])
        more = " …" if answer.n_features > 8 else ""
        true, taken = answer.names[one.truth][:wide], answer.names[one.predicted][:wide]
        lines.append(
            f"{one.index:>8,}  {true:<{wide}}  {taken:<{wide}}  {100 * one.confidence:>5.1f} %  {features}{more}"
        )
    return head, lines


def sample_strips(
    answer: "Mistakes", one: "Mistake", width: int, height: int, colourless: bool
) -> Sequence[Strip]:
    """Return strips of the sample as an image or as a point of the plane; empty if it is neither."""
    if one.picture is not None:
        from tui.charts.halfblock import picture_strips, resized

        picture = pixels(one.picture)
        scale = min(width / picture.shape[1], 2 * height / picture.shape[0])
        times = max(1, int(scale)) if scale >= 1 else scale
        shape = [max(1, round(side * times)) for side in picture.shape[:2]]
        return picture_strips(resized(picture[None], *shape)[0], colourless)
    if answer.plane:
        import numpy as np

        from tui.charts.scatter import scatter_strips

        own = len(answer.names)
        heavier = len(answer.plane) + 1  # enough points to win its cell
        points = np.array([*answer.plane, *[one.features[:2]] * heavier], np.float64)
        classes = [*answer.plane_classes, *[own] * heavier]
        marks = [MARKS[i % len(MARKS)] for i in range(own)] + [WRONG_MARK]
        colours = [SERIES[i % len(SERIES)] for i in range(own)] + ["#ffffff"]
        return scatter_strips(points, classes, width, height, marks, colours)
    return []


def bar_lines(answer: "Mistakes", one: "Mistake", width: int) -> list[Content]:
    """Return a bar per class probability: the predicted class in orange, the true class in green."""
    lines = []
    room = max(4, width - NAME - 12)
    for share in one.shares[:MOST_BARS]:
        is_true, is_predicted = share.index == one.truth, share.index == one.predicted
        tone = GREEN if is_true else VERMILION if is_predicted else "#6c6c6c"
        sign = "✓" if is_true else WRONG_MARK if is_predicted else " "
        name = answer.names[share.index][:NAME].ljust(NAME)
        figures = f"{100 * share.share:>7.2f} %"
        lines.append(
            Content.assemble(
                (f"{sign} {name}", "bold" if sign != " " else MUTED), (bar(share.share, room), tone), figures
            )
        )
    words = f"{WRONG_MARK} predicted {answer.names[one.predicted]}   ✓ true {answer.names[one.truth]}"
    if one.truth == one.predicted:
        words = f"✓ {answer.names[one.truth]}, predicted correctly"
    lines.append(Content.styled(words, MUTED))
    if not answer.are_probabilities:
        lines.append(Content.styled("not probabilities: softmax applied", FAINT))
    return lines
