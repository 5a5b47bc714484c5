"""The views of a network's layers as text: histograms, activation functions, units and edits of their weights."""

import math
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from engine.errors import NntermError
from engine.words import counted
from tui.cli import output
from tui.cli.pictures import show_gallery, terminal_width, write_strips
from tui.cli.table import table
from tui.words.figures import figure, percent

if TYPE_CHECKING:
    from engine.inspection.unit_samples import SampleResponse
    from engine.inspection.views.activations import Activations
    from engine.inspection.views.histograms import Histograms
    from engine.inspection.views.units import Units

CHART_LINES = 6


class UnitChoice(msgspec.Struct, frozen=True):
    """The unit that `--units` shows, and the edits made on a copy of its weights."""

    layer: Annotated[
        int, typer.Option(metavar="N", help="With --units: the layer, counted from 0 among those with units.")
    ] = 0
    unit: Annotated[int, typer.Option(metavar="N", help="With --units: the unit of the layer, from 0.")] = 0
    weight: Annotated[
        list[str],
        typer.Option(metavar="I=V", help="With --units: set its I-th weight, or its bias, to V."),
    ] = []
    silence: Annotated[bool, typer.Option("--silence", help="With --units: disable the unit (output 0).")] = (
        False
    )

    def options(self, inputs: int) -> dict[str, Any]:
        """Return the options of the engine's view `units`.

        Args:
            inputs: number of the unit's weights, its bias not counted.

        Raises:
            NntermError: a `--weight` is not written as I=V, or names no weight of the unit.
        """
        edits = [_edit(text, self.layer, self.unit, inputs) for text in self.weight]
        if self.silence:
            edits.append({"layer": self.layer, "unit": self.unit})
        return {"layer": self.layer, "unit": self.unit, "edits": edits}


def _edit(text: str, layer: int, unit: int, inputs: int) -> dict[str, Any]:
    place, _, value = text.partition("=")
    place = place.strip()
    try:
        number = float(value)
        position = inputs if place == "bias" else int(place)
        if not math.isfinite(number):
            raise ValueError
    except ValueError:
        hint = "as in --weight 12=0.5 or --weight bias=0"
        raise NntermError(f'--weight "{text}" does not set a weight to a number', hint) from None
    if not (0 <= position < inputs or place == "bias"):
        hint = f"its weights are numbered from 0 to {inputs - 1:,}; the bias is called bias"
        raise NntermError(f"--weight {text}: unit {unit} has no weight {position}", hint)
    return {"layer": layer, "unit": unit, "input": position, "value": number}


def show_histograms(answer: "Histograms") -> None:
    """Write a table per layer: activations, weights and gradients, each with a small histogram."""
    from tui.inspect.histograms import summary_rows

    output.line(answer.words)
    for layer in answer.layers:
        heads = (
            f"{layer.name}, {layer.units:,} x {layer.activation}",
            "mean",
            "std",
            "outside",
            "axis",
            "",
        )
        output.show(table(heads, summary_rows(layer)))


def show_activations(answer: "Activations") -> None:
    """Write each layer's activation function in figures and words, on a terminal also as curves over its input."""
    output.line(f"over {counted(answer.samples, answer.split + ' sample')}")
    if output.is_live():
        from tui.inspect.activations import drawings, received_head

        for layer in answer.layers:
            output.line(f"{layer.name}: {layer.activation}")
            for selector, draw in drawings(layer, log=False).items():
                if selector == "#received":
                    output.line(received_head(layer, log=False).plain)
                write_strips(draw(terminal_width(), CHART_LINES))
    rows = [
        (
            layer.name,
            layer.activation,
            figure(layer.received.mean, 3),
            figure(layer.received.std, 3),
            percent(layer.flat),
            "-" if layer.idle is None else f"{layer.idle:,} of {layer.units:,}",
        )
        for layer in answer.layers
    ]
    output.show(table(("layer", "function", "mean z", "std z", "flat", "idle units"), rows, left=2))
    for layer in answer.layers:
        output.line(f"{layer.name}: {' '.join(layer.words)}")


def show_units(answer: "Units") -> None:
    """Write the samples that a unit responds to, its largest weights, and the effect of the edits."""
    layer = answer.layers[answer.layer]
    output.line(f"{layer.name}, unit {answer.unit:,} of {layer.units:,}: {' '.join(answer.words)}")
    for name, samples in (("most", answer.most), ("least", answer.least)):
        output.line(f"{name} activating {answer.split} samples")
        _show_samples(samples, answer.value_name)
    if not answer.silenced:
        output.show(table(("largest weights", "value", "was"), _weight_rows(answer)))
    if answer.effect is not None:
        from tui.inspect.effect_words import SAFE, effect_lines

        only = answer.unit if answer.silenced and answer.edits == 1 else None
        for line in effect_lines(answer.effect, only):
            output.line(line.plain)
        output.line(SAFE)


def _show_samples(samples: "tuple[SampleResponse, ...]", value_name: str) -> None:
    if output.is_live() and samples and samples[0].picture is not None:
        import numpy as np

        from tui.inspect.rasters import pixels

        images = np.stack([pixels(one.picture) for one in samples if one.picture is not None])
        show_gallery(images, [f"{one.truth[:6]} {one.value:.3g}" for one in samples])
        return
    rows: list[tuple[str, ...]] = [
        (
            f"{one.index:,}",
            one.truth,
            figure(one.value),
            "  ".join(figure(value, 3) for value in one.features[:6]),
        )
        for one in samples
    ]
    columns: tuple[str, ...] = ("sample", "true", value_name, "features")
    if not any(one.features for one in samples):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    output.show(table(columns, rows, left=2))


def _weight_rows(answer: "Units") -> list[tuple[str, ...]]:
    """Return the rows of the ten largest weights, edited ones first, and of the bias."""
    from tui.inspect.weight_words import place_words

    were = {change.input: change.was for change in answer.changed}
    values = [*answer.weights, answer.bias]
    order = sorted(range(len(answer.weights)), key=lambda i: (i not in were, -abs(values[i] or 0.0)))[:10]
    return [
        (place_words(answer, i), figure(values[i]), figure(were[i]) if i in were else "")
        for i in [*order, len(answer.weights)]
    ]
