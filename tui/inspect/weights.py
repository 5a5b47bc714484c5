"""The weights view: an image per unit if the input is an image, else a map of the tensor."""

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from tui.charts.tones import MUTED
from tui.inspect.picture_grid import PictureGrid
from tui.inspect.rasters import pixels
from tui.inspect.view import InspectView
from tui.widgets.strips import StripView
from tui.words.figures import figure, percent

if TYPE_CHECKING:
    from engine.inspection.views.weights import Weights


class WeightsView(InspectView):
    """Shows one tensor at a time."""

    OWN_FOCUS = "#units"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "tensor(1)", "tensor", tooltip="the next tensor of the network"),
        Binding("T", "tensor(-1)", "tensor before", show=False, tooltip="the tensor before"),
        Binding("n", "scale", "scale", tooltip="a scale for each picture, or one for all"),
    ]
    DEFAULT_CSS = """
    WeightsView { padding: 0 1; }
    WeightsView #tensor, WeightsView #scale { text-wrap: nowrap; text-overflow: ellipsis; }
    WeightsView #tensor { height: 2; }
    WeightsView #units { height: 1fr; }
    WeightsView #weight-map { height: 1fr; display: none; }
    WeightsView.-map #units { display: none; }
    WeightsView.-map #weight-map { display: block; }
    WeightsView #scale { height: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._tensor = 0
        self._count = 1
        self._shares_scale = True
        self._answer: Weights | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="tensor")
        yield PictureGrid(enough=32, id="units")
        yield StripView(id="weight-map")
        yield Static(id="scale")

    @property
    def options(self) -> dict[str, Any]:
        """The chosen tensor."""
        return {"tensor": self._tensor}

    def action_tensor(self, by: int) -> None:
        """Go to another tensor, wrapping around."""
        self._tensor = (self._tensor + by) % self._count
        self.request_answer()

    def action_scale(self) -> None:
        """Switch between one scale for all images and one for each."""
        self._shares_scale = not self._shares_scale
        self._write()

    def show(self, answer: "Weights") -> None:
        """Show a tensor."""
        self._answer, self._count = answer, len(answer.tensors)
        grid, is_map = self.query_one(PictureGrid), answer.map is not None
        if is_map and grid.has_focus:
            self.focus()  # a hidden widget loses the focus
        self.set_class(is_map, "-map")
        if not is_map and self.has_focus:
            grid.focus()
        self._write()

    def on_picture_grid_moved(self) -> None:
        """Describe the marked unit."""
        self._say()

    def _write(self) -> None:
        answer = self._answer
        if answer is None:
            return
        if answer.map is not None:
            levels, colourless = pixels(answer.map.cells), self.is_colourless
            levels = levels.T if is_turned(answer) else levels

            def draw(width: int, height: int) -> list[Strip]:
                from tui.charts.signed import map_strips

                return map_strips(levels, width, height, colourless)

            self.query_one("#weight-map", StripView).draw_with(draw)
        else:
            self._show_units(answer)
        self._say()

    def _show_units(self, answer: "Weights") -> None:
        import numpy as np

        from tui.charts.signed import signed_greys, signed_pixels

        paint = signed_greys if self.is_colourless else signed_pixels
        largest = max((one.reach for one in answer.pictures), default=0.0) or 1.0
        drawn = [
            paint(pixels(one.picture), one.reach / largest if self._shares_scale else 1.0)
            for one in answer.pictures
        ]
        labels = [f"{one.unit}" for one in answer.pictures]
        self.query_one(PictureGrid).show(np.stack(drawn) if drawn else None, labels, self.is_colourless)

    def _say(self) -> None:
        answer = self._answer
        if answer is not None:
            words = f"{answer.words}{_orientation(answer)}"
            lines = [Content.styled(self._head(answer), "bold"), Content.styled(words, MUTED)]
            self.query_one("#tensor", Static).update(Content("\n").join(lines), layout=False)
            self.query_one("#scale", Static).update(self._scale(answer), layout=False)

    def _head(self, answer: "Weights") -> str:
        tensor = answer.tensors[answer.tensor]
        shape = " × ".join(f"{size:,}" for size in tensor.shape)
        broken = f" · {tensor.broken:,} NaN or infinite" if tensor.broken else ""
        return (
            f"{tensor.name}  {shape} ({answer.tensor + 1} of {len(answer.tensors)}){broken} · "
            f"mean {figure(tensor.mean, 2)} · std {figure(tensor.std, 2)} · {percent(tensor.near_zero)} near 0"
        )

    def _scale(self, answer: "Weights") -> Content:
        from tui.charts.signed import legend

        grid = self.query_one(PictureGrid)
        if answer.map is not None:
            rows, columns = answer.map.block
            cell = f"   a cell is the largest of {rows} × {columns} weights" if rows * columns > 1 else ""
            return Content.assemble(*legend(answer.map.reach, self.is_colourless), (cell, MUTED))
        if not answer.pictures:
            return Content("")
        one = answer.pictures[min(grid.cursor, len(answer.pictures) - 1)]
        largest = max(unit.reach for unit in answer.pictures)
        reach = largest if self._shares_scale else one.reach
        scale = "one scale for all" if self._shares_scale else "a scale each"
        words = f"   {scale}   unit {one.unit}: norm {figure(one.norm, 3)}, largest {one.reach:.3g}"
        return Content.assemble(*legend(reach, self.is_colourless, as_greys=True), (words, MUTED))


def is_turned(answer: "Weights") -> bool:
    """Return True if a map is drawn transposed, with units as columns, since it is higher than wide."""
    return answer.map is not None and answer.map.cells.height > answer.map.cells.width


def _orientation(answer: "Weights") -> str:
    if answer.map is None or len(answer.tensors[answer.tensor].shape) < 2:
        return ""
    return (
        " A column is a unit, a row an input."
        if is_turned(answer)
        else " A row is a unit, a column an input."
    )
