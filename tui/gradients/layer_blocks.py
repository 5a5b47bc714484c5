"""The layers of a large network as blocks of coloured cells, one per unit, which change with the step of a walk."""

import math
from collections.abc import Sequence

import numpy as np
from textual.content import Content

from engine.glassbox.steps import LayerFlow, LayerOutline, Values
from engine.words import counted
from tui.charts.palettes import DIVERGING
from tui.charts.signed import REACH, TONES, ZERO, signed_characters, signed_pixels
from tui.charts.tones import FAINT, MUTED
from tui.gradients.small_network import number
from tui.gradients.walk_moment import WalkMoment
from tui.gradients.walk_steps import COLOURS

BARS_UP_TO = 12
"""Units of the last layer that are shown as bars with their numbers."""
BARS = ((70, 24), (0, 10))
"""Width of the drawing from which the longest bar has a number of cells."""
GAP = 3
"""Cells between two layers, with the arrow."""
HEAD = 3
"""Lines above the blocks: name, kind, units."""


def draw_blocks(moment: WalkMoment, width: int, height: int, colourless: bool) -> list[Content]:
    """Return at most `height` lines of at most `width` cells."""
    room = height - HEAD
    outlines = moment.started.layers
    if room < 3 or width < 20:
        return []
    bar = next(cells for least, cells in BARS if width >= least + 14)
    shown = _shown(moment, width, room, bar)
    blocks = [_block(moment, i, room, bar, colourless) for i in shown]
    arrow = " ← " if moment.is_backward else " → "
    lines = []
    for y in range(height):
        parts: list[Content] = []
        for position, block in enumerate(blocks):
            between = arrow if y == HEAD + room // 2 else "   "
            lead = "" if position == 0 else between
            if position and shown[position] != shown[position - 1] + 1 and y == HEAD + room // 2:
                lead = " … "
            parts += [Content.styled(lead, MUTED), block[y]]
        lines.append(Content("").join(parts))
    if len(shown) < len(outlines):
        lines[-1] = Content.styled(
            f"{len(shown)} of {counted(len(outlines), 'layer')}, those near this step", MUTED
        )
    return lines


def _shown(moment: WalkMoment, width: int, room: int, bar: int) -> list[int]:
    """Return the layers that fit, those nearest to the step's first."""
    outlines = moment.started.layers
    here = next((i for i, one in enumerate(outlines) if one.name == moment.step.layer), None)
    if here is None:
        here = 0 if moment.step.kind == "forward" else len(outlines) - 1
    chosen: list[int] = []
    used = 0
    for i in sorted(range(len(outlines)), key=lambda i: (abs(i - here), i)):
        needed = _width(outlines[i], _is_last(moment, i), room, bar) + GAP
        if used + needed - GAP > width and chosen:
            break
        chosen.append(i)
        used += needed
    return sorted(chosen)


def _is_last(moment: WalkMoment, i: int) -> bool:
    return i == len(moment.started.layers) - 1


def _cells(units: int, room: int) -> tuple[int, int, int]:
    """Return columns, rows and cells across per unit for a block of units."""
    rows = min(units, room)
    columns = math.ceil(units / rows)
    return columns, rows, 4 if columns <= 2 else 3 if columns <= 6 else 2 if columns <= 12 else 1


def _head(outline: LayerOutline) -> tuple[str, str, str]:
    kind = outline.activation if outline.kind == "dense" else outline.kind
    return outline.name, kind, counted(outline.n_out, "unit")


def _width(outline: LayerOutline, is_last: bool, room: int, bar: int) -> int:
    texts = max(map(len, _head(outline)))
    if is_last and outline.n_out <= min(BARS_UP_TO, room):
        return max(texts, 4 + bar + 9)
    columns, _, across = _cells(min(outline.n_out, 512), room)
    return max(texts, columns * across)


