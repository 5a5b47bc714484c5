"""The Draw view: a pad to draw on, the image as the network gets it, and the prediction."""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Digits, Static

from tui.charts.bars import bar
from tui.charts.tones import FAINT, MUTED
from tui.inspect.drawing_pad import DrawingPad
from tui.inspect.edit_history import parse_sample
from tui.inspect.rasters import pixels
from tui.inspect.view import InspectView
from tui.theme import BLUE, ORANGE
from tui.widgets.filter_field import FilterField
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from engine.inspection.views.draw import Draw

BORDER = 2
LEAST_SAID = 22
"""Minimum columns of the bars."""
NAME = 11
PEN_WORDS = {"up": "pen up (space)", "down": "pen down", "erase": "erasing"}


class DrawView(InspectView):
    """Classifies the drawing after every change, one request at a time and then the newest drawing."""

    OWN_FOCUS = "#pad"
    HELP = (
        "The drawing is preprocessed as MNIST's digits were: scaled to 20 × 20 pixels, then centred by its mass; n turns "
        "that off. / loads a sample by its number, { and } the previous and the next one; it can then be changed."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "n", "centre", "centring", tooltip="scale and centre the drawing as MNIST's digits were, or not"
        ),
        Binding("slash", "find", "sample", key_display="/", tooltip="load a sample by its number"),
        Binding("right_curly_bracket", "load(1)", "next", key_display="{ }", tooltip="load the next sample"),
        Binding("left_curly_bracket", "load(-1)", "previous", show=False, tooltip="load the previous sample"),
        Binding("escape", "close_field", "close", show=False, tooltip="close the field"),
    ]
    DEFAULT_CSS = """
    DrawView { padding: 0 1; }
    DrawView Horizontal { height: 1fr; }
    DrawView #pad:focus { border: round $accent; }
    DrawView #said { width: 1fr; height: 1fr; padding: 0 1; }
    DrawView #first { height: 3; width: auto; color: $primary; text-style: bold; }
    DrawView #first-word { height: 1; color: $primary; text-style: bold; display: none; }
    DrawView.-word #first { display: none; }
    DrawView.-word #first-word { display: block; }
    DrawView #draw-bars { height: 1fr; }
    DrawView #draw-words { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._answer: Draw | None = None
        self._is_centred = True
        self._wanted: int | None = None
        """Number of the sample to load instead of the drawing."""
        self._loaded = -1
        """Number of the sample that was loaded last."""
        self._source = ""
        """Text on the loaded sample, until the drawing is changed."""

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield DrawingPad(id="pad", classes="panel")
            yield StripView(id="seen", classes="panel")
            with Vertical(id="said"):
                yield Digits(id="first")
                yield Static(id="first-word")
                yield Static(id="draw-bars")
        yield Static(id="draw-words")
        yield FilterField("17", title="sample", keys="enter load · esc cancel")

    def on_mount(self) -> None:
        """Set the panel title."""
        self.query_one("#pad").border_title = "draw"

    def on_resize(self) -> None:
        """Resize the pad and the image."""
        self._lay_out()

    @property
    def options(self) -> dict[str, Any]:
        """The drawing, or the sample to load instead."""
        if self._wanted is not None and self._answer is not None:
            return {"centre": self._is_centred, "index": self._wanted}
        canvas = self.query_one(DrawingPad).canvas
        ink = "" if canvas is None or canvas.is_empty else base64.b64encode(canvas.ink).decode()
        return {"centre": self._is_centred, "pixels": ink}

    def action_centre(self) -> None:
        """Switch scaling and centring on or off."""
        self._is_centred = not self._is_centred
        self.request_answer()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        if action == "load" and isinstance(by := parameters[0], int):
            return self._answer is not None and 0 <= self._loaded + by < self._answer.samples
        if action == "close_field":
            return self.query_one(FilterField).is_open
        return self._answer is not None if action in ("centre", "find") else True

    def action_load(self, by: int) -> None:
        """Load the next or the previous sample."""
        self._load(self._loaded + by)

    def _load(self, sample: int) -> None:
        self._wanted = self._loaded = sample
        self.request_answer()
        self.refresh_bindings()

    def action_find(self) -> None:
        """Open the field for the number of a sample."""
        self.query_one(FilterField).open("")
        self.refresh_bindings()

    def on_filter_field_done(self) -> None:
        """Load the sample, or show what is wrong with its number."""
        field = self.query_one(FilterField)
        try:
            sample = parse_sample(field.text, self._answer.samples if self._answer else 0)
        except ValueError as error:
            field.show_error(str(error))
        else:
            self.action_close_field()
            self._load(sample)

    def action_close_field(self) -> None:
        """Close the field."""
        self.query_one(FilterField).close()
        self.query_one(DrawingPad).focus()
        self.refresh_bindings()

    def on_drawing_pad_drawn(self) -> None:
        """Request the prediction for the drawing instead of a sample that was requested."""
        self._wanted, self._source = None, ""
        self.request_answer()

    def on_drawing_pad_pen_changed(self) -> None:
        """Show the state of the pen."""
        self._write()

    def show(self, answer: "Draw") -> None:
        """Show the prediction; a loaded sample replaces the drawing."""
        is_first, self._answer = self._answer is None, answer
        pad = self.query_one(DrawingPad)
        if is_first:
            pad.set_canvas(answer.pad.height, answer.pad.width)
            self._lay_out()
        if answer.sample is not None and answer.truth is not None and self._wanted is not None:
            self._wanted = None
            self._source = (
                f"   {answer.split} sample {answer.sample:,}, true class {answer.names[answer.truth]}"
            )
            pad.set_canvas(answer.pad.height, answer.pad.width, answer.pad.data)
            self.request_answer()
        seen, colourless = pixels(answer.seen), bool(self.app.no_color)

        def draw(width: int, height: int) -> Sequence[Strip]:
            from tui.charts.halfblock import picture_strips, resized

            times = 2 if width >= 2 * seen.shape[1] and height >= seen.shape[0] else 1
            if width < seen.shape[1]:
                return picture_strips(resized(seen[None], -(-seen.shape[0] // 2), -(-seen.shape[1] // 2))[0])
            return picture_strips(seen.repeat(times, axis=0).repeat(times, axis=1), colourless)

        self.query_one("#seen", StripView).draw_with(draw)
        self._write()

    def _lay_out(self) -> None:
        """Size the pad, two columns per pixel if that fits, and the image in the remaining width."""
        answer = self._answer
        if answer is None or not self.size.width:
            return
        high, wide = answer.pad.height, answer.pad.width
        room, lines = self.size.width - LEAST_SAID, self.size.height - 1 - BORDER
        sizes = [(2 * wide, high), (wide, -(-high // 2)), (-(-wide // 2), -(-high // 4))]
        is_large = lines >= high and room >= 3 * wide + 2 * BORDER
        columns, rows = sizes[0] if is_large else sizes[1]
        pad, seen = self.query_one(DrawingPad), self.query_one("#seen", StripView)
        _resize(pad, min(columns, room - BORDER), min(rows, lines))
        left = room - min(columns, room - BORDER) - 2 * BORDER
        fitting = [size for size in sizes if size[0] <= min(left, columns) and size[1] <= lines]
        seen.display = bool(fitting)
        if fitting:
            _resize(seen, *fitting[0])

    def _write(self) -> None:
        answer = self._answer
        if answer is None:
            return
        name = answer.names[answer.predicted] if answer.predicted >= 0 else ""
        self.set_class(not name.isdigit() or len(name) > 3, "-word")
        self.query_one("#first", Digits).update(name)
        self.query_one("#first-word", Static).update(Content(name or "no prediction"))
        panel = self.query_one("#said")
        lines = bar_lines(answer, max(12, panel.content_size.width))
        self.query_one("#draw-bars", Static).update(Content("\n").join(lines), layout=False)
        self.query_one("#seen").border_title = "centred" if answer.centred else "as drawn"
        self.query_one("#draw-words", Static).update(self._words(answer), layout=False)

    def _words(self, answer: "Draw") -> Content:
        pen = self.query_one(DrawingPad).pen
        tone = FAINT if pen == "up" else ORANGE
        return Content.assemble((PEN_WORDS[pen], tone), (f"{self._source}   {answer.words}", MUTED))


def _resize(view: StripView, columns: int, rows: int) -> None:
    """Set the size of a panel's content."""
    view.styles.width, view.styles.height = columns + BORDER, rows + BORDER
    view.styles.padding = 0


def bar_lines(answer: "Draw", width: int) -> list[Content]:
    """Return a bar per class, the predicted class in blue."""
    name_width = min(NAME, max(len(answer.names[share.index]) for share in answer.shares))
    room = max(3, width - name_width - 10)
    lines = []
    for share in answer.shares:
        is_first = share.index == answer.predicted
        filled = 0.0 if answer.is_empty else share.share
        figure = "" if answer.is_empty else f" {100 * share.share:5.1f} %"
        lines.append(
            Content.assemble(
                (answer.names[share.index][:name_width].ljust(name_width + 1), "bold" if is_first else MUTED),
                (bar(filled, room), BLUE if is_first else "#6c6c6c"),
                figure,
            )
        )
    if not answer.are_probabilities:
        lines.append(Content.styled("not probabilities: softmax applied", FAINT))
    return lines
