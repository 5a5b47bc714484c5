"""Charts of a unit: its most and least activating samples, and its output over the plane."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from tui.inspect.rasters import pixels
from tui.inspect.territory_map import plane_strips
from tui.widgets.strips import text_strip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.inspection import Raster
    from engine.inspection.unit_samples import SampleResponse
    from engine.inspection.views.units import UnitPlane, Units

ENOUGH = 5
"""Samples that should fit before they are drawn larger."""
GAP = 2
EDGE = 215
"""Grey of the line z = 0."""
NAME = 10
_DIM = Style(dim=True)


def sample_strips(
    samples: "Sequence[SampleResponse]", value_name: str, width: int, height: int, *, colourless: bool
) -> Sequence[Strip]:
    """Return samples as images above their class and value, or as lines with their features."""
    if not samples:
        return [text_strip("no sample with a finite value", width, _DIM)]
    if samples[0].picture is None:
        return sample_lines(samples, value_name, width)
    import numpy as np

    from tui.charts.gallery import gallery_strips, plan_gallery

    images = np.stack([pixels(one.picture) for one in samples if one.picture is not None])
    plan = plan_gallery(len(samples), images.shape[1:3], width, height, ENOUGH)
    labels = [f"{one.truth[: max(1, plan.width - 5)]} {one.value:.3g}" for one in samples]
    return gallery_strips(images, labels, plan, width, -1, colourless)


def sample_lines(samples: "Sequence[SampleResponse]", value_name: str, width: int) -> list[Strip]:
    """Return a line per sample: its value, its target, its features."""
    lines = [text_strip(f"{value_name:>9}  {'true':<{NAME}}  features", width, _DIM)]
    for one in samples:
        features = "  ".join("NaN" if value is None else f"{value:.3g}" for value in one.features[:12])
        text = f"{one.value:>9.4g}  {one.truth[:NAME]:<{NAME}}  {features}"
        lines.append(text_strip(text, width, Style.null()))
    return lines


def map_pixels(room: Size, *, has_edits: bool, colourless: bool) -> dict[str, int]:
    """Return the `columns` and `rows` of pixels that each map of the plane has in `room`, in cells.

    One line is left for the names; a cell shows two pixels, one above the other, or a single one without colours.
    """
    count = map_count(has_edits, room.width)
    rows = max(2, room.height - 1)
    return {
        "columns": max(8, (room.width - GAP * count) // count),
        "rows": rows if colourless else 2 * rows,
    }


def map_count(has_edits: bool, width: int) -> int:
    """Return the number of maps side by side: the unit, the network and, if it fits, the network without edits."""
    return 3 if has_edits and width >= 54 else 2


def maps_strips(answer: "Units", width: int, height: int, *, colourless: bool) -> list[Strip]:
    """Return maps of the unit's and the network's output over the plane, side by side, each above its name."""
    plane = answer.plane
    if plane is None:
        return []
    named = [(f"unit {answer.unit}", _own_strips(plane, colourless))]
    if plane.network is not None:
        name = "network" if plane.network_before is None else "edited network"
        named.append((name, plane_strips(plane.network, smooth=False, colourless=colourless)))
    if plane.network_before is not None and map_count(True, width) == 3:
        named.append(("as trained", plane_strips(plane.network_before, smooth=False, colourless=colourless)))
    gap = Strip.blank(GAP, Style.null())
    rows = zip(*(strips for _, strips in named), strict=True)
    lines = [Strip.join([part for strip in row for part in (strip, gap)]) for row in rows]
    names = [text_strip(name, strips[0].cell_length, _DIM) for name, strips in named]
    lines.append(Strip.join([part for name in names for part in (name, gap)]))
    return lines


def _own_strips(plane: "UnitPlane", colourless: bool) -> list[Strip]:
    """A map of z over the plane: orange below 0, blue above, with a light line between."""
    from tui.charts.halfblock import picture_strips
    from tui.charts.signed import map_strips, signed_pixels

    levels = pixels(plane.z)
    if colourless:
        return map_strips(levels, plane.z.width, plane.z.height, colourless=True)
    coloured = signed_pixels(levels)
    coloured[zero_line(plane.z)] = EDGE
    return picture_strips(coloured)


def zero_line(z: "Raster") -> "NDArray[np.bool_]":
    """Return a mask (H, W) of the positive pixels that have a neighbour of the other sign."""
    import numpy as np

    from tui.charts.signed import ZERO

    above = pixels(z) > ZERO
    line = np.zeros_like(above)
    line[:, 1:] |= above[:, 1:] & ~above[:, :-1]
    line[:, :-1] |= above[:, :-1] & ~above[:, 1:]
    line[1:] |= above[1:] & ~above[:-1]
    line[:-1] |= above[:-1] & ~above[1:]
    return line