def _block(moment: WalkMoment, i: int, room: int, bar: int, colourless: bool) -> list[Content]:
    """Return the lines of one layer, all of its width."""
    outline, flow = moment.started.layers[i], moment.flow.layers[i]
    width = _width(outline, _is_last(moment, i), room, bar)
    here = moment.step.layer == outline.name or (
        not moment.step.layer and _is_last(moment, i) and moment.step.kind != "forward"
    )
    style = f"bold {COLOURS[moment.step.kind]}" if here else MUTED
    lines = [Content.styled(text.ljust(width), style) for text in _head(outline)]
    values = _values(moment, flow)
    if _is_last(moment, i) and outline.n_out <= min(BARS_UP_TO, room):
        lines += _bars(values, outline.n_out, width, bar, colourless)
    else:
        lines += _grid(values, min(outline.n_out, 512), room, width, colourless)
    return [*lines, *[Content(" " * width)] * (HEAD + room - len(lines))]


def _values(moment: WalkMoment, flow: LayerFlow) -> Values:
    """Return the values to show; empty: not computed yet."""
    if moment.is_backward and (flow.name in moment.gradients or moment.step.kind == "update"):
        return flow.gradients
    if moment.is_backward or flow.name not in moment.outputs:
        return ()
    return flow.outputs


def _grid(values: Values, units: int, room: int, width: int, colourless: bool) -> list[Content]:
    columns, rows, across = _cells(units, room)
    levels, characters = _levels(values, units)
    lines = []
    for y in range(rows):
        parts: list[tuple[str, str]] = []
        for x in range(columns):
            unit = x * rows + y
            if unit >= units:
                parts.append((" " * across, ""))
            elif not values:
                parts.append(("·" * across, FAINT))
            elif colourless:
                parts.append((str(characters[unit]) * across, ""))
            else:
                parts.append(("█" * across, levels[unit]))
        lines.append(_padded(parts, columns * across, width))
    return lines


def _bars(values: Values, units: int, width: int, bar: int, colourless: bool) -> list[Content]:
    largest = max((abs(value or 0.0) for value in values), default=0.0) or 1.0
    top = max(range(len(values)), key=lambda k: abs(values[k] or 0.0)) if values else -1
    lines = []
    for k in range(units):
        if not values:
            lines.append(_padded([(f"{k:>2} ", MUTED), ("·", FAINT)], 4, width))
            continue
        value = values[k] or 0.0
        cells = round(bar * abs(value) / largest)
        colour = "" if colourless else (TONES[-2] if value >= 0 else TONES[1])
        parts = [(f"{k:>2} ", MUTED), ("█" * cells + " " * (bar - cells), colour)]
        parts.append((f" {number(values[k])}".ljust(9), "bold" if k == top else ""))
        lines.append(_padded(parts, 3 + bar + 9, width))
    return lines


def _padded(parts: Sequence[tuple[str, str]], used: int, width: int) -> Content:
    return Content.assemble(*parts, " " * max(0, width - used))


def _levels(values: Values, units: int) -> tuple[list[str], Sequence[str]]:
    """Return a colour and a character per unit, relative to the layer's largest magnitude."""
    array = np.nan_to_num(np.array([value or 0.0 for value in values] or [0.0] * units))
    largest = float(np.abs(array).max()) or 1.0
    levels = np.rint(ZERO + REACH * array / largest).astype(np.uint8)
    colours = ["#{:02x}{:02x}{:02x}".format(*pixel) for pixel in signed_pixels(levels).tolist()]
    return colours, list(signed_characters(levels))


def scale_words(colourless: bool) -> Content:
    """Return the explanation of the colours."""
    if colourless:
        return Content.styled(
            f"scale per layer: {DIVERGING.shades[0]} negative, {DIVERGING.shades[-1]} positive", MUTED
        )
    return Content.assemble(
        ("scale per layer: ", MUTED),
        ("█", TONES[1]),
        (" negative  ", MUTED),
        ("█", TONES[-2]),
        (" positive", MUTED),
    )
