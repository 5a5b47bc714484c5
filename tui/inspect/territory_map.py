"""The decision map of a boundary answer: regions, samples and legend."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.strip import Strip

from tui.inspect.rasters import pixels
from tui.theme import MARKS

if TYPE_CHECKING:
    from engine.inspection.views.boundary import Boundary, Plane
    from tui.charts.territory import Sample


def map_strips(answer: "Boundary", plane: "Plane", *, smooth: bool, colourless: bool) -> list[Strip]:
    """Return strips of the map with its samples."""
    return plane_strips(plane, list(placed(answer, plane)), smooth=smooth, colourless=colourless)


def plane_strips(
    plane: "Plane", samples: "Sequence[Sample]" = (), *, smooth: bool, colourless: bool
) -> list[Strip]:
    """Return strips of the network's output over the plane, with samples drawn over it."""
    from tui.charts import territory

    levels = pixels(plane.levels)
    if plane.classes is None:
        if colourless:
            return territory.shaded_strips(territory.shade_values(levels), samples)
        return territory.ground_strips(territory.value_tones(levels, smooth=smooth), samples)
    classes = pixels(plane.classes)
    if colourless:
        return territory.shaded_strips(territory.shade_classes(classes, levels), samples)
    return territory.ground_strips(territory.class_tones(classes, levels, smooth=smooth), samples)


def placed(answer: "Boundary", plane: "Plane") -> "list[Sample]":
    """Return the samples at their places on the map."""
    from tui.charts.territory import WRONG_MARK, Sample, class_mark, value_colour

    (left, right), (low, high) = plane.x_range, plane.y_range
    samples = []
    for point in answer.points:
        across, down = (point.x - left) / (right - left), (high - point.y) / (high - low)
        if plane.classes is None:
            span = plane.high - plane.low or 1.0
            samples.append(Sample(across, down, value_colour((point.truth - plane.low) / span), "●"))
        else:
            colour, mark = class_mark(int(point.truth))
            samples.append(Sample(across, down, colour, mark if point.right else WRONG_MARK))
    return samples


def legend_words(answer: "Boundary", plain: bool) -> list[str]:
    """Return the legend of marks, regions and axes, a line each.

    Args:
        plain: True if characters are drawn instead of colours.
    """
    from tui.charts.territory import GROUNDS

    plane = answer.plane
    if plane is None:
        return ["one feature: output over x₁"]
    (left, right), (low, high) = plane.x_range, plane.y_range
    axes = f"x₁ → {left:.2g} … {right:.2g}   x₂ ↑ {low:.2g} … {high:.2g}"
    if plane.classes is None:
        ends = (GROUNDS[1], GROUNDS[-1]) if plain else ("dark", "bright")
        return [f"{axes}   value: {ends[0]} {plane.low:.3g} … {ends[1]} {plane.high:.3g}"]
    if not plain:
        return [f"{axes}   bright: confidence > 75 %"]
    signs = (
        f"{MARKS[i % len(MARKS)]} on {GROUNDS[1 + i % (len(GROUNDS) - 1)]}  {name}"
        for i, name in enumerate(answer.names[:10])
    )
    return ["   ".join([*signs, "✗ wrong", _blank_words(plane)]), axes]


def _blank_words(plane: "Plane") -> str:
    """Return what a blank means, and for which classes nothing is left blank."""
    from tui.charts.territory import hardly_confident

    classes = None if plane.classes is None else pixels(plane.classes)
    weak = [] if classes is None else hardly_confident(classes, pixels(plane.levels))
    if classes is None or not weak:
        return "blank: confidence < 75 %"
    if len(weak) == len(set(classes.ravel().tolist())):
        return "confidence mostly < 75 %"
    return "blank: confidence < 75 %, except where a class is mostly below it"
