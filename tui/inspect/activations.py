"""The activations view: a layer's activation function and its derivative above the histogram of its pre-activations."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.strip import Strip
from textual.widgets import Static

from engine.words import counted
from tui.charts.histogram import GUTTER
from tui.charts.tones import FAINT, MUTED
from tui.inspect.layer_view import FEWEST, LayerView
from tui.inspect.layer_words import layer_line, outside_words
from tui.theme import BLUE, ORANGE, SKY
from tui.widgets.strips import StripView
from tui.words.figures import figure

if TYPE_CHECKING:
    from engine.inspection.views.activations import Activations, LayerActivation

SIDE = 44
"""Columns of the list of layers."""
Draw = Callable[[int, int], Sequence[Strip]]


class ActivationsView(LayerView):
    """Shows one layer at a time, with its curves above its histogram."""

    DEFAULT_CSS = """
    ActivationsView { padding: 0 1; }
    ActivationsView Horizontal { height: 1fr; }
    ActivationsView #curves { width: 1fr; height: 1fr; }
    ActivationsView .head { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    ActivationsView StripView { height: 1fr; }
    ActivationsView #every { width: 44; height: 1fr; padding: 0 1; }
    ActivationsView.-narrow #every { display: none; }
    ActivationsView.-no-curve .-curve { display: none; }
    ActivationsView #activation-words { height: auto; max-height: 5; }
    """

    def compose(self) -> ComposeResult:
        yield Static(id="activation-layer", classes="head")
        with Horizontal():
            with Vertical(id="curves"):
                yield Static(classes="head -curve", id="value-head")
                yield StripView(classes="-curve", id="values")
                yield Static(classes="head -curve", id="slope-head")
                yield StripView(classes="-curve", id="slopes")
                yield Static(classes="head", id="received-head")
                yield StripView(id="received")
            yield Static(id="every", classes="panel")
        yield Static(id="activation-words")

    def on_mount(self) -> None:
        """Set the panel title."""
        self.query_one("#every").border_title = "all layers"

    def on_resize(self) -> None:
        """Hide the list of layers if it does not fit, and request a bin per cell."""
        self.set_class(self.size.width < 110, "-narrow")
        self.call_after_refresh(self.update_bins)

    @property
    def bins(self) -> int:
        """Bins of the histogram, one per cell."""
        side = 0 if self.has_class("-narrow") else SIDE
        return max(FEWEST, self.size.width - 2 - side - GUTTER)

    @property
    def options(self) -> dict[str, Any]:
        """A bin per cell, and two points of each curve per bin."""
        return {**super().options, "points": 2 * self.bins}

    def write(self) -> None:
        """Show the layer."""
        answer: Activations = self.answer
        layer = answer.layers[self.position]
        self.set_class(layer.curves is None, "-no-curve")
        line = Content.assemble(
            layer_line(layer, self.position, len(answer.layers)),
            (f"  {counted(answer.samples, answer.split + ' sample')}", FAINT),
        )
        name = layer.activation
        heads = {
            "#activation-layer": line,
            "#value-head": Content.assemble((f"{name}(z)", f"bold {BLUE}"), ("   output for z", MUTED)),
            "#slope-head": Content.assemble(
                (f"{name}′(z)", f"bold {ORANGE}"), ("   derivative: share of the gradient that passes", MUTED)
            ),
            "#received-head": received_head(layer, log=self.is_log),
            "#every": every_layer(answer, self.position),
        }
        for selector, words in heads.items():
            self.query_one(selector, Static).update(words, layout=False)
        self.query_one("#activation-words", Static).update(Content(" ".join(layer.words)))
        for selector, draw in drawings(layer, log=self.is_log).items():
            self.query_one(selector, StripView).draw_with(draw)


def drawings(layer: "LayerActivation", *, log: bool) -> dict[str, Draw]:
    """Return the drawing functions of a layer's charts by the selector of their widget."""

    def curve(values: Sequence[float | None], colour: str, shown: Sequence[float]) -> Draw:
        def draw(width: int, height: int) -> Sequence[Strip]:
            from tui.charts.function_plot import function_strips

            return function_strips(values, layer.received.axis, width, height, colour, shown)

        return draw

    def histogram(width: int, height: int) -> Sequence[Strip]:
        from tui.charts.histogram import distribution_strips

        one = layer.received
        return distribution_strips(one.counts, one.axis, width, height, SKY, log=log)

    curves = layer.curves
    drawn = (
        {"#values": curve(curves.values, BLUE, (0.0,)), "#slopes": curve(curves.slopes, ORANGE, (0.0, 1.0))}
        if curves
        else {}
    )
    return {**drawn, "#received": histogram}


def received_head(layer: "LayerActivation", *, log: bool) -> Content:
    """Return the head of the histogram."""
    one, name = layer.received, "z" if layer.curves is not None else "logits"
    if one.mean is None:
        return Content.assemble((name, f"bold {SKY}"), ("  all not finite (NaN or Inf)", "$text-error"))
    scale = "  log scale (n)" if log else ""
    figures = f"  {figure(one.mean, 3)} ± {figure(one.std, 3)}"
    words = "   pre-activations received" if layer.curves is not None else "   softmax input"
    return Content.assemble((name, f"bold {SKY}"), figures, (f"{words}{outside_words(one)}{scale}", MUTED))


def every_layer(answer: "Activations", current: int) -> Content:
    """Return a line per layer: its activation, the share of pre-activations at a slope near 0, and its idle units."""
    lines = [Content.styled(f"{'':2}{'layer':<11}{'function':<12}{'flat':>7}{'idle':>8}", FAINT)]
    for i, layer in enumerate(answer.layers):
        flat = "-" if layer.flat is None else f"{100 * layer.flat:.1f} %"
        idle = "-" if layer.idle is None else f"{layer.idle:,}"
        text = f"{'▸' if i == current else ' '} {layer.name[:10]:<11}{layer.activation[:11]:<12}{flat:>7}{idle:>8}"
        lines.append(Content.styled(text, "bold" if i == current else ""))
    about = "flat: share of z with a slope below 0.02; idle: units that are flat for every sample"
    return Content("\n").join([*lines, Content(""), Content.styled(about, MUTED)])
