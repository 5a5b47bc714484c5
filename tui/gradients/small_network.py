"""A small network with its numbers on the drawing: activations at the units, weights at the lines, then gradients."""

from collections.abc import Iterator
from typing import NamedTuple

from textual.content import Content

from engine.glassbox.steps import LayerFlow
from tui.charts.network_map import Canvas
from tui.charts.tones import FAINT, MUTED
from tui.gradients.walk_moment import WalkMoment
from tui.gradients.walk_steps import COLOURS

LABEL = 7
"""Cells of a number."""
UNIT = LABEL + 4
"""Cells of a unit: its dot, its number and the gaps around them."""
LEAST_LINE = 5
"""Minimum cells of a line between two layers."""
POSITIVE, NEGATIVE = "$primary", "$accent"


class _Unit(NamedTuple):
    row: int
    labels: tuple[int, ...]
    """Rows of the weights of its lines, one per input, then that of its bias."""


def fits(moment: WalkMoment, width: int, height: int) -> bool:
    """Return True if the network can be drawn with all its numbers."""
    layers = moment.flow.layers
    if not layers or not all(layer.weights for layer in layers):
        return False
    across = UNIT + len(layers) * (LEAST_LINE + LABEL + UNIT)
    down = max(len(layer.weights) * (len(layer.weights[0]) + 1) for layer in layers)
    return across <= width and max(down, len(moment.flow.input)) + 1 <= height


def draw_small_network(moment: WalkMoment, width: int, height: int) -> list[Content]:
    """Return `height` lines of `width` cells; the network must fit, see `fits`."""
    canvas = Canvas(width, height)
    layers = moment.flow.layers
    line = min(36, (width - UNIT - len(layers) * (LABEL + UNIT)) // len(layers))
    left = (width - UNIT - len(layers) * (line + LABEL + UNIT)) // 2
    inputs = moment.flow.input
    rows = [2 + (i * 2 + 1) * (height - 2) // (2 * len(inputs)) for i in range(len(inputs))]
    canvas.write(left, 0, "input", _caption_style(moment, ""))
    for i, (row, value) in enumerate(zip(rows, inputs, strict=True)):
        canvas.write(left, row, f"x[{i}] {number(value)}"[: UNIT - 1], MUTED)
        canvas.write(left + UNIT, row, "●", "$secondary")
    x = left + UNIT
    for index, layer in enumerate(layers):
        outline = moment.started.layers[index]
        label_x = x + line
        units = _units(layer, height)
        canvas.write(
            label_x,
            0,
            f"{layer.name} {outline.activation}"[: width - label_x],
            _caption_style(moment, layer.name),
        )
        for k, unit in enumerate(units):
            _draw_unit(canvas, moment, layer, k, unit, (x, label_x), rows)
        x, rows = label_x + LABEL + UNIT - 1, [unit.row for unit in units]
    return canvas.lines()


def _draw_unit(
    canvas: Canvas,
    moment: WalkMoment,
    layer: LayerFlow,
    k: int,
    unit: _Unit,
    xs: tuple[int, int],
    sources: list[int],
) -> None:
    """Draw a unit, the lines that lead to it, and their numbers; xs: of the sources' dots and of the labels."""
    shows_gradients = moment.is_backward and layer.name in moment.gradients
    values = layer.weight_gradients[k] if shows_gradients else layer.weights[k]
    here = moment.step.layer == layer.name
    start, label_x = xs
    for source, row, value in zip(sources, unit.labels, values, strict=False):
        canvas.line(start + 1, source, label_x - 1, row)
        style = COLOURS["backward"] if shows_gradients else POSITIVE if (value or 0) >= 0 else NEGATIVE
        canvas.write(label_x, row, number(value), f"bold {style}" if here else style)
    if len(unit.labels) > len(values) and layer.biases and not shows_gradients:
        canvas.write(label_x - 2, unit.labels[-1], f"b {number(layer.biases[k])}", FAINT)
    dot = label_x + LABEL
    is_known = layer.name in moment.outputs
    canvas.write(dot, unit.row, "●" if is_known else "○", COLOURS[moment.step.kind] if here else MUTED)
    if shows_gradients:
        canvas.write(dot + 2, unit.row, number(layer.gradients[k]), f"bold {COLOURS['backward']}")
    elif is_known:
        canvas.write(dot + 2, unit.row, number(layer.outputs[k]), "bold" if here else "")


def _units(layer: LayerFlow, height: int) -> list[_Unit]:
    """Return the rows of a layer's units: one per input, one for the bias, and gaps where there is room."""
    n, inputs = len(layer.weights), len(layer.weights[0])
    each = inputs + 1
    gap = min(1, (height - 1 - n * each) // max(1, n))
    top = 1 + max(0, (height - 1 - n * (each + gap)) // 2)
    units = []
    for k in range(n):
        first = top + k * (each + gap)
        units.append(_Unit(first + (inputs - 1) // 2, tuple(range(first, first + each))))
    return units


def _caption_style(moment: WalkMoment, name: str) -> str:
    here = moment.step.layer == name and (name != "" or moment.step.kind == "forward")
    return f"bold {COLOURS[moment.step.kind]}" if here else MUTED


def number(value: float | None) -> str:
    """Return a number in at most `LABEL` cells: 0.598, −1.2e−5, NaN."""
    if value is None or value != value:
        return "NaN"
    for text in _candidates(value):
        if len(text) <= LABEL:
            return text
    return "∞" if value > 0 else "−∞"


def _candidates(value: float) -> Iterator[str]:
    if value == 0:
        yield "0"
    if 1e-3 <= abs(value) < 1e5:
        for digits in (4, 3, 2, 1):
            yield f"{value:.{digits}g}".replace("-", "−") if "e" not in f"{value:.{digits}g}" else "x" * 99
    for digits in (2, 1, 0):
        yield (
            f"{value:.{digits}e}".replace("e-0", "e-")
            .replace("e+0", "e")
            .replace("e+", "e")
            .replace("-", "−")
        )
