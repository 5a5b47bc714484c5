"""The layer table of the Train screen: a row per layer, each statistic with its history and the doctor's verdict."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.actions import MOVE
from tui.charts.bars import columns, sparkline
from tui.theme import BLUE, GREEN, VERMILION, YELLOW
from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from engine.doctor.health import Health
    from tui.follow.layer_history import LayerHealth

HEADS = {
    "activation_mean": "mean activation",
    "activation_std": "std",
    "dead": "dead",
    "saturated": "saturated",
    "gradient_norm": "gradient norm",
    "weight_norm": "weight norm",
    "update_ratio": "update/weight",
}
"""Column head of each statistic."""
SHORT_HEADS = {
    **HEADS,
    "activation_mean": "mean",
    "saturated": "satur.",
    "gradient_norm": "gradient",
    "weight_norm": "weights",
    "update_ratio": "upd/wgt",
}
"""Column heads of at most 8 columns, for narrow tables."""
LEGEND = (
    "mean activation, std: of the outputs · dead: units always 0 · saturated: in the flat ends · "
    "update/weight: relative step, typical 1e-3"
)
"""Meaning of the columns; shown where there is room."""
SHARES = frozenset({"dead", "saturated"})
"""Statistics between 0 and 1, drawn on that scale."""
LOGARITHMIC = frozenset({"gradient_norm", "update_ratio"})
"""Statistics whose history has a logarithmic scale; 0 is a gap."""
SIGNS: "dict[Health | None, tuple[str, Style]]" = {
    "good": (" ", Style(color=GREEN)),
    "odd": ("▲", Style(color=YELLOW, bold=True)),
    "bad": ("✗", Style(color=VERMILION, bold=True)),
    None: (" ", Style.null()),
}
"""Mark and colour of each verdict; no verdict is shown by colour alone."""
CELL, VALUE = 9, 7
"""Columns of a cell (mark, value, gap), and of its value."""
NAME = 13
"""Minimum columns of a layer name."""
SPARK = 6
"""Minimum columns of a history beside its value; with fewer it is drawn below the value."""
_DIM, _FAINT, _COURSE = Style(dim=True), Style(color="#5f5f5f"), Style(color=BLUE)
_MARKED = Style(bold=True, reverse=True)


class HealthTable(StripView, can_focus=True):
    """The statistics of each layer, with a cursor; enter requests the details of a layer.

    `words` is shown until layers have been measured.
    """

    HELP = (
        "One row per layer, measured over at most 500 training samples: mean and standard deviation of its outputs, "
        "share of dead units (0 for every sample) and of saturated outputs, norms of the gradient and of the weights, "
        "and the size of the next update relative to the weights. Green is healthy, ▲ unusual, ✗ bad, by the thresholds "
        "of the doctor's rules; figures without a rule have no colour, and a dot means that a layer has no such figure."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", group=MOVE, show=False),
        Binding("down,j", "move(1)", "down", group=MOVE, show=False),
        Binding("enter", "choose", "histograms", tooltip="the distributions in this layer, on Inspect"),
    ]

    cursor: reactive[int] = reactive(0)
    """Position of the layer under the cursor."""
    words: reactive[str] = reactive("")
    """Shown without statistics: a sentence."""

    class Chosen(Message):
        """The user requests the details of the layer `name`."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._health: LayerHealth | None = None

    def show(self, health: "LayerHealth | None") -> None:
        """Show `health`; the cursor keeps its row if it still exists."""
        if health is self._health and health is not None:
            return
        n_before, self._health = self.n_layers, health
        self.cursor = max(0, min(self.n_layers - 1, self.cursor))
        self.draw_with(self._drawn)
        if self.n_layers != n_before:
            self.refresh(layout=True)
            self.refresh_bindings()

    @property
    def n_layers(self) -> int:
        """Number of layers shown."""
        return len(self._health.layers) if self._health else 0

    def watch_cursor(self) -> None:
        """Redraw with the new cursor."""
        self.draw_with(self._drawn)

    def watch_words(self) -> None:
        """Redraw; the wrapped text may need another height."""
        self.draw_with(self._drawn)
        self.refresh(layout=True)

    def on_focus(self) -> None:
        """Show the cursor."""
        self.draw_with(self._drawn)

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.draw_with(self._drawn)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show enter only if there are layers."""
        return self.n_layers > 0 if action == "choose" else True

    def action_move(self, by: int) -> None:
        """Move the cursor by `by` rows."""
        self.cursor = max(0, min(self.n_layers - 1, self.cursor + by))

    def action_choose(self) -> None:
        """Request the details of the layer under the cursor."""
        if self._health is not None:
            self.post_message(self.Chosen(self._health.layers[self.cursor].name))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the lines needed to show everything."""
        if self._health is None:
            return len(_wrapped(self.words, width))
        return 1 + self.n_layers * (1 if _spark_width(width) else 2) + self._legend_lines(width)

    def _legend_lines(self, width: int) -> int:
        """Lines of the legend: 1 in a wide table, 0 in a narrow one."""
        return int(self._health is not None and _spark_width(width) > 0)

    # drawing

    def _drawn(self, width: int, height: int) -> list[Strip]:
        health = self._health
        if health is None:
            return _wrapped(self.words, width)
        spark = _spark_width(width)
        lines = 1 if spark else 2  # of a layer
        has_legend = bool(self._legend_lines(width)) and height > 1 + self.n_layers
        shown = max(1, (height - 1 - has_legend) // lines)
        first = max(0, min(self.n_layers - shown, self.cursor - shown // 2))
        strips = [
            _head(width, max(CELL, CELL + spark), first, min(self.n_layers, first + shown), self.n_layers)
        ]
        courses = health.outline(spark - 1 if spark else CELL - 1).T  # (n_figures, n_layers, n_groups)
        for i in range(first, min(self.n_layers, first + shown)):
            is_here = self.has_focus and i == self.cursor
            strips += _row(health, i, courses[:, i].tolist(), width, spark, is_here=is_here)
        if has_legend:
            strips.append(_strip([Segment(f" {LEGEND}"[: width - 1], _FAINT)], width))
        return strips


def _spark_width(width: int) -> int:
    """Columns of a history beside its value; 0 if it does not fit there."""
    room = (width - NAME) // len(HEADS) - CELL
    return room if room >= SPARK else 0


def _head(width: int, cell: int, first: int, end: int, n: int) -> Strip:
    """The column heads, and the visible range of layers unless all are visible."""
    label = "layer" if end - first == n else f"{first + 1}–{end} of {n}"
    heads = HEADS if cell > max(map(len, HEADS.values())) else SHORT_HEADS
    cells = [head.rjust(VALUE + 1).ljust(cell) for head in heads.values()]
    left = width - cell * len(cells)
    return _strip([Segment(f" {label}".ljust(left) + "".join(cells), _DIM)], width)


def _row(
    health: "LayerHealth",
    i: int,
    outline: Sequence[Sequence[float]],
    width: int,
    spark: int,
    *,
    is_here: bool,
) -> list[Strip]:
    """A layer in one line, or in two if the histories do not fit beside the values.

    Args:
        outline: the history of each statistic.
    """
    layer, verdicts = health.layers[i], health.verdicts[i]
    cell = CELL + spark
    left = width - cell * len(HEADS)
    name = f"{'▸' if is_here else ' '}{layer.name.removeprefix('layers.')} {layer.kind} {layer.units}"
    values = [Segment(name[: left - 1].ljust(left), _MARKED if is_here else Style.null())]
    courses = [Segment(" " * left)]
    for figure, points in zip(HEADS, outline, strict=True):
        value, verdict = getattr(layer, figure), verdicts.get(figure)
        mark, style = SIGNS[verdict]
        is_there = value is not None or verdict == "bad"
        text = short_figure(figure, value) if is_there else "·"
        values.append(Segment(f"{mark}{text:>{VALUE}} ", style if is_there else _FAINT))
        course = _course(figure, points, spark - 1 if spark else CELL - 1)
        (values if spark else courses).append(Segment(f"{course} ", _COURSE))
    rows = [_strip(values, width)]
    return rows if spark else [*rows, _strip(courses, width)]


def short_figure(figure: str, value: float | None) -> str:
    """Return a value in at most 7 columns: shares in percent, others with two or three digits."""
    if value is None:
        return "NaN/∞"
    if figure in SHARES:
        return f"{100 * value:.3g} %"
    text = f"{value:.3g}"
    return text if len(text) <= VALUE else f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e+")


def _course(figure: str, values: Sequence[float], width: int) -> str:
    """A history as columns between its minimum and maximum; shares between 0 and 1."""
    if figure in LOGARITHMIC:
        return sparkline([math.log10(value) if value > 0 else math.nan for value in values], width)
    if figure not in SHARES:
        return sparkline(values, width)
    return columns([max(value, 1e-9) if value == value else 0.0 for value in values]).rjust(width)


def _wrapped(words: str, width: int) -> list[Strip]:
    from textwrap import wrap

    return [_strip([Segment(f" {line}", _DIM)], width) for line in wrap(words, max(10, width - 2))]


def _strip(segments: Sequence[Segment], width: int) -> Strip:
    return Strip(segments).adjust_cell_length(width)
