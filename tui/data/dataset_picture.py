"""Pictures of the samples of a dataset: images, points, a curve or a truth table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Static

from engine.words import counted
from tui.theme import BLUE, MARKS, SERIES, rgb
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from textual.content import Content
    from textual.strip import Strip

    from engine.data import Preview
    from tui.charts.halfblock import Pixels


_View = TypeVar("_View", bound=Widget)


class DatasetPicture(Container):
    """Shows a `Preview` in the form that suits its kind, or a message."""

    DEFAULT_CSS = """
    DatasetPicture > * { height: 1fr; }
    DatasetPicture > Static { content-align: center middle; text-align: center; }
    DatasetPicture > #words { color: $text-muted; }
    """

    def compose(self) -> ComposeResult:
        yield Static(id="words", markup=False)

    def show_message(self, words: str) -> None:
        """Show a message instead of samples."""
        self.border_subtitle = ""
        self._view("words", Static).update(words)

    def show(self, preview: "Preview") -> None:
        """Show the samples."""
        self.border_subtitle = ""
        if preview.images is not None:
            self._show_pictures(preview)
        elif preview.points is None:
            self.show_message("no picture for this kind of data")
        elif preview.info.kind == "gate":
            self._view("table", Static).update(gate(preview))
        elif preview.info.kind == "curve":
            self._show_curve(preview)
        else:
            self._show_points(preview)

    def _view(self, id: str, kind: type[_View]) -> _View:  # noqa: A002
        """Show only the child `id`, created at its first use, and return it."""
        for child in self.children:
            child.display = child.id == id
        found = self.query_children(f"#{id}").results(kind)
        view = next(iter(found), None) or kind(id=id)
        if not view.is_attached:
            self.mount(view)
        return view

    def _show_pictures(self, preview: "Preview") -> None:
        if preview.images is not None:
            self._view("pictures", ImageGrid).show(preview.images, _labels(preview))

    def _show_curve(self, preview: "Preview") -> None:
        from tui.charts.curves import Series
        from tui.widgets.loss_plot import LossPlot

        if preview.points is not None:
            plot = self._view("curve", LossPlot)
            plot.grow = False
            x, y = preview.points[:, 0], preview.y.reshape(len(preview.points), -1)[:, 0]
            plot.show([Series("y over x", rgb(BLUE), x.tolist(), y.tolist(), line=False)])

    def _show_points(self, preview: "Preview") -> None:
        import numpy as np

        from tui.charts.levels import levels
        from tui.charts.palettes import SEQUENTIAL

        if preview.points is None:
            return
        points = np.column_stack([preview.points, np.zeros(len(preview.points))])[
            :, :2
        ]  # (k, 2), of any n_features
        self.border_subtitle = _ranges(points, preview.info.n_features)
        if preview.info.class_names:
            self._view("points", Scatter).show(points, preview.y)
        else:
            bands = levels(preview.y.reshape(len(points), -1)[:, 0], len(SEQUENTIAL))
            self._view("points", Scatter).show(
                points, bands, marks=SEQUENTIAL.shades, colours=SEQUENTIAL.colours
            )


class ImageGrid(StripView):
    """Images in half blocks, as many as fit, each above its label; drawn in characters without colours."""

    def show(self, images: "Pixels", labels: Sequence[str] = ()) -> None:
        """Show `images`.

        Args:
            images: (k, H, W) grey or (k, H, W, 3), uint8.
            labels: a text per image, cut to its width; empty: no labels.
        """
        colourless = bool(self.app.no_color)

        def draw(width: int, height: int) -> "Sequence[Strip]":
            from tui.charts.halfblock import grid_strips

            return grid_strips(images, labels, width, height, colourless)

        self.draw_with(draw)


class Scatter(StripView):
    """Points in the plane, a mark and a colour per class."""

    def show(
        self,
        points: "ArrayLike",
        classes: "ArrayLike",
        *,
        marks: Sequence[str] = MARKS,
        colours: Sequence[str] = SERIES,
    ) -> None:
        """Show points (m, 2) of classes (m,); a point of a class below 0 is left out."""

        def draw(width: int, height: int) -> "Sequence[Strip]":
            from tui.charts.scatter import scatter_strips

            return scatter_strips(points, classes, width, height, marks, colours)

        self.draw_with(draw)


def _labels(preview: "Preview") -> list[str]:
    names = preview.info.class_names
    return [names[y] for y in preview.y.tolist()] if names else [f"{y:.3g}" for y in preview.y[:, 0].tolist()]


def _ranges(points: "object", n_features: int) -> str:
    import numpy as np

    array = np.asarray(points)
    if not len(array):
        return ""
    parts = []
    for i, name in enumerate(("x₁ →", "x₂ ↑")[: min(2, n_features)]):
        parts.append(f"{name} {array[:, i].min():.2g} … {array[:, i].max():.2g}")
    more = f" · the first 2 of {counted(n_features, 'feature')}" if n_features > 2 else ""
    return "   ".join(parts) + more


def gate(preview: "Preview") -> "Content":
    """Return the truth table of a logic gate and, beside it, its four cases as points of a plane."""
    from textual.content import Content

    points = [] if preview.points is None else preview.points.tolist()
    cases = {(round(x1), round(x2)): y for (x1, x2), y in zip(points, preview.y.tolist(), strict=True)}
    gap = Content("     ")
    pairs = zip(_truth_table(cases), _corners(cases), strict=True)
    return Content("\n").join(left + gap + right for left, right in pairs)


def _truth_table(cases: dict[tuple[int, int], int]) -> "list[Content]":
    from textual.content import Content

    lines = [Content.styled(" x₁   x₂  │  y    ", "bold"), Content.styled("──────────┼───────", "dim")]
    for x1, x2 in ((0, 0), (0, 1), (1, 0), (1, 1)):
        y = cases.get((x1, x2), 0)
        lines.append(Content.assemble(f"  {x1}    {x2}  │  {y}  ", _mark(y), " "))
    return [*lines, Content(" " * 18)]


def _corners(cases: dict[tuple[int, int], int]) -> "list[Content]":
    from textual.content import Content

    upper, lower = ([_mark(cases.get((x1, x2), 0)) for x1 in (0, 1)] for x2 in (1, 0))
    side = ("    │       │   ", "dim")
    return [
        Content(" x₂             "),
        Content.assemble("  1 ", upper[0], ("───────", "dim"), upper[1], "   "),
        Content.assemble(side),
        Content.assemble(side),
        Content.assemble("  0 ", lower[0], ("───────", "dim"), lower[1], "   "),
        Content("    0       1 x₁"),
        Content(" " * 16),
    ]


def _mark(y: int) -> tuple[str, str]:
    return MARKS[y % len(MARKS)], SERIES[y % len(SERIES)]
