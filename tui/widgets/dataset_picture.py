"""What the samples of a dataset look like: pictures, points, a curve, a truth table."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import ContentSwitcher, Static

from tui.theme import BLUE, MARKS, SERIES, rgb
from tui.widgets.image_grid import ImageGrid
from tui.widgets.loss_plot import LossPlot
from tui.widgets.scatter import Scatter

if TYPE_CHECKING:
    from textual.content import Content

    from engine.data import Preview


class DatasetPicture(Container):
    """Shows a `Preview` from the engine in the way that suits its kind, or a message in its place."""

    DEFAULT_CSS = """
    DatasetPicture ContentSwitcher { height: 1fr; }
    DatasetPicture #words { height: 1fr; content-align: center middle; text-align: center; color: $text-muted; }
    DatasetPicture #table { height: 1fr; content-align: center middle; }
    """

    def compose(self) -> ComposeResult:
        with ContentSwitcher(initial="words"):
            yield Static(id="words", markup=False)
            yield Static(id="table")
            yield ImageGrid(id="pictures")
            yield Scatter(id="points")
            yield LossPlot(id="curve")

    def say(self, words: str) -> None:
        """Show words in place of data."""
        self.border_subtitle = ""
        self.query_one("#words", Static).update(words)
        self.query_one(ContentSwitcher).current = "words"

    def show(self, preview: "Preview") -> None:
        """Show the samples."""
        self.border_subtitle = ""
        self.query_one(ContentSwitcher).current = self._show(preview)

    def _show(self, preview: "Preview") -> str:
        """Give the samples to the widget that suits them; return its id."""
        if preview.images is not None:
            names = preview.info.class_names
            labels = (
                [names[y] for y in preview.y.tolist()]
                if names
                else [f"{y:.3g}" for y in preview.y[:, 0].tolist()]
            )
            self.query_one(ImageGrid).show(preview.images, labels)
            return "pictures"
        if preview.points is None:
            self.query_one("#words", Static).update("nothing to see")
            return "words"
        if preview.info.kind == "gate":
            self.query_one("#table", Static).update(truth_table(preview))
            return "table"
        if preview.info.kind == "curve":
            self._show_curve(preview)
            return "curve"
        self._show_points(preview)
        return "points"

    def _show_curve(self, preview: "Preview") -> None:
        from tui.charts.curves import Series

        if preview.points is not None:
            plot = self.query_one(LossPlot)
            plot.grow = False
            x, y = preview.points[:, 0], preview.y.reshape(len(preview.points), -1)[:, 0]
            plot.show([Series("y over x", rgb(BLUE), x.tolist(), y.tolist(), line=False)])

    def _show_points(self, preview: "Preview") -> None:
        import numpy as np

        from tui.charts.levels import SEQUENTIAL, levels

        if preview.points is None:
            return
        points = np.column_stack([preview.points, np.zeros(len(preview.points))])[
            :, :2
        ]  # (k, 2), of any n_features
        self.border_subtitle = _ranges(points, preview.info.n_features)
        if preview.info.class_names:
            self.query_one(Scatter).show(points, preview.y)
        else:
            bands = levels(preview.y.reshape(len(points), -1)[:, 0], len(SEQUENTIAL))
            self.query_one(Scatter).show(points, bands, marks=SEQUENTIAL.shades, colours=SEQUENTIAL.colours)


def _ranges(points: "object", n_features: int) -> str:
    import numpy as np

    array = np.asarray(points)
    if not len(array):
        return ""
    parts = []
    for i, name in enumerate(("x₁ →", "x₂ ↑")[: min(2, n_features)]):
        parts.append(f"{name} {array[:, i].min():.2g} … {array[:, i].max():.2g}")
    more = f" · the first 2 of {n_features:,} features" if n_features > 2 else ""
    return "   ".join(parts) + more


def truth_table(preview: "Preview") -> "Content":
    """Return the rows of a gate: two inputs, the output, the class."""
    from textual.content import Content

    lines = [Content.styled(" x₁   x₂  │  y    ", "bold"), Content.styled("──────────┼──────", "dim")]
    rows = zip([] if preview.points is None else preview.points.tolist(), preview.y.tolist(), strict=True)
    for (x1, x2), y in rows:
        values = f"  {x1:.0f}    {x2:.0f}  │  {y}  "
        lines.append(Content.assemble(values, (f"{MARKS[y % len(MARKS)]}  ", SERIES[y % len(SERIES)])))
    return Content("\n").join(lines)
