"""The panels with a unit's samples and with the plane: what they have room for, and what is drawn into them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.strip import Strip

from tui.widgets.strips import StripView

if TYPE_CHECKING:
    from engine.inspection.unit_samples import SampleResponse
    from engine.inspection.views.units import Units


def map_pixels(room: Size, *, has_edits: bool, colourless: bool) -> dict[str, int]:
    """Return how many `columns` and `rows` of pixels each map of the plane has in `room`, in cells.

    A line is for the names; a cell holds two pixels, one above the other, or without colours a single one.
    """
    from tui.inspect.unit_charts import GAP, map_count

    count = map_count(has_edits, room.width)
    rows = max(2, room.height - 1)
    return {
        "columns": max(8, (room.width - GAP * count) // count),
        "rows": rows if colourless else 2 * rows,
    }


def draw_maps(panel: StripView, answer: "Units", *, colourless: bool) -> None:
    """Show the plane as the unit and the network see it; nothing where the data have none."""

    def draw(width: int, height: int) -> Sequence[Strip]:
        from tui.inspect.unit_charts import maps_strips

        return maps_strips(answer, width, colourless)

    panel.draw_with(draw)


def draw_samples(
    panel: StripView, samples: "Sequence[SampleResponse]", value_name: str, *, colourless: bool
) -> None:
    """Show samples with what the unit computes for them, which goes by `value_name`."""

    def draw(width: int, height: int) -> Sequence[Strip]:
        from tui.inspect.unit_charts import sample_strips

        return sample_strips(samples, value_name, width, height, colourless)

    panel.draw_with(draw)
