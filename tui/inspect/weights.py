"""The weights view: an image per unit if the input is an image, signed bars of a small tensor, else a map."""

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from tui.charts.signed_bars import fitting_half, signed_bar_strips
from tui.charts.tones import MUTED
from tui.inspect.picture_grid import PictureGrid
from tui.inspect.rasters import pixels
from tui.inspect.view import InspectView, previous_and_next
from tui.theme import SERIES, rgb
from tui.widgets.loss_plot import LossPlot
from tui.widgets.strips import StripView
from tui.words.figures import figure, percent

if TYPE_CHECKING:
    from engine.inspection.views.weights import Weights
    from tui.charts.curves import Series

WITH_PLANE = 118
"""Minimum columns for the plane of the weight vectors."""


class WeightsView(InspectView):
    """Shows one tensor at a time."""

    OWN_FOCUS = "#units"
    BINDINGS: ClassVar[list[BindingType]] = [
        *previous_and_next("tensor", "tensor"),
        Binding("n", "scale", "scale", tooltip="one scale for all pictures, or one for each; bars or a map"),
        Binding(
            "enter",
            "edit",
            "edit in Units",
            tooltip="open the unit in Units, where its weights can be edited",
        ),
    ]
    DEFAULT_CSS = """
    WeightsView { padding: 0 1; }
    WeightsView #tensor, WeightsView #scale { text-wrap: nowrap; text-overflow: ellipsis; }
    WeightsView #tensor { height: 2; }
    WeightsView #units { height: 1fr; }
    WeightsView #weight-rows { height: 1fr; }
    WeightsView #weight-map { width: 1fr; height: 1fr; display: none; }
    WeightsView #vectors { width: 70; height: 1fr; display: none; }
    WeightsView.-map #units { display: none; }
    WeightsView.-map #weight-map { display: block; }
    WeightsView.-vectors #vectors { display: block; }
    WeightsView #scale { height: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._tensor = 0
        self._count = 1
        self._shares_scale = True
        self._shows_bars = True
        self._first = 0
        """First unit of the bars that is visible."""
        self._answer: Weights | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="tensor")
        with Horizontal(id="weight-rows"):
            yield PictureGrid(enough=32, id="units")
            yield StripView(id="weight-map")
            with Container(id="vectors", classes="panel"):
                yield LossPlot()
        yield Static(id="scale")

    @property
    def options(self) -> dict[str, Any]:
        """The chosen tensor."""
        return {"tensor": self._tensor}

    def on_mount(self) -> None:
        """Set the axes of the plane."""
        self.query_one("#vectors").border_title = "weight vectors in the plane of x₁ and x₂"
        plot = self.query_one(LossPlot)
        plot.grow, plot.legend, plot.x_label = False, False, "weight of x₁; ↑ weight of x₂"

    def on_resize(self) -> None:
        """Show the plane of the weight vectors if it fits."""
        self._write()
        self.call_after_refresh(self._write)  # once the bars have their size

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        answer = self._answer
        if action == "tensor":
            return self._count > 1
        if action == "scale":
            return answer is not None and (bool(answer.values) or answer.map is None)
        if action == "edit":
            return answer is not None and self._layer_name(answer) != ""
        return True

    def _layer_name(self, answer: "Weights") -> str:
        """The layer of the tensor if its units can be edited."""
        name = answer.tensors[answer.tensor].name
        return name.rpartition(".")[0] if name.endswith((".weight", ".bias")) else ""

    def action_edit(self) -> None:
        """Open the selected unit in Units."""
        answer = self._answer
        if answer is None:
            return
        given: dict[str, Any] = {"layer": self._layer_name(answer), "unit": 0}
        if answer.pictures:
            given["unit"] = answer.pictures[
                min(self.query_one(PictureGrid).cursor, len(answer.pictures) - 1)
            ].unit
        self.post_message(self.GoTo("units", given, "weights"))

    def action_scroll_rows(self, by: int) -> None:
        """Scroll the bars."""
        rows = len(self._answer.values) if self._answer is not None and self._draws_bars else 0
        last = max(0, rows - self.query_one("#weight-map").size.height + 1)
        self._first = max(0, min(last, self._first + by))
        self._write()

    @property
    def _draws_bars(self) -> bool:
        """True if the tensor is drawn as signed bars."""
        answer = self._answer
        width = self.query_one("#weight-map").size.width or self.size.width
        return (
            answer is not None
            and self._shows_bars
            and bool(answer.values)
            and fitting_half(len(answer.inputs), width) > 0
        )

    def action_tensor(self, by: int) -> None:
        """Go to another tensor, wrapping around."""
        self._tensor, self._first = (self._tensor + by) % self._count, 0
        self.request_answer()

    def action_scale(self) -> None:
        """Switch between one scale for all images and one for each, or between bars and a map."""
        if self._answer is not None and self._answer.values:
            self._shows_bars = not self._shows_bars
        else:
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
        self.call_after_refresh(self._say)
        self.refresh_bindings()

    def on_picture_grid_moved(self) -> None:
        """Describe the marked unit."""
        self._say()

    def _write(self) -> None:
        answer = self._answer
        if answer is None or not self.size.width:
            return
        vectors = self._shows_bars and vector_series(answer)
        self.set_class(bool(vectors) and self.size.width >= WITH_PLANE, "-vectors")
        if vectors:
            self.query_one(LossPlot).show(vectors)
        if answer.map is not None and self._draws_bars:
            rows, names, first, plain = answer.values, answer.inputs, self._first, self.is_colourless
            tones = SERIES if vectors and not plain else ()

            def bars(width: int, height: int) -> list[Strip]:
                return signed_bar_strips(rows, names, width, height, first, colourless=plain, tones=tones)

            self.query_one("#weight-map", StripView).draw_with(bars)
        elif answer.map is not None:
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
            words = answer.words if self._draws_bars else f"{answer.words}{_orientation(answer)}"
            lines = [Content.styled(self._head(answer), "bold"), Content.styled(words, MUTED)]
            self.query_one("#tensor", Static).update(Content("\n").join(lines), layout=False)
            self.query_one("#scale", Static).update(self._scale(answer), layout=False)

    def _head(self, answer: "Weights") -> str:
        tensor = answer.tensors[answer.tensor]
        shape = " × ".join(f"{size:,}" for size in tensor.shape)
        broken = f" · {tensor.broken:,} not finite (NaN or Inf)" if tensor.broken else ""
        return (
            f"{tensor.name}  {shape} ({answer.tensor + 1} of {len(answer.tensors)}){broken} · "
            f"mean {figure(tensor.mean, 2)} · std {figure(tensor.std, 2)} · {percent(tensor.near_zero)} near 0"
        )

    def _scale(self, answer: "Weights") -> Content:
        from tui.charts.signed import legend

        grid = self.query_one(PictureGrid)
        if self._draws_bars:
            lines = self.query_one("#weight-map").size.height - 1
            hidden = "   ↑ ↓ scroll" if 0 < lines < len(answer.values) else ""
            return Content.styled(f"bars: one scale, full at ±{answer.reach:.3g}{hidden}   n: map", MUTED)
        if answer.map is not None:
            rows, columns = answer.map.block
            cell = f"   largest weight of {rows} × {columns} per cell" if rows * columns > 1 else ""
            cell += "   n: bars" if answer.values else ""
            return Content.assemble(*legend(answer.map.reach, self.is_colourless), (cell, MUTED))
        if not answer.pictures:
            return Content("")
        one = answer.pictures[min(grid.cursor, len(answer.pictures) - 1)]
        largest = max(unit.reach for unit in answer.pictures)
        reach = largest if self._shares_scale else one.reach
        scale = "one scale for all" if self._shares_scale else "one scale each"
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


def vector_series(answer: "Weights") -> "list[Series]":
    """Return a line from 0 to the two weights of each unit; empty if the units have other inputs."""
    from tui.charts.curves import Series

    if answer.inputs != ("x₁", "x₂"):
        return []
    known = [(i, row[0], row[1]) for i, row in enumerate(answer.values) if None not in row]
    return [
        Series(f"{i}", rgb(SERIES[i % len(SERIES)]), [0.0, x or 0.0], [0.0, y], smooth=False, valued=False)
        for i, x, y in known
    ]
