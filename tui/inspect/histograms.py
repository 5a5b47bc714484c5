"""The histograms view: a layer's activations, weights and gradients, over axes that are fixed for all moments."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Grid
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from tui.charts.histogram import GUTTER
from tui.charts.tones import MUTED
from tui.inspect.layer_view import FEWEST, LayerView
from tui.inspect.layer_words import KINDS, SHORT, layer_line, outside_words
from tui.theme import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, YELLOW
from tui.widgets.strips import StripView
from tui.words.figures import figure

if TYPE_CHECKING:
    from engine.inspection.distributions import Distribution
    from engine.inspection.views.histograms import Histograms, LayerHistograms

COLOURS = {
    "pre_activation": SKY,
    "activation": BLUE,
    "weight": ORANGE,
    "bias": YELLOW,
    "weight_gradient": GREEN,
    "bias_gradient": PURPLE,
}
ROOMY = 50
"""Minimum columns of a histogram for its long name."""


class HistogramsView(LayerView):
    """Shows the histograms of one layer at a time."""

    DEFAULT_CSS = """
    HistogramsView #layer-line { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    HistogramsView #histogram-words { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    HistogramsView Grid { grid-size: 2 3; height: 1fr; }
    HistogramsView .cell { height: 1fr; padding: 0 1; }
    HistogramsView.-roomy .cell { border: round $border; }
    """

    def compose(self) -> ComposeResult:
        yield Static(id="layer-line")
        with Grid():
            for _ in KINDS:
                yield DistributionPanel(classes="cell")
        yield Static(id="histogram-words")

    def on_resize(self) -> None:
        """Request a bin per cell."""
        self.set_class(self.size.height >= 28, "-roomy")
        self.call_after_refresh(self.update_bins)

    @property
    def bins(self) -> int:
        """Bins of a histogram, one per cell."""
        return max(FEWEST, self.size.width // 2 - GUTTER - (4 if self.has_class("-roomy") else 1))

    def write(self) -> None:
        """Show the layer."""
        answer: Histograms = self.answer
        layer = answer.layers[self.position]
        self.query_one("#layer-line", Static).update(
            layer_line(layer, self.position, len(answer.layers)), layout=False
        )
        self.query_one("#histogram-words", Static).update(words_below(answer, log=self.is_log), layout=False)
        by_kind = {one.of: one for one in layer.distributions}
        for panel, kind in zip(self.query(DistributionPanel), KINDS, strict=True):
            panel.show(kind, by_kind.get(kind), log=self.is_log)


class DistributionPanel(StripView):
    """A histogram with its statistics above."""

    def show(self, kind: str, one: "Distribution | None", *, log: bool) -> None:
        """Show a distribution; None: not known."""

        def draw(width: int, height: int) -> Sequence[Strip]:
            from tui.charts.histogram import distribution_strips

            names = KINDS if width >= ROOMY else SHORT
            line = head_strip(names[kind], kind, one, width)
            if one is None:
                return [line]
            return [
                line,
                *distribution_strips(one.counts, one.axis, width, height - 1, COLOURS[kind], log=log),
            ]

        self.draw_with(draw)


def head_strip(words: str, kind: str, one: "Distribution | None", width: int) -> Strip:
    """Return the head of a histogram: name, mean, standard deviation, and the values outside its axis."""
    name = Segment(words, Style(color=COLOURS[kind], bold=True))
    if one is None:
        segments = [Segment("  needs data", Style(dim=True))]
    elif one.mean is None:
        segments = [Segment(f"  all {one.size:,} not finite (NaN or Inf)", Style(color=VERMILION))]
    else:
        figures = f"  {figure(one.mean, 3)} ± {figure(one.std, 3)}"
        room = width - cell_len(words) - len(figures)
        segments = [Segment(figures), Segment(outside_words(one, room), Style(dim=True))]
    return Strip([name, *segments]).adjust_cell_length(width, Style.null())


def words_below(answer: "Histograms", *, log: bool) -> Content:
    """Return the line below the histograms: their scale, their axes and their samples."""
    scale = "log scale" if log else "linear scale"
    axes = ", fixed axes (◂ ▸ out of range)" if answer.moments > 1 else ""
    return Content.styled(f"{scale}{axes}. {answer.words}", MUTED)


def summary_rows(layer: "LayerHistograms") -> list[tuple[str, ...]]:
    """Return a layer's distributions as rows of a table: name, statistics, a small histogram."""
    from tui.charts.bars import columns

    rows: list[tuple[str, ...]] = []
    for one in layer.distributions:
        most = max(one.counts, default=0) or 1
        picture = columns([count / most for count in one.counts])
        ends = f"{one.axis[0]:g} … {one.axis[1]:g}"
        outside = f"{100 * one.outside:.2g} %"
        rows.append((KINDS[one.of], figure(one.mean, 3), figure(one.std, 3), outside, ends, picture))
    return rows
