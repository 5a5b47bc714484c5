"""A pad for drawing with the mouse or with keys."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.events import MouseDown, MouseEvent, MouseMove, MouseUp
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.actions import ARROWS
from tui.inspect.canvas import DrawingCanvas, Point
from tui.theme import GREEN, ORANGE, VERMILION, rgb
from tui.widgets.strips import StripView

Pen = Literal["up", "down", "erase"]
LEFT, RIGHT = 1, 3
TONES = {"up": ORANGE, "down": GREEN, "erase": VERMILION}
SIGNS = {"up": "+", "down": "●", "erase": "0"}


class DrawingPad(StripView, can_focus=True):
    """Shows a canvas, a pixel in two cells or in half a cell, and draws on it."""

    HELP = (
        "Drag with the mouse to draw, with the right button to erase. With keys: arrows or hjkl move, space lowers or "
        "lifts the pen, 0 the eraser, u undoes the newest stroke, delete clears the pad."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *ARROWS,
        Binding("space", "pen('down')", "pen", tooltip="lower or lift the pen"),
        Binding("0", "pen('erase')", "eraser", tooltip="lower or lift the eraser"),
        Binding("u,backspace", "undo", "undo", key_display="u", tooltip="undo the newest stroke"),
        Binding("delete", "clear", "clear", key_display="del", tooltip="clear the pad"),
    ]

    cursor: reactive[tuple[int, int]] = reactive((0, 0))
    """Column and row of the pixel under the pen."""
    pen: reactive[Pen] = reactive("up")

    class Drawn(Message):
        """The drawing has changed."""

    class PenChanged(Message):
        """The pen was put down or lifted."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.canvas: DrawingCanvas | None = None
        self._dragged: Point | None = None
        self._erases = False
        self._keys: list[bool] = []
        """The keys that applied at the last drawing."""

    def set_canvas(self, height: int, width: int, ink: bytes | None = None) -> None:
        """Use a canvas of that size, with the drawing `ink` if it is given."""
        if self.canvas is None or (self.canvas.height, self.canvas.width) != (height, width):
            self.canvas = DrawingCanvas(height, width)
            self.cursor, self.pen = (width // 2, height // 2), "up"
        if ink is not None:
            self.canvas.put(ink)
            self.pen = "up"
        self._paint()

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        canvas = self.canvas
        if action == "undo":
            return canvas is not None and canvas.can_undo
        if action == "clear":
            return canvas is not None and not canvas.is_empty
        return canvas is not None if action == "pen" else True

    def action_move(self, across: int, down: int) -> None:
        """Move the pen; draw if it is down."""
        if self.canvas is None:
            return
        before = self.cursor
        after = (
            min(self.canvas.width - 1, max(0, before[0] + across)),
            min(self.canvas.height - 1, max(0, before[1] + down)),
        )
        self.cursor = after
        if self.pen != "up" and after != before:
            self._line(before, after, erases=self.pen == "erase")

    def action_pen(self, pen: Pen) -> None:
        """Put the pen or the eraser down, or lift it if it is down."""
        if self.canvas is None:
            return
        self.pen = "up" if self.pen == pen else pen
        if self.pen != "up":
            self.canvas.begin()
            self._line(self.cursor, self.cursor, erases=self.pen == "erase")

    def action_undo(self) -> None:
        """Undo the newest stroke."""
        self._change(DrawingCanvas.undo)

    def action_clear(self) -> None:
        """Erase everything."""
        self._change(DrawingCanvas.clear)

    def _change(self, change: Callable[[DrawingCanvas], None]) -> None:
        if self.canvas is not None:
            self.pen = "up"
            change(self.canvas)
            self._paint()
            self.post_message(self.Drawn())

    # mouse

    def on_mouse_down(self, event: MouseDown) -> None:
        """Start a stroke."""
        if self.canvas is None or event.button not in (LEFT, RIGHT):
            return
        self.focus()
        self.capture_mouse()
        self._erases = event.button == RIGHT or self.pen == "erase"
        if self.pen == "down":
            self.pen = "up"
        self.canvas.begin()
        self._drag(event)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Continue the stroke."""
        if self._dragged is not None:
            self._drag(event)

    def on_mouse_up(self, event: MouseUp) -> None:
        """End the stroke."""
        if self._dragged is not None:
            self._dragged = None
            self.release_mouse()

    def _drag(self, event: MouseEvent) -> None:
        canvas = self.canvas
        if canvas is None:
            return
        x, y = event.x - self.gutter.left, event.y - self.gutter.top
        across, down = self._pixel_cells
        left, top = self._corner
        point = (left + (x + 0.5) / across - 0.5, top + (y + 0.5) * down - 0.5)
        start, self._dragged = self._dragged or point, point
        self.cursor = (
            min(canvas.width - 1, max(0, round(point[0]))),
            min(canvas.height - 1, max(0, round(point[1]))),
        )
        self._line(start, point, erases=self._erases)

    # drawing

    def _line(self, start: Point, end: Point, *, erases: bool) -> None:
        if self.canvas is not None:
            self.canvas.line(start, end, erases=erases)
            self._paint()
            self.post_message(self.Drawn())

    def watch_cursor(self) -> None:
        """Show the position of the pen."""
        self._paint()

    def watch_pen(self) -> None:
        """Show the state of the pen."""
        self._paint()
        self.post_message(self.PenChanged())

    @property
    def _pixel_cells(self) -> tuple[int, int]:
        """Columns per pixel, and pixels per line: 2 and 1 if they fit, else 1 and 2."""
        canvas, size = self.canvas, self.size
        roomy = canvas is not None and size.width >= 2 * canvas.width and size.height >= canvas.height
        return (2, 1) if roomy else (1, 2)

    @property
    def _corner(self) -> tuple[int, int]:
        """Column and row of the first visible pixel; if not all fit, the pixels around the cursor are visible."""
        if self.canvas is None:
            return 0, 0
        across, down = self._pixel_cells
        seen = max(1, self.size.width // across), max(1, self.size.height * down)
        sides = self.canvas.width, self.canvas.height
        left, top = (
            max(0, min(side - room, at - room // 2))
            for side, room, at in zip(sides, seen, self.cursor, strict=True)
        )
        return left, top - top % down

    def _paint(self) -> None:
        keys = [bool(self.check_action(action, ())) for action in ("undo", "clear", "pen")]
        if keys != self._keys:
            self._keys = keys
            self.refresh_bindings()
        self.draw_with(self._strips_of if self.canvas is not None else None)

    def _strips_of(self, width: int, height: int) -> Sequence[Strip]:
        import numpy as np

        from tui.charts.halfblock import picture_strips

        canvas = self.canvas
        if canvas is None:
            return []
        across, down = self._pixel_cells
        left, top = self._corner
        grey = np.frombuffer(bytes(canvas.ink), np.uint8).reshape(canvas.height, canvas.width)
        colours = np.repeat(grey[..., np.newaxis], 3, axis=2)
        x, y = self.cursor
        colours[y, x] = rgb(TONES[self.pen])
        shown = colours[top : top + height * down, left:]
        if across > 1:
            shown = shown.repeat(2, axis=0).repeat(2, axis=1)
        colourless = bool(self.app.no_color)
        strips = picture_strips(shown, colourless)
        if colourless and 0 <= (row := (y - top) // down) < len(strips):
            strips[row] = _marked(strips[row], (x - left) * across, SIGNS[self.pen])
        return strips


def _marked(strip: Strip, at: int, sign: str) -> Strip:
    """A line without colours with a sign in it."""
    from rich.segment import Segment
    from rich.style import Style

    text = strip.text
    return Strip([Segment(text[:at] + sign + text[at + 1 :], Style.null())], strip.cell_length)
